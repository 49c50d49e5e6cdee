/**
 * Links for guests: the guest's phone makes its key and asks, this device signs to that key. Links are kept on this device,
 * since a guest may open one hours later; what was not signed here lets nobody in.
 */
import { base64url, random, type Core } from '../core/core.ts';
import { look, post } from '../core/letters.ts';
import { recall, remember } from '../core/store.ts';
import { Trouble, troubleOf } from '../core/trouble.ts';
import type { AskedCard, Letterbox } from '../core/wasm/browser.js';
import { DOOR_TAG } from './founding.ts';
import type { Household } from './household.svelte.ts';
import type { Draft, GuestLink, GuestWish } from './model.ts';
import type { Permissions } from './permissions.svelte.ts';
import { seconds } from './span.ts';

const LINKS = 'resident/guest_links';
const PLACE = 'resident/place';
/** As long as the cloud keeps letters, ms. */
const LIFE_MS = 86_400_000;
/** How often the boxes are looked into, ms. */
const LOOK_MS = 2_000;

/** A link as it is kept. */
interface Kept extends GuestWish {
  secret: string;
  expiresMs: number;
  /** The sealed answer, once it was signed: sent again until it lies in the box. */
  reply: string | null;
}

class Open implements GuestLink {
  readonly id: string;
  readonly link: string;
  readonly name: string;
  readonly place: string;
  readonly windows: GuestWish['windows'];
  readonly usesPerWindow: number;
  readonly expiresMs: number;
  readonly box: Letterbox;
  readonly kept: Kept;
  state: GuestLink['state'] = $state('waiting');
  asks: GuestLink['asks'] = $state(null);
  card: AskedCard | null = null;

  constructor(core: Core, kept: Kept) {
    this.kept = kept;
    this.box = new core.Letterbox(kept.secret);
    this.id = this.box.number;
    ({ name: this.name, place: this.place, windows: this.windows } = kept);
    ({ usesPerWindow: this.usesPerWindow, expiresMs: this.expiresMs } = kept);
    // Behind the #, so that no server ever sees it. The guest's page says when it is too late, and takes this end's word.
    const until = Math.floor(kept.expiresMs / 1_000).toString(36);
    this.link = new URL(`/v/#/guest/${kept.secret}.${until}`, location.origin).href;
    if (kept.reply !== null) this.state = 'signed';
  }
}

export class Guests {
  links: Open[] = $state([]);
  place = $state('');

  readonly #core: Core;
  readonly #household: Household;
  readonly #permissions: Permissions;

  constructor(core: Core, household: Household, permissions: Permissions) {
    this.#core = core;
    this.#household = household;
    this.#permissions = permissions;
  }

  /** Takes up the links of earlier sessions, and listens. */
  async recall(): Promise<void> {
    const [kept, place] = await Promise.all([recall<Kept[]>(LINKS), recall<string>(PLACE)]);
    this.place = place ?? '';
    this.links = [...this.links, ...(kept ?? []).map((one) => new Open(this.#core, one))];
    const again = async () => {
      if (document.visibilityState === 'visible') await this.#look();
      setTimeout(() => void again(), LOOK_MS);
    };
    void again();
  }

  async invite(wish: GuestWish): Promise<Open> {
    const secret = base64url(random(16));
    const made = new Open(this.#core, { ...$state.snapshot(wish), secret, expiresMs: Date.now() + LIFE_MS, reply: null });
    this.links = [made, ...this.links];
    this.place = wish.place;
    await Promise.all([remember(PLACE, wish.place), this.#keep()]);
    return made;
  }

  async draft(link: GuestLink): Promise<Draft> {
    const open = this.#find(link);
    const { card } = open;
    if (!card) throw new Trouble('nobody_asked');
    await this.#household.follow();
    const { keys, roster } = this.#household.ready();
    const windows = open.windows.filter(({ untilMs }) => untilMs > Date.now()).map(seconds);
    if (windows.length === 0) throw new Trouble('windows_over');
    const terms = { windows, usesPerWindow: open.usesPerWindow };
    const unsigned = roster.guest(card, open.name, terms, random(16), this.#household.signer(keys));
    const letter = unsigned.letter();
    // What is read and signed names the very phone whose code was compared.
    if (!letter.guest || letter.fingerprint !== card.fingerprint) throw new Trouble('letter_differs');
    const tag = await recall<string>(DOOR_TAG);
    // A door that sees a phone for the first time waits for a second word, though it keeps the permission at once.
    const isFirst = !this.#permissions.permissions.some((one) => one.letter.fingerprint === letter.fingerprint);
    const offered = this.#permissions.offer(unsigned, async (grant) => {
      open.kept.reply = open.box.replyGuest(random(12), grant, tag, open.place);
      open.state = 'signed';
      await this.#keep();
      await this.#answer(open);
    });
    const sign = async () => {
      const state = await offered.sign();
      return isFirst ? 'pending' : state;
    };
    return { ...offered, sign };
  }

  async withdraw(link: GuestLink): Promise<void> {
    const open = this.#find(link);
    if (open.state !== 'expired') {
      try {
        await post(open.id, 'reply', open.box.replyNo(random(12)));
      } catch (thrown) {
        // Somebody else who has the link answered in our name: nothing more is signed to it, and no more can be said.
        if (troubleOf(thrown).code !== 'letter_taken') throw thrown;
      }
    }
    await this.#drop(open);
  }

  /** Looks into each box once: who asks by now, and which answer still has to go out. */
  async #look(): Promise<void> {
    for (const open of this.links) {
      try {
        // Its box is gone by then, for an answer too.
        if (Date.now() >= open.expiresMs) open.state = 'expired';
        else if (open.state === 'signed') await this.#answer(open);
        else if (open.state === 'waiting') await this.#read(open);
      } catch {
        // No network, or nobody answers: looked at again.
      }
    }
  }

  async #read(open: Open): Promise<void> {
    const letter = await look(open.id, 'request');
    if (letter === null) return;
    const card = open.box.readCard(letter);
    open.card = card;
    open.asks = { name: card.name, fingerprint: card.fingerprint };
    open.state = 'asked';
  }

  async #answer(open: Open): Promise<void> {
    if (open.kept.reply === null) return;
    try {
      await post(open.id, 'reply', open.kept.reply);
    } catch (thrown) {
      // The permission is with the door: what is missing is only the guest's copy, and the look after it tries again.
      if (troubleOf(thrown).code !== 'letter_taken') return;
    }
    await this.#drop(open);
  }

  async #drop(open: Open): Promise<void> {
    this.links = this.links.filter((one) => one.id !== open.id);
    await this.#keep();
  }

  #keep(): Promise<void> {
    return remember(LINKS, this.links.map(({ kept }) => $state.snapshot(kept)));
  }

  #find(link: GuestLink): Open {
    const open = this.links.find(({ id }) => id === link.id);
    if (!open) throw new Trouble('link_unknown');
    return open;
  }
}
