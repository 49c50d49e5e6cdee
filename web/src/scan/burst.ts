/** A hardware scanner is a keyboard that nobody could type on: a burst of keys, ended by Enter. */

/** Longest gap between two keys of a burst, ms: slow Bluetooth scanners send a key each 30 ms, fingers each 100 ms. */
const GAP_MS_MAX = 80;
/** Shortest burst: shorter is somebody leaning on the keys. */
const CHARS_MIN = 4;
/** Longer than any label; then it is a stuck key. */
const CHARS_MAX = 512;

export class Burst {
  #text = '';
  #lastMs = 0;

  /** Takes one key. `inside`: it belongs to a burst and should do nothing else; `text`: the burst is complete. */
  key(key: string, nowMs: number): { inside: boolean; text: string | null } {
    if (nowMs - this.#lastMs > GAP_MS_MAX) this.#text = '';
    if (key === 'Enter' || key === 'Tab') {
      const text = this.#text;
      this.#text = '';
      return text.length >= CHARS_MIN ? { inside: true, text } : { inside: false, text: null };
    }
    // Shift and its kin come between the keys of a burst and are none.
    if (key.length !== 1 || this.#text.length >= CHARS_MAX) return { inside: false, text: null };
    this.#lastMs = nowMs;
    this.#text += key;
    return { inside: this.#text.length > 1, text: null };
  }
}
