/**
 * How a handset is told that its tour changed: one question stays open at the cloud for as long as somebody looks at the tour.
 * A page that is hidden, or at a door, asks nothing and holds no connection.
 */
import { troubleOf } from '../core/trouble.ts';

/** How long the cloud holds the question open, s: as long as it may. */
const WAIT_S = 25;
/** Without an answer after this the network died, ms. */
const ANSWER_MS = 35_000;
/** From an answer to the next question: a breath, ms. */
const SOON_MS = 250;
/** To the next one while there is no network, ms. */
const LOOK_MS = 2_000;
/** And while the cloud answers that something is wrong, ms. */
const AGAIN_MS = 10_000;
/** Too many questions wait there: it is asked without, and nobody has to know. */
const FULL = new Set(['tour_waits', 'tour_waits_own']);

/** Who has a tour. */
export interface Asks {
  isOnline(): boolean;
  /** Whether anybody looks at it. */
  isLookedAt(): boolean;
  /** Reads it, or waits so long until it is another one. */
  read(waitS: number, signal: AbortSignal): Promise<void>;
  failed(thrown: unknown): void;
}

export class News {
  readonly #asks: Asks;
  /** The question that is open. */
  #open: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** The newest question was answered: the next one may wait. */
  #isWell = false;

  constructor(asks: Asks) {
    this.#asks = asks;
  }

  start(): void {
    document.addEventListener('visibilitychange', () => this.again());
    for (const event of ['online', 'offline']) addEventListener(event, () => this.again());
    this.again();
  }

  /** Ends the question that is open, and asks anew if somebody looks. */
  again(): void {
    clearTimeout(this.#timer);
    this.#open?.abort();
    this.#open = null;
    if (this.#asks.isLookedAt()) void this.#ask();
  }

  async #ask(): Promise<void> {
    const open = new AbortController();
    this.#open = open;
    const late = setTimeout(() => open.abort(), ANSWER_MS);
    let thrown: unknown;
    const isWell = await this.#asks.read(this.#isWell && this.#asks.isOnline() ? WAIT_S : 0, open.signal).then(
      () => true,
      (why: unknown) => {
        thrown = why;
        return false;
      },
    );
    clearTimeout(late);
    // Another took its place, or nobody looks any more.
    if (this.#open !== open) return;
    this.#isWell = isWell;
    if (!isWell && !FULL.has(troubleOf(thrown).code)) this.#asks.failed(thrown);
    const inMs = isWell ? SOON_MS : this.#asks.isOnline() ? AGAIN_MS : LOOK_MS;
    this.#timer = setTimeout(() => this.again(), inMs);
  }
}
