/** What of a report needs no network: its reason, and how long it waits. */
import type { Step } from './model.ts';

/** The cloud takes none that is older, ms. */
const KEPT_MS = 2 * 86_400_000;

export type Reason = 'not_possible' | 'not_going_in' | 'too_big' | 'blocked' | 'gave_up';

/** Why the stop is over, as the report says it: what the person was told or chose. */
export function reasonOf(word: Extract<Step, { at: 'no' }>['word']): Reason {
  if (word === 'not_here_today') return 'not_possible';
  return word === 'i_do_not_go_in' ? 'not_going_in' : word;
}

/** What is kept still: of the last two days. */
export function young<T extends { atMs: number }>(kept: T[], nowMs: number): T[] {
  return kept.filter(({ atMs }) => nowMs - atMs < KEPT_MS);
}
