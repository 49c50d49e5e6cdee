/**
 * Whether a permission that was signed here answers what a service announces. Decided from the permission's own bytes and
 * the door's log; that the cloud calls an announcement answered is no reason.
 */
import type { Span } from './span.ts';

/** A signed permission, as far as it matters here. */
export interface Covering {
  hash: string;
  /** Root key of the service; null: a guest's. */
  provider: string | null;
  /** Parcels that it names; none if it is for a service. */
  commitments: string[];
  service: string | null;
  windows: Span[];
  usesPerWindow: number;
  /** It counts: not taken back, not refused, not over. */
  counts: boolean;
  /** When its visits used it, by the door's log; ms. */
  usedMs: number[];
}

/** What a service announces. */
export interface Asked {
  provider: string;
  service: string;
  commitments: string[];
  window: Span;
}

/** It was answered for these very parcels, whatever became of it since. */
function names(permission: Covering, asked: Asked): boolean {
  return asked.commitments.length > 0 && asked.commitments.every((one) => permission.commitments.includes(one));
}

/** The part of the announced time in which a standing permission would still let somebody in; null: in none. */
function standsFor(permission: Covering, asked: Asked, nowMs: number): Span | null {
  if (!permission.counts || permission.service === null || permission.service !== asked.service) return null;
  for (const { fromMs, untilMs } of permission.windows) {
    const used = permission.usedMs.filter((ms) => fromMs <= ms && ms < untilMs).length;
    const meets = { fromMs: Math.max(fromMs, asked.window.fromMs), untilMs: Math.min(untilMs, asked.window.untilMs) };
    if (meets.fromMs < meets.untilMs && meets.untilMs > nowMs && used < permission.usesPerWindow) return meets;
  }
  return null;
}

/** How an announcement is answered: by name, by a standing permission and then when, or not at all. */
export function answer(
  permissions: Covering[],
  asked: Asked,
  nowMs: number,
): 'named' | { by: string; window: Span } | null {
  const theirs = permissions.filter(({ provider }) => provider === asked.provider);
  if (theirs.some((one) => names(one, asked))) return 'named';
  for (const one of theirs) {
    const window = standsFor(one, asked, nowMs);
    if (window) return { by: one.hash, window };
  }
  return null;
}
