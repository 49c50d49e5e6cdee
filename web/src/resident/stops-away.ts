/** "3 stops away" is news for half an hour; afterwards it is not known. */
import type { StopsAway } from './model.ts';

const NEWS_MS = 30 * 60_000;

export function isNews(said: StopsAway | null, nowMs: number): said is StopsAway {
  return said !== null && nowMs - said.saidMs < NEWS_MS;
}
