/** Whether a guest can go in now, and what is said if not: by the permission's own windows and what this phone did. */
import type { GuestVisit } from './model.ts';

/** A door that sees a phone for the first time waits this long for a second word, ms; a little more for its clock. */
const FIRST_WAIT_MS = 11 * 60_000;

export type Why = 'later' | 'over' | 'used' | 'revoked' | 'silent' | 'unknown' | 'soon';

/** Null: it can be tried now. */
export function whyNot(visit: GuestVisit, nowMs: number): Why | null {
  if (visit.whyNot === 'revoked' || visit.whyNot === 'grant_signer_gone') return 'revoked';
  const now = visit.windows.find(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs);
  if (!now) return visit.windows.some(({ fromMs }) => nowMs < fromMs) ? 'later' : 'over';
  const used = visit.openedMs.filter((ms) => now.fromMs <= ms && ms < now.untilMs).length;
  if (used >= visit.usesPerWindow || visit.whyNot === 'uses_spent') return 'used';
  if (visit.whyNot === 'home_offline') return 'silent';
  // The cloud's clock and this phone's may differ by a little: the door decides.
  const isClock = visit.whyNot === 'outside_window' || visit.whyNot === 'too_early';
  return visit.whyNot === null || isClock ? null : 'unknown';
}

/** What to say when the door itself said no: what is known, or that it is not known. */
export function refused(visit: GuestVisit, nowMs: number): Why {
  const why = whyNot(visit, nowMs);
  if (why !== null) return why;
  return nowMs - visit.sinceMs < FIRST_WAIT_MS ? 'soon' : 'unknown';
}

/** The next window that begins later. Null: none does. */
export function nextVisit(visit: GuestVisit, nowMs: number): { fromMs: number; untilMs: number } | null {
  return visit.windows.find(({ fromMs }) => fromMs > nowMs) ?? null;
}

/** The window that is open now, or else the next. Null: all are over. */
export function windowNow(visit: GuestVisit, nowMs: number): { fromMs: number; untilMs: number } | null {
  return visit.windows.find(({ untilMs }) => untilMs > nowMs) ?? null;
}
