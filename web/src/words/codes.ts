/** What a code says, reactive. The data of the one table is `codes.json`: every refusal, alarm, mismatch, problem and trouble, and what a person is told. */
import type { Tag } from './format.ts';
import { table } from './table.svelte.ts';

export interface CodeRow {
  /** What it is; some codes are used for more than one. */
  kinds: string[];
  /** Who is shown it. */
  sees: string[];
  /** A few words for "Not opened: ...". */
  short?: { de: string; en: string };
  de: string;
  en: string;
  next: { de: string; en: string };
}

/** While the table is on its way. */
const COMING = { short: { de: '…', en: '…' }, de: '…', en: '…', next: { de: '', en: '' } };

/** For a code of a newer home or cloud than this page knows. */
const UNKNOWN = {
  short: { de: 'ein Grund, den diese Seite nicht kennt', en: 'a reason that this page does not know' },
  de: 'Etwas ist geschehen, das diese Seite nicht kennt.',
  en: 'Something happened that this page does not know.',
  next: { de: 'Lade die Seite neu. Bleibt es dabei, nenne die Kennung.', en: 'Reload the page. If it stays, tell us the reference.' },
};

function row(code: string): Omit<CodeRow, 'kinds' | 'sees'> {
  if (!table.rows) return COMING;
  return Object.hasOwn(table.rows, code) ? (table.rows[code] ?? UNKNOWN) : UNKNOWN;
}

export function codeSentence(code: string, tag: Tag): string {
  return row(code)[tag];
}

export function codeShort(code: string, tag: Tag): string {
  return (row(code).short ?? UNKNOWN.short)[tag];
}

export function codeNext(code: string, tag: Tag): string {
  return row(code).next[tag];
}
