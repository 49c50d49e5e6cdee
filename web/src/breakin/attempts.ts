/** What is chosen: what one begins with, what needs which key, and which checks were met. */
import type { Attempt, Outcome } from './playground.ts';

/** The specification's order; `crates/breakin` has the same numbers from there. */
export const CHECKS = 16;

/** What anybody would try first: yesterday once more. */
export const FIRST: Attempt = {
  hasHandset: false,
  hasProvider: false,
  first: 'nothing',
  permission: 'used',
  order: 'relayed',
  arrival: 'replayed',
  device: 'thief',
  answer: 'replayed',
  parcel: 'guessed',
  camera: 'films',
  radio: 'quiet',
  time: 'now',
};

/** Takes back what needs a key that was put away. */
export function withinTray(attempt: Attempt): Attempt {
  const { hasHandset, hasProvider } = attempt;
  return {
    ...attempt,
    device: attempt.device === 'handset' && !hasHandset ? 'thief' : attempt.device,
    order: attempt.order === 'provider' && !hasProvider ? 'relayed' : attempt.order,
    parcel: attempt.parcel === 'announced' && !hasHandset && !hasProvider ? 'guessed' : attempt.parcel,
  };
}

/** The checks met so far, and those of this outcome. */
export function met(before: ReadonlySet<number>, outcome: Outcome): Set<number> {
  return new Set([...before, ...outcome.stops.flatMap(({ check }) => (check === undefined ? [] : [check]))]);
}
