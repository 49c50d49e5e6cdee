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

interface Kept extends Reported {
  atMs: number;
  envelope: string;
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
  async add(stop: string, rung: PlanB, { bytes }: Envelope): Promise<void> {
    const mine = { stop, rung, sent: false, atMs: Date.now(), envelope: bytes };
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
        await said(cloud.api.POST('/v1/visitor/left', { body: { left: one.envelope } }));
        await this.#keep(this.#kept.map((each) => (each === one ? { ...each, sent: true } : each)));
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

  async #keep(kept: Kept[]): Promise<void> {
    this.#kept = kept;
    await remember(LEFT, kept);
  }
}
