/** The same text again, while it is still in view, is one sighting. */

/** How long a text must be out of view before it counts again, ms. */
export const AGAIN_AFTER_MS = 2000;

export class Recent {
  readonly #seen = new Map<string, number>();

  /** True if this text was not seen within the last two seconds. */
  isNew(text: string, nowMs: number): boolean {
    const last = this.#seen.get(text);
    for (const [old, atMs] of this.#seen) if (nowMs - atMs >= AGAIN_AFTER_MS) this.#seen.delete(old);
    this.#seen.set(text, nowMs);
    return last === undefined || nowMs - last >= AGAIN_AFTER_MS;
  }
}
