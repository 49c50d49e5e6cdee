/** What a push becomes: a sentence without anything about a person, and where a press on it leads. */

// As text, which no page takes: the worker is one file, so that it shares no module with a page.
import text from '../words/notices.json?raw';

type Sentence = Record<'de' | 'en', string>;
const SENTENCES = JSON.parse(text) as { kinds: Record<string, Sentence>; other: Sentence };

/** Told about the past: leads to the visit. All others lead to the door, which shows a visit that is under way. */
const OVER = new Set(['secured', 'refused', 'missed', 'looked', 'incident', 'clip_expires']);
/** Stays on the screen until it is seen. */
const URGENT = new Set(['rang', 'arriving', 'alarm', 'incident']);
const VISIT = /^[0-9a-f]{32}$/;

export interface Notification {
  sentence: string;
  /** Part of the resident's address after `/`. */
  to: string;
  urgent: boolean;
  /** A later one of the same tag replaces it. */
  tag: string;
}

/** Whatever a push holds: browsers want every push shown. */
export function notification(payload: unknown, tag: string): Notification {
  const { kind, visit } = (payload ?? {}) as { kind?: unknown; visit?: unknown };
  const language = tag.toLowerCase().split('-')[0] === 'de' ? 'de' : 'en';
  const known = typeof kind === 'string' && Object.hasOwn(SENTENCES.kinds, kind) ? kind : null;
  const id = typeof visit === 'string' && VISIT.test(visit) ? visit : null;
  return {
    sentence: ((known && SENTENCES.kinds[known]) || SENTENCES.other)[language],
    to: known && OVER.has(known) ? (id ? `#/visits/${id}` : '#/visits') : '#/',
    urgent: known !== null && URGENT.has(known),
    tag: id ?? known ?? 'notice',
  };
}
