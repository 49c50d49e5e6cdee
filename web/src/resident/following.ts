/** What a live picture is, for the screens: how old what is shown is, also while nothing new comes. */
import type { Live, LiveState } from '../core/live.ts';
import { PictureAge } from './door-clock.ts';
import type { Picture } from './model.ts';

export const nothing: Picture = { capturedMs: null, ageMs: null, gaps: [], ended: false, trouble: null };

/** How often the age of a picture that stands still is told, ms. */
const AGEING_MS = 100;

/** Tells of the picture until the answer is called. `skewMs`: how far this device's clock is ahead of the door's. */
export function following(
  begin: (tell: (state: LiveState) => void) => Live,
  skewMs: () => number | null,
  set: (picture: Picture) => void,
): () => void {
  let state: LiveState | null = null;
  const age = new PictureAge();
  const tell = (): void => {
    if (!state) return;
    const { shownMs, gaps, ended, trouble } = state;
    set({ capturedMs: shownMs, ageMs: age.of(shownMs, skewMs(), Date.now(), performance.now()), gaps, ended, trouble });
  };
  const live = begin((next) => {
    state = next;
    tell();
  });
  const ageing = setInterval(tell, AGEING_MS);
  return () => {
    clearInterval(ageing);
    live.stop();
    set(nothing);
  };
}
