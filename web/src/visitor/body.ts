/** What the handset itself does: buzzes, and stays awake while somebody stands at a door. */

export function buzz(pattern: number[]): void {
  // Not there on iPhones, and refused before the first touch; then the screen alone says it.
  if (navigator.userActivation?.hasBeenActive === false) return;
  (navigator as { vibrate?: (pattern: number[]) => boolean }).vibrate?.(pattern);
}

export const BUZZ = {
  seen: [60],
  open: [80, 60, 80, 60, 200],
  good: [200],
  bad: [300, 100, 300],
};

/** Keeps the screen on until the answer is called; the system lets go of it whenever the page is hidden. */
export function stayAwake(): () => void {
  const lock = (navigator as { wakeLock?: WakeLock }).wakeLock;
  if (!lock) return () => undefined;
  let held: WakeLockSentinel | null = null;
  let over = false;
  const hold = (): void => {
    if (over || document.visibilityState !== 'visible') return;
    // Refused when the battery is low: the screen then goes dark as ever.
    lock.request('screen').then(
      (got) => {
        if (over) void got.release();
        else held = got;
      },
      () => undefined,
    );
  };
  hold();
  document.addEventListener('visibilitychange', hold);
  return () => {
    over = true;
    document.removeEventListener('visibilitychange', hold);
    void held?.release();
  };
}
