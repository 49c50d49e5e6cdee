/** An invitation that this device made: waits for whoever opens the link. */
import type { Core } from '../core/core.ts';
import { random } from '../core/core.ts';
import { post, wait } from '../core/letters.ts';
import type { AskedCard, Letterbox } from '../core/wasm/browser.js';
import type { Invitation } from './model.ts';

/** As long as the cloud keeps letters, ms. */
const LIFE_MS = 86_400_000;

export class OpenInvitation implements Invitation {
  readonly link: string;
  readonly expiresMs = Date.now() + LIFE_MS;
  readonly rank: 'owner' | 'member';
  state: Invitation['state'] = $state('waiting');
  asks: Invitation['asks'] = $state(null);
  card: AskedCard | null = null;
  readonly #box: Letterbox;

  constructor(core: Core, secret: string, rank: 'owner' | 'member') {
    this.rank = rank;
    // Behind the #, so that no server ever sees it.
    this.link = new URL(`/#/join/${secret}`, location.origin).href;
    this.#box = new core.Letterbox(secret);
    void this.#listen();
  }

  async #listen(): Promise<void> {
    try {
      const letter = await wait(this.#box.number, 'request', AbortSignal.timeout(LIFE_MS));
      const card = this.#box.readCard(letter);
      this.card = card;
      this.asks = { name: card.name, fingerprint: card.fingerprint };
      this.state = 'asked';
    } catch {
      this.state = 'expired';
    }
  }

  async answer(envelopes: string[]): Promise<void> {
    await post(this.#box.number, 'reply', this.#box.replyHome(random(12), envelopes));
    this.state = 'signed';
  }
}
