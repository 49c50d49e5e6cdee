/**
 * What a guest's phone holds: links that wait for a resident's signature, and permissions that name this phone's key. Kept on
 * this phone; the cloud shows when they would work, and the door decides.
 */
import { loadCore, random, type Core } from '../core/core.ts';
import { keysOf, makeKeys, type Keys } from '../core/keys.ts';
import { look, post } from '../core/letters.ts';
import { keepForGood, recall, remember } from '../core/store.ts';
import { Trouble, troubleOf } from '../core/trouble.ts';
import type { Errands } from '../core/wasm/browser.js';
import type { GuestLink, GuestVisit, Stop } from './model.ts';

const LINKS = 'visitor/guest_links';
const GRANTS = 'visitor/guest';
/** How often an answer is looked for, ms. */
const LOOK_MS = 2_000;
/** What is over is forgotten after a month, ms. */
const KEEP_MS = 30 * 86_400_000;

/** A link that was asked by. The card is sealed once: the same letter may be left again, another one may not. */
interface Asked {
  secret: string;
  untilMs: number;
  name: string;
  fingerprint: string;
}

/** A permission as it is kept. */
interface Kept {
  /** Of the link that it came by. */
  secret: string;
  /** The signed envelope. */
  grant: string;
  tag: string | null;
  place: string;
  sinceMs: number;
}

/** One permission, read. */
export interface GuestErrand {
  /** H(grant). */
  id: string;
  place: string;
  errands: Errands;
  visit: Omit<GuestVisit, 'openedMs' | 'whyNot'>;
}

export class Guests {
  link: GuestLink | null = $state(null);
  errands: GuestErrand[] = [];

  readonly #core: Core;
  /** Someone let this phone in: with these keys, and under this name. */
  readonly #letIn: (keys: Keys, name: string) => Promise<void>;
  #asked: Asked[] = [];
  #kept: Kept[] = [];
  /** The link on the screen. */
  #shown: { secret: string; untilMs: number } | null = null;

  constructor(core: Core, letIn: (keys: Keys, name: string) => Promise<void>) {
    this.#core = core;
    this.#letIn = letIn;
  }

  /** Takes up what this phone knew, and waits on for answers. */
  async recall(keys: Keys | undefined): Promise<void> {
    const [asked, kept] = await Promise.all([recall<Asked[]>(LINKS), recall<Kept[]>(GRANTS)]);
    this.#asked = asked ?? [];
    this.#kept = kept ?? [];
    if (keys) this.#read(keys);
    const [waiting] = this.#asked;
    if (waiting) this.#show(waiting, 'waiting', waiting);
    const again = async () => {
      if (document.visibilityState === 'visible') await this.#look();
      setTimeout(() => void again(), LOOK_MS);
    };
    void again();
  }

  async follow(secret: string, untilMs: number): Promise<void> {
    const link = { secret, untilMs };
    const asked = this.#asked.find((one) => one.secret === secret);
    if (asked) return this.#show(link, 'waiting', asked);
    if (this.#kept.some((one) => one.secret === secret)) return this.#show(link, 'in');
    this.#show(link, 'looking');
    if (Date.now() >= untilMs) return this.#show(link, 'expired');
    try {
      await loadCore();
      const box = new this.#core.Letterbox(secret);
      const [request, reply] = await Promise.all([look(box.number, 'request'), look(box.number, 'reply')]);
      const no = reply !== null && box.readReply(reply).what === 'refused';
      this.#show(link, no ? 'refused' : request !== null || reply !== null ? 'used' : 'open');
    } catch (thrown) {
      if (troubleOf(thrown).code !== 'offline') {
        this.link = null;
        throw thrown;
      }
      this.#show(link, 'offline');
      setTimeout(() => {
        if (this.#shown === link) void this.follow(secret, untilMs).catch(() => undefined);
      }, LOOK_MS);
    }
  }

  async ask(name: string): Promise<void> {
    const link = this.#shown;
    if (!link) throw new Trouble('link_unknown');
    const box = new this.#core.Letterbox(link.secret);
    // One key for all homes and services of this phone: each of them sees that it is the same.
    const keys = (await keysOf('visitor')) ?? (await makeKeys('visitor', null));
    try {
      await post(box.number, 'request', box.card(random(12), name, keys.device, undefined, keys.kemPublic));
    } catch (thrown) {
      if (troubleOf(thrown).code !== 'letter_taken') throw thrown;
      return this.#show(link, 'used');
    }
    const asked = { ...link, name, fingerprint: this.#core.fingerprint(keys.kid) };
    this.#asked = [asked, ...this.#asked];
    await remember(LINKS, this.#asked);
    await keepForGood();
    this.#show(link, 'waiting', asked);
  }

  leave(): void {
    this.link = null;
    this.#shown = null;
  }

  #show(link: { secret: string; untilMs: number }, state: GuestLink['state'], asked?: Asked): void {
    this.#shown = link;
    this.link = { state, name: asked?.name ?? '', fingerprint: asked?.fingerprint ?? null };
  }

  /** Looks once for each answer that is missing. */
  async #look(): Promise<void> {
    for (const asked of this.#asked) {
      try {
        await loadCore();
        const box = new this.#core.Letterbox(asked.secret);
        const letter = await look(box.number, 'reply');
        if (letter !== null) await this.#answered(asked, box.readReply(letter));
        else if (Date.now() >= asked.untilMs) await this.#end(asked, 'expired');
      } catch (thrown) {
        // Without a network it is looked for again; an answer that does not fit this phone lets nobody in.
        if (troubleOf(thrown).code !== 'offline') await this.#end(asked, 'refused');
      }
    }
  }

  async #answered(asked: Asked, reply: ReturnType<InstanceType<Core['Letterbox']>['readReply']>): Promise<void> {
    if (reply.what !== 'guest') return this.#end(asked, 'refused');
    const keys = await keysOf('visitor');
    if (!keys) throw new Trouble('key_missing');
    // Refused here if it names another phone's key.
    new this.#core.GuestGrant(reply.grant, keys.device).free();
    const { secret } = asked;
    const one = { secret, grant: reply.grant, tag: reply.doorTag ?? null, place: reply.place, sinceMs: Date.now() };
    this.#kept = [...this.#kept, one];
    await remember(GRANTS, this.#kept);
    this.#read(keys);
    await this.#letIn(keys, asked.name);
    await this.#end(asked, 'in');
  }

  async #end(asked: Asked, state: GuestLink['state']): Promise<void> {
    this.#asked = this.#asked.filter((one) => one !== asked);
    await remember(LINKS, this.#asked);
    if (this.#shown?.secret === asked.secret) this.#show(asked, state, asked);
  }

  #read(keys: Keys): void {
    const old = Date.now() - KEEP_MS;
    this.errands = this.#kept.flatMap(({ grant, tag, place, sinceMs }): GuestErrand[] => {
      let read;
      try {
        read = new this.#core.GuestGrant(grant, keys.device);
      } catch {
        // To a key that this phone no longer has.
        return [];
      }
      const { windows, usesPerWindow, onCamera } = read.letter();
      if (windows.every(({ untilMs }) => untilMs < old)) return [];
      const visit = { windows, usesPerWindow, onCamera, tag, sinceMs };
      return [{ id: read.hash, place, errands: read.errands(), visit }];
    });
  }
}

/** A guest's visit as a stop of the tour. */
export function stopOf({ id, place, visit }: GuestErrand, openedMs: number[], told: { possible: boolean; whyNot: string | null }): Stop {
  return { id, place, parcels: 0, possibleNow: told.possible, planB: [], done: null, guest: { ...visit, openedMs, whyNot: told.whyNot } };
}
