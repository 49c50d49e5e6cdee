/** Plan B as an order: what may be done with it. At least one rung counts, and none twice. */
import type { PlanB } from './model.ts';

/** All rungs, in the order in which those that do not count are shown. */
export const RUNGS: readonly PlanB[] = ['neighbour', 'locker', 'doorstep', 'again'];

/** The rung at one place moved to another; places that are none change nothing. */
export function moved(rungs: readonly PlanB[], from: number, to: number): PlanB[] {
  const rung = rungs[from];
  if (rung === undefined || to < 0 || to >= rungs.length) return [...rungs];
  const rest = rungs.filter((_, at) => at !== from);
  return [...rest.slice(0, to), rung, ...rest.slice(to)];
}

/** With a rung at the end that did not count, or without one that did; the last one stays. */
export function counted(rungs: readonly PlanB[], rung: PlanB, counts: boolean): PlanB[] {
  if (counts) return rungs.includes(rung) ? [...rungs] : [...rungs, rung];
  const rest = rungs.filter((one) => one !== rung);
  return rest.length === 0 ? [...rungs] : rest;
}

/** Where a row lies that was dragged so far: by half of each row that it passes. Heights of all rows, top first. */
export function placeAfter(heights: readonly number[], from: number, dy: number): number {
  let place = from;
  let rest = Math.abs(dy);
  const step = dy < 0 ? -1 : 1;
  for (let next = from + step; next >= 0 && next < heights.length; next += step) {
    const height = heights[next] ?? 0;
    if (rest < height / 2) break;
    rest -= height;
    place = next;
  }
  return place;
}
