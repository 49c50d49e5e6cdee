/**
 * The door's clock, as its signed answers tell it, beside this device's. What counts at the door goes by the door's:
 * when a permission counts, how old a picture is, how long somebody waits.
 */

/** What this device's clock may differ by unnoticed, and a word over a network may take, ms. */
const TOLERANCE_MS = 1_000;
/** A difference worth telling a person, ms. */
export const WRONG_MS = 60_000;

/** Now, as the door says it: not before, not after; null: it does not know. */
export interface DoorTime {
  fromMs: number;
  untilMs: number | null;
}

/** How far this device's clock is ahead of the door's, at least: 0 if they agree; null: the door has no clock. */
export function skewOf({ fromMs, untilMs }: DoorTime, askedMs: number, answeredMs: number): number | null {
  if (untilMs === null) return null;
  if (answeredMs + TOLERANCE_MS < fromMs) return answeredMs - fromMs;
  return askedMs - TOLERANCE_MS > untilMs ? askedMs - untilMs : 0;
}

/** The age of the picture that is shown. */
export class PictureAge {
  #shownMs: number | null = null;
  #sinceMs = 0;

  /** `shownMs`: when it was taken, on the door's clock; `skewMs`: see [`skewOf`]; `steadyMs`: a clock that never jumps. */
  of(shownMs: number | null, skewMs: number | null, nowMs: number, steadyMs: number): number | null {
    if (shownMs !== this.#shownMs) {
      this.#shownMs = shownMs;
      this.#sinceMs = steadyMs;
    }
    if (shownMs === null) return null;
    // Whatever the clocks say, it is as old as it has been standing here.
    return Math.max(0, steadyMs - this.#sinceMs, nowMs - (skewMs ?? 0) - shownMs);
  }
}
