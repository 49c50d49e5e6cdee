/** Stretches of time as permissions name them. */

/** From a moment until just before another, ms since 1970. */
export interface Span {
  fromMs: number;
  untilMs: number;
}

const DAY_MS = 86_400_000;

/** The longest time from the first to the last moment of one permission, ms. */
export const SPAN_MS_MAX = 92 * DAY_MS;
/** Most windows that one permission may name. */
export const WINDOWS_MAX = 128;

/** As it is signed, in whole seconds. */
export function seconds({ fromMs, untilMs }: Span): { from: number; until: number } {
  return { from: Math.floor(fromMs / 1_000), until: Math.floor(untilMs / 1_000) };
}

/** 0 is Monday. `shown`: a wall clock's time as if that were UTC. */
export function weekday(shown: number): number {
  return (new Date(shown).getUTCDay() + 6) % 7;
}
