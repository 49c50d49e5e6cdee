/**
 * The visit that is under way: found in the list of visits, its story read again and again while it goes on, its picture
 * shown, and the resident's word carried to the door. Of visits that are over it tells the story once.
 */
import { said } from '../core/cloud.ts';
import { sign } from '../core/keys.ts';
import { Live, recording, type Source } from '../core/live.ts';
import type { components } from '../core/schema.d.ts';
import { following } from './following.ts';
import type { Household } from './household.svelte.ts';
import type { Picture, VisitLine, VisitView } from './model.ts';
import * as visits from './visits.ts';

type VisitJson = components['schemas']['VisitJson'];

/** How often the log is read while somebody is at the door, ms: events come without notices. */
const READ_MS = 600;

/** What else is known of the home. */
interface Known {
  /** How far this device's clock is ahead of the door's; null: not known. */
  skewMs(): number | null;
  /** What the service is called on whose permission somebody came; null: not known, or not yet. */
  serviceOf(visit: VisitJson): string | null;
  /** Where a courier says to have left the parcels of this visit. */
  leftAt(visit: string): VisitLine['left'];
  failed(thrown: unknown): void;
  /** The visit that was shown is over. */
  ended(): Promise<void>;
}

export class UnderWay {
  visit: VisitView | null = $state(null);

  readonly #household: Household;
  readonly #known: Known;
  #listed: VisitJson | null = null;
  #isReading = false;
  /** The recording of a visit that is about to be shown. */
  #filmed: Source | null = null;
  /** The newest reading of the list that was attended to. */
  #attended = 0;

  constructor(household: Household, known: Known) {
    this.#household = household;
    this.#known = known;
  }

  /** Shows the visit that is under way, if there is one, as the newest reading of the list says; readings have rising turns. */
  async attend(list: VisitJson[], turn: number): Promise<void> {
    if (turn < this.#attended) return;
    this.#attended = turn;
    this.#listed = list.find(({ state }) => state !== 'ended') ?? null;
    if (!this.#listed) this.visit = null;
    else if (!this.visit && this.#listed.state === 'ringing') await this.#read();
    else if (!this.visit) {
      // As it was listed: it asks for nothing that must be asked for. Its picture is asked for while its story is read.
      this.#filmed = this.#recordingOf(this.#listed.visit);
      await this.#read(this.#listed);
    }
  }

  /** The permission of a visit that was shown at once may only be known later. */
  name(list: VisitJson[]): void {
    const shown = list.find(({ visit }) => visit === this.visit?.id);
    if (shown && this.visit && !this.visit.serviceName) this.visit = { ...this.visit, serviceName: this.#known.serviceOf(shown) };
  }

  /** From now on, as long as the page is there. */
  watch(): void {
    const read = async () => {
      await this.#read();
      setTimeout(() => void read(), READ_MS);
    };
    void read();
  }

  /** Looks how far the visit is; one look at a time. */
  async #read(listed?: VisitJson): Promise<void> {
    if (!this.#listed || this.#isReading) return;
    this.#isReading = true;
    try {
      const { visit, asks_for: asksFor } = listed ? { visit: listed, asks_for: null } : await this.#ask(this.#listed.visit);
      // Of a ring that is over there is nothing to watch.
      const isOver = visit.state === 'ended' && this.visit?.ring;
      if (!isOver && (visit.last !== this.visit?.moments.at(-1)?.counter || visit.visit !== this.visit.id)) {
        this.visit = await this.#view(visit, asksFor ?? null);
      }
      if (visit.state === 'ended') {
        this.#listed = null;
        await this.#known.ended();
      }
    } catch (thrown) {
      this.#known.failed(thrown);
    } finally {
      this.#isReading = false;
    }
  }

  /** The story of any visit. */
  async look(id: string): Promise<VisitView> {
    const { visit } = await this.#ask(id);
    return this.#view(visit);
  }

  #ask(visit: string) {
    return visits.asked(this.#household.ready().cloud, this.#household.id, visit);
  }

  async #view(visit: VisitJson, asksFor: string | null = null): Promise<VisitView> {
    const { cloud, roster } = this.#household.ready();
    const { told, checked } = await visits.told(cloud, roster, this.#household.id, visit);
    const moments = visits.moments(told);
    return {
      ...visits.line(visit, this.#known.serviceOf(visit)),
      moments,
      left: this.#known.leftAt(visit.visit),
      door: visits.shapeAfter(moments),
      checked,
      waitsForAnswer: visits.waitsForAnswer(moments),
      ring: visit.state === 'ringing' ? visits.ringOf(moments, told, asksFor, this.#known.skewMs() ?? 0) : null,
    };
  }

  /** Shows its picture until the answer is called. */
  show(video: HTMLVideoElement, set: (picture: Picture) => void): () => void {
    const { cloud, roster } = this.#household.ready();
    const visit = this.visit?.id;
    if (!visit) return () => {};
    const source = this.#recordingOf(visit);
    this.#filmed = null;
    return following((tell) => new Live(cloud, source, roster, video, tell), this.#known.skewMs, set);
  }

  #recordingOf(visit: string): Source {
    const { cloud, keys } = this.#household.ready();
    return this.#filmed?.id === visit ? this.#filmed : recording(cloud, this.#household.id, visit, keys);
  }

  /** The resident's word, signed here. */
  async say(visit: string, word: 'allow' | 'stop' | 'coming'): Promise<void> {
    const { cloud, keys, roster } = this.#household.ready();
    const signer = word === 'allow' ? this.#household.signer(keys) : keys.device;
    const envelope = await sign(roster.answer(visit, word, signer), keys);
    const params = { path: { home: this.#household.id } };
    await said(cloud.api.POST('/v1/homes/{home}/answers', { params, body: { answer: envelope.bytes } }));
  }
}
