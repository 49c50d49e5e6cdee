/**
 * Where parcels went that did not go in: signed when the person says it, kept here, and sent as soon as there is a network.
 * It opens nothing; an opening is never kept.
 */
import { said, type Cloud } from '../core/cloud.ts';
import type { Envelope } from '../core/core.ts';
import { forget, recall, remember } from '../core/store.ts';
import { Trouble, troubleOf } from '../core/trouble.ts';
import type { PlanB } from '../resident/model.ts';
import type { Reported } from './model.ts';
import { young } from './report.ts';

const LEFT = 'visitor/left';
/** Before the stop: its sealed photo, for itself, since a day without a network has many. */
const PHOTO = 'visitor/left-photo/';
/** Answers after which sending the same again is of no use. */
const FINAL = ['message_malformed', 'signature_untrusted', 'assignment_unknown', 'left_time_invalid', 'left_limit', 'visit_other'];

/** Answers after which a photo is of no use any more; its report stands. */
const PHOTO_FINAL = ['left_unknown', 'photo_other', 'photo_malformed', 'photo_deleted', 'body_too_large'];

interface Kept extends Reported {
  atMs: number;
  envelope: string;
  /** H(left): the cloud has it, and waits for the photo. */
  hash?: string;
  /** A sealed photo waits beside it. */
  photo?: boolean;
}

export class Reports {
  #kept: Kept[] = $state.raw([]);
  #sending: Promise<void> = Promise.resolve();

  get all(): Reported[] {
    return this.#kept;
  }

  of(stop: string): Reported | null {
    return this.#kept.find((one) => one.stop === stop) ?? null;
  }

  async recall(): Promise<void> {
    const all = (await recall<Kept[]>(LEFT)) ?? [];
    this.#kept = young(all, Date.now());
    for (const one of all) if (one.photo && !this.#kept.includes(one)) await forget(PHOTO + one.stop);
  }

  /** Keeps a signed report; it replaces an earlier one of the same stop. */
  async add(stop: string, rung: PlanB, { bytes }: Envelope, photo?: Uint8Array<ArrayBuffer>): Promise<void> {
    if (photo) await remember(PHOTO + stop, photo);
    const mine: Kept = { stop, rung, sent: false, atMs: Date.now(), envelope: bytes, photo: photo !== undefined };
    await this.#keep([mine, ...this.#kept.filter((one) => one.stop !== stop)]);
  }

  /** Sends what waits, one after the other. Throws what no later try would mend. */
  send(cloud: Cloud): Promise<void> {
    const sent = this.#sending.then(() => this.#send(cloud));
    this.#sending = sent.catch(() => undefined);
    return sent;
  }

  async #send(cloud: Cloud): Promise<void> {
    for (const one of this.#kept.filter(({ sent }) => !sent)) {
      try {
        const { hash } = one.hash ? { hash: one.hash } : await said(cloud.api.POST('/v1/visitor/left', { body: { left: one.envelope } }));
        const told: Kept = { ...one, hash, sent: !one.photo };
        await this.#keep(this.#kept.map((each) => (each === one ? told : each)));
        if (one.photo) await this.#sendPhoto(cloud, told, hash);
      } catch (thrown) {
        const trouble = troubleOf(thrown);
        if (!FINAL.includes(trouble.code)) {
          if (trouble.code === 'offline') return;
          throw trouble;
        }
        // The person may say it anew.
        if (one.photo) await forget(PHOTO + one.stop);
        await this.#keep(this.#kept.filter((each) => each !== one));
        throw new Trouble(trouble.code, trouble.detail);
      }
    }
  }

  /** After its report; never by itself. */
  async #sendPhoto(cloud: Cloud, one: Kept, hash: string): Promise<void> {
    let lost: Trouble | null = null;
    try {
      const photo = await recall<Uint8Array<ArrayBuffer>>(PHOTO + one.stop);
      if (photo) await cloud.put(`/v1/visitor/left/${hash}/photo`, photo);
    } catch (thrown) {
      lost = troubleOf(thrown);
      if (!PHOTO_FINAL.includes(lost.code)) throw lost;
    }
    await this.#keep(this.#kept.map((each) => (each === one ? { ...one, photo: false, sent: true } : each)));
    await forget(PHOTO + one.stop);
    if (lost) throw lost;
  }

  async #keep(kept: Kept[]): Promise<void> {
    this.#kept = kept;
    await remember(LEFT, kept);
  }
}
