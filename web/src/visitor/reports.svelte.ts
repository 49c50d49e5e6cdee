/**
 * Where parcels went that did not go in: signed when the person says it, kept here, and sent as soon as there is a network.
 * It opens nothing; an opening is never kept.
 */
import { said, type Cloud } from '../core/cloud.ts';
import type { Envelope } from '../core/core.ts';
import { recall, remember } from '../core/store.ts';
import { Trouble, troubleOf } from '../core/trouble.ts';
import type { PlanB } from '../resident/model.ts';
import type { Reported } from './model.ts';
import { young } from './report.ts';

const LEFT = 'visitor/left';
/** Answers after which sending the same again is of no use. */
const FINAL = ['message_malformed', 'signature_untrusted', 'assignment_unknown', 'left_time_invalid', 'left_limit', 'visit_other'];

/** Answers after which a photo is of no use any more; its report stands. */
const PHOTO_FINAL = ['left_unknown', 'photo_other', 'photo_malformed', 'photo_deleted', 'body_too_large'];

interface Kept extends Reported {
  atMs: number;
  envelope: string;
  /** H(left): the cloud has it, and waits for the photo. */
  hash?: string;
  /** Sealed; until it is sent. */
  photo?: Uint8Array<ArrayBuffer>;
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
    this.#kept = young((await recall<Kept[]>(LEFT)) ?? [], Date.now());
  }

  /** Keeps a signed report; it replaces an earlier one of the same stop. */
  async add(stop: string, rung: PlanB, { bytes }: Envelope, photo?: Uint8Array<ArrayBuffer>): Promise<void> {
    const mine: Kept = { stop, rung, sent: false, atMs: Date.now(), envelope: bytes, ...(photo && { photo }) };
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
        if (one.photo) await this.#sendPhoto(cloud, told, hash, one.photo);
      } catch (thrown) {
        const trouble = troubleOf(thrown);
        if (!FINAL.includes(trouble.code)) {
          if (trouble.code === 'offline') return;
          throw trouble;
        }
        // The person may say it anew.
        await this.#keep(this.#kept.filter((each) => each !== one));
        throw new Trouble(trouble.code, trouble.detail);
      }
    }
  }

  /** After its report; never by itself. */
  async #sendPhoto(cloud: Cloud, one: Kept, hash: string, photo: Uint8Array<ArrayBuffer>): Promise<void> {
    let lost: Trouble | null = null;
    try {
      await cloud.put(`/v1/visitor/left/${hash}/photo`, photo);
    } catch (thrown) {
      lost = troubleOf(thrown);
      if (!PHOTO_FINAL.includes(lost.code)) throw lost;
    }
    const { photo: _sent, ...rest } = one;
    await this.#keep(this.#kept.map((each) => (each === one ? { ...rest, sent: true } : each)));
    if (lost) throw lost;
  }

  async #keep(kept: Kept[]): Promise<void> {
    this.#kept = kept;
    await remember(LEFT, kept);
  }
}
