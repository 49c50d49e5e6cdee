/** A hardware scanner is a keyboard that nobody could type on: a burst of keys, ended by Enter. */

/** Mean time between the keys of a burst at most, ms: slow Bluetooth scanners send a key each 30 ms, fingers each 100. */
const MEAN_MS_MAX = 60;
/** A longer pause begins anew, ms. Well above the mean: a busy handset delivers keys late, and a label must stay whole. */
const PAUSE_MS = 300;
/** Shortest burst: shorter is somebody leaning on the keys. */
const CHARS_MIN = 4;
/** Longer than any label; then it is a stuck key. */
const CHARS_MAX = 512;

export class Burst {
  #text = '';
  #firstMs = 0;
  #lastMs = 0;

  get #fast(): boolean {
    return this.#text.length > 1 && (this.#lastMs - this.#firstMs) / (this.#text.length - 1) <= MEAN_MS_MAX;
  }

  /** Takes one key. `inside`: it belongs to a burst and should do nothing else; `text`: the burst is complete. */
  key(key: string, nowMs: number): { inside: boolean; text: string | null } {
    if (nowMs - this.#lastMs > PAUSE_MS) this.#text = '';
    if (key === 'Enter' || key === 'Tab') {
      const text = this.#text.length >= CHARS_MIN && this.#fast ? this.#text : null;
      this.#text = '';
      return { inside: text !== null, text };
    }
    // Shift and its kin come between the keys of a burst and are none.
    if (key.length !== 1 || this.#text.length >= CHARS_MAX) return { inside: false, text: null };
    if (this.#text === '') this.#firstMs = nowMs;
    this.#lastMs = nowMs;
    this.#text += key;
    return { inside: this.#fast, text: null };
  }
}
