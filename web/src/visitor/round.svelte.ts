/**
 * A handset's round, for the screens: the tour, and one visit at one door from "here" to "done".
 *
 * Every message is signed in the core and sent once. What the door says decides the screen. A lost connection is taken up
 * with the same arrival; a presentation is never queued and never repeated by itself.
 */
import { ownBuild } from '../core/build.ts';
import { Cloud, said } from '../core/cloud.ts';
import { core, fromBase64url, hex, loadCore, random, type Core, type Draft } from '../core/core.ts';
import { keysOf, makeKeys, sign, unseal, type Keys } from '../core/keys.ts';
import { post, wait } from '../core/letters.ts';
import { messages } from '../core/live.ts';
import type { components } from '../core/schema.d.ts';
import { keepForGood, recall, remember } from '../core/store.ts';
import { Trouble, troubleOf } from '../core/trouble.ts';
import type { DoorWord, Errands } from '../core/wasm/browser.js';
import { Guests, stopOf } from './guests.svelte.ts';
import type { PlanB } from '../resident/model.ts';
import type { GuestLink, NotIn, Past, Reported, Round, Step, Stop } from './model.ts';
import { News } from './news.ts';
import { drawn, sealed } from './photo.ts';
import { reasonOf } from './report.ts';
import { Reports } from './reports.svelte.ts';
import { isPossible } from './said.ts';

const ABOUT = 'visitor/about';
/** Visits of this handset, newest first. */
const VISITS = 'visitor/visits';
/** The tour as it came last, still sealed: shown for the rest of its day when there is no network. */
const KEPT = 'visitor/tour';
/** As many are remembered: a busy day. */
const VISITS_MAX = 200;
/** Purpose of a sealed tour, as the provider seals it. */
const TOUR = 'vestibule/1/tour';
const AGAIN_MS = 1_000;
/** Three beats of the cloud that did not come: the connection to the door is dead, ms. */
const SILENCE_MS = 6_500;

type TourJson = components['schemas']['TourJson'];
type TourStop = TourJson['stops'][number];

interface About {
  name: string;
  provider: string | null;
}

/** A stop's papers. */
interface Errand {
  stop: Stop;
  /** H(grant) that it is bound to: another may take its place, as when one was taken back. None: it is rung for. */
  grant: string | null;
  errands: Errands;
  place: string;
  practice: Round['practice'];
  /** Keys of the household that a photo is sealed to, as the cloud names them. */
  photoKeys?: string[];
}

/** What a provider seals to a handset. */
interface Sealed {
  place: string;
  assignment: string;
  salts: string[];
  /** Of a practice delivery: what would be on sticker and parcels. */
  practice?: { tag: string; labels: string[] };
}

/** What is remembered of a visit. */
interface Made {
  visit: string;
  place: string;
  toldMs: number | null;
  /** Of a guest: H(grant), and when the door opened. */
  guest?: string;
  openedMs?: number;
}

/** One visit. Its id stays the same over every connection. */
interface Visit {
  errand: Errand;
  id: string;
  tag: string;
}

export class Tour implements Round {
  phase: Round['phase'] = $state('starting');
  handsetName = $state('');
  providerName: string | null = $state(null);
  stops: Stop[] = $state([]);
  step: Step = $state({ at: 'tour' });
  online = $state(true);
  filmed = $state(false);
  trouble: Trouble | null = $state(null);
  practice: Round['practice'] = $state(null);
  past: Past[] = $state([]);

  readonly #core: Core;
  #keys: Keys | null = null;
  #cloud: Cloud | null = null;
  readonly #guests: Guests;
  readonly #reports = new Reports();
  readonly #news = new News({
    isOnline: () => this.online,
    isLookedAt: () => this.step.at === 'tour' && document.visibilityState === 'visible',
    read: (waitS, signal) => this.#read(waitS, signal),
    failed: (thrown) => this.#unread(thrown),
  });
  /** The tour as the cloud said it last. */
  #newest: TourJson | undefined;
  /** The newest visit at each stop. */
  #visitAt = new Map<string, string>();
  /** When this phone opened a door as a guest, by H(grant). */
  #openedMs = new Map<string, number[]>();
  #errands = new Map<string, Errand>();
  #done = new Map<string, Stop['done']>();
  #visit: Visit | null = null;
  #socket: WebSocket | null = null;
  #challenge: string | null = null;
  /** Parcels that were scanned, and those that the person counted in. */
  #scannedParcels = 0;
  #inside = 0;
  #toldMs: number | null = null;
  /** Whether the door opened in this visit. */
  #opened = false;
  /** The connection over which the newest presentation went. */
  #presentedOn: WebSocket | null = null;

  private constructor(core: Core) {
    this.#core = core;
    this.#guests = new Guests(core, async (keys, name) => {
      if (this.phase === 'ready') return this.#refresh();
      const about: About = { name, provider: null };
      await remember(ABOUT, about);
      this.#start(keys, about);
    });
  }

  get link(): GuestLink | null {
    return this.#guests.link;
  }

  follow(secret: string, untilMs: number): Promise<void> {
    return this.#guests.follow(secret, untilMs).catch((thrown: unknown) => this.#failed(thrown));
  }

  ask(name: string): Promise<void> {
    return this.#guests.ask(name).catch((thrown: unknown) => this.#failed(thrown));
  }

  leaveLink(): void {
    this.#guests.leave();
  }

  static async connect(): Promise<Tour> {
    const [keys, about] = await Promise.all([keysOf('visitor'), recall<About>(ABOUT)]);
    // A stranger's first page does without the core; every way on from there waits for it.
    if (keys) await loadCore();
    const tour = new Tour(core);
    for (const { guest, openedMs } of (await recall<Made[]>(VISITS)) ?? []) {
      if (guest !== undefined && openedMs !== undefined) tour.#noteOpened(guest, openedMs);
    }
    await tour.#guests.recall(keys);
    await tour.#reports.recall();
    if (keys && about) tour.#start(keys, about);
    else tour.phase = 'stranger';
    return tour;
  }

  #start(keys: Keys, about: About): void {
    this.#keys = keys;
    this.#cloud = new Cloud(keys, 'visitor');
    this.handsetName = about.name;
    this.providerName = about.provider;
    if (this.phase === 'ready') return void this.#refresh();
    this.phase = 'ready';
    addEventListener('offline', () => (this.online = false));
    addEventListener('online', () => void this.#reports.send(this.#ready().cloud).catch((thrown: unknown) => this.#failed(thrown)));
    void this.#recallTour().then(() => this.#news.start());
  }

  dismissTrouble(): void {
    this.trouble = null;
  }

  async enrol(secret: string, name: string): Promise<void> {
    await loadCore();
    const box = new this.#core.Letterbox(secret);
    // A guest's phone keeps its key: permissions name it.
    const keys = this.#keys ?? (await makeKeys('visitor', null));
    await post(box.number, 'request', box.card(random(12), name, keys.device, undefined, keys.kemPublic));
    const reply = box.readReply(await wait(box.number, 'reply', AbortSignal.timeout(86_400_000)));
    if (reply.what !== 'handset') throw new Trouble('join_refused');
    const about: About = { name, provider: reply.provider };
    await remember(ABOUT, about);
    await keepForGood();
    this.#start(keys, about);
  }

  #refresh(): Promise<void> {
    return this.#read(0).catch((thrown: unknown) => this.#unread(thrown));
  }

  /** Reads the tour, or waits so long until it is another one than this phone has. */
  async #read(waitS: number, signal?: AbortSignal): Promise<void> {
    const { cloud } = this.#ready();
    const query = this.#newest ? { known: this.#newest.version, wait_s: waitS } : {};
    const other = await said(cloud.api.GET('/v1/visitor/tour', { params: { query }, signal: signal ?? null }));
    signal?.throwIfAborted();
    this.#newest = other ?? this.#newest;
    const stops = this.#newest?.stops ?? [];
    await this.#take(stops);
    // At a door it is the door that must be heard: see `#stay`.
    if (!this.#visit) this.online = true;
    await remember(KEPT, { atMs: Date.now(), stops });
    await this.#reports.send(cloud);
  }

  #unread(thrown: unknown): void {
    // Nobody knows this key any more: a guest whose visits are over.
    if (troubleOf(thrown).code === 'key_unknown' && this.providerName === null) void this.#take([]);
    else this.#failed(thrown);
  }

  async #recallTour(): Promise<void> {
    try {
      const kept = await recall<{ atMs: number; stops: TourStop[] }>(KEPT);
      const isOfToday = kept && new Date(kept.atMs).toDateString() === new Date().toDateString();
      await this.#take(isOfToday ? kept.stops : []);
    } catch {
      // Kept by a build that wrote it otherwise: then nothing is known yet.
    }
  }

  async #take(stops: TourStop[]): Promise<void> {
    const { keys } = this.#ready();
    const known = this.#errands;
    this.#errands = new Map();
    for (const one of stops) {
      // One that was not sealed to this handset is no stop.
      if (!one.assignment || !one.tour_sealed) continue;
      const id = one.assignment;
      const grant = one.grant ?? null;
      const kept = known.get(id);
      const isSame = kept?.grant === grant;
      const { errands, place, practice } = isSame ? kept : await this.#open(one.door, grant, one.tour_sealed, keys);
      const done = this.#done.get(id) ?? (this.#reports.of(id) ? 'elsewhere' : null);
      const planB = one.plan_b ?? [];
      const stop = {
        id,
        place,
        parcels: errands.parcels,
        possibleNow: one.possible_now,
        rings: one.may_ring,
        planB,
        photos: (one.photo_keys ?? []).length > 0,
        done,
      };
      this.#errands.set(id, { stop, grant, errands, place, practice, photoKeys: one.photo_keys ?? [] });
    }
    for (const guest of this.#guests.errands) {
      const { id, place, errands } = guest;
      const told = stops.find((one) => !one.assignment && one.grant === id);
      const possible = told?.possible_now ?? false;
      const stop = stopOf(guest, this.#openedMs.get(id) ?? [], { possible, whyNot: told?.why_not ?? null });
      this.#errands.set(id, { stop, grant: id, errands, place, practice: null });
    }
    this.stops = [...this.#errands.values()].map(({ stop }) => stop);
  }

  async #open(door: string, grant: string | null, sealed: string, keys: Keys): Promise<Omit<Errand, 'stop' | 'grant'>> {
    const tour = JSON.parse(new TextDecoder().decode(await unseal(keys, TOUR, fromBase64url(sealed)))) as Sealed;
    const errands = new this.#core.Errands(door, grant, tour);
    return { errands, place: tour.place, practice: tour.practice ?? null };
  }

  told(): void {
    this.#toldMs = Date.now();
  }

  choose(stop: Stop): void {
    this.#toldMs = null;
    this.practice = this.#errandOf(stop).practice;
    const over = !isPossible(stop) && !stop.guest;
    this.step = over ? { at: 'no', stop, word: 'not_here_today' } : { at: 'sticker', stop };
    this.#news.again();
  }

  get reports(): Reported[] {
    return this.#reports.all;
  }

  drawn(file: Blob): Promise<Blob> {
    return drawn(file).catch((thrown: unknown) => {
      this.#failed(thrown);
      throw thrown;
    });
  }

  async left(rung: PlanB, picture?: Blob): Promise<void> {
    const { step } = this;
    if (step.at !== 'no') return;
    const { cloud, keys } = this.#ready();
    const { errands, stop, photoKeys } = this.#errandOf(step.stop);
    // Of what goes along again there is nothing to show.
    const photo = picture && rung !== 'again' ? await sealed(errands, picture, photoKeys ?? []) : undefined;
    const draft = errands.left(this.#visitAt.get(stop.id), rung, reasonOf(step.word), Date.now() / 1_000, photo, keys.device);
    await this.#reports.add(stop.id, rung, await sign(draft, keys), photo);
    this.#done.set(stop.id, 'elsewhere');
    await this.#reports.send(cloud).catch((thrown: unknown) => this.#failed(thrown));
  }

  back(): void {
    this.#leave();
    this.practice = null;
    this.step = { at: 'tour' };
    this.#news.again();
    void this.#refresh();
  }

  async seen(text: string): Promise<void> {
    const { step } = this;
    if (step.at === 'sticker') await this.#arrive(step.stop, text);
    else if (step.at === 'scan') await this.#scanned(step, text);
  }

  // ---- at the door

  async #arrive(stop: Stop, text: string): Promise<void> {
    const tag = tagIn(text);
    if (!tag) {
      this.trouble = new Trouble('sticker_unreadable');
      return;
    }
    const errand = this.#errands.get(stop.id);
    if (!errand) throw new Trouble('tour_damaged');
    this.#visit = { errand, id: hex(random(16)), tag };
    this.#visitAt.set(stop.id, this.#visit.id);
    this.#opened = false;
    this.#inside = 0;
    this.step = { at: 'arriving', stop };
    const made = { visit: this.#visit.id, place: errand.place, toldMs: this.#toldMs };
    await this.#remember(stop.guest ? { ...made, guest: stop.id } : made);
    void this.#stay(this.#visit);
  }

  async #remember(made: Made): Promise<void> {
    const before = (await recall<Made[]>(VISITS)) ?? [];
    await remember(VISITS, [made, ...before].slice(0, VISITS_MAX));
  }

  /** The door opened for a guest: remembered, so that this page does not send them twice. */
  async #rememberOpened({ errand, id }: Visit): Promise<void> {
    const { stop } = errand;
    if (!stop.guest || this.#opened) return;
    const openedMs = Date.now();
    this.#noteOpened(stop.id, openedMs);
    const made = (await recall<Made[]>(VISITS)) ?? [];
    await remember(VISITS, made.map((one) => (one.visit === id ? { ...one, openedMs } : one)));
  }

  #noteOpened(grant: string, ms: number): void {
    this.#openedMs.set(grant, [...(this.#openedMs.get(grant) ?? []), ms]);
  }

  async rights(): Promise<void> {
    const { cloud } = this.#ready();
    const made = (await recall<Made[]>(VISITS)) ?? [];
    this.past = await Promise.all(
      made.map(async (one): Promise<Past> => {
        try {
          const params = { path: { visit: one.visit } };
          const receipt = await said(cloud.api.GET('/v1/visitor/visits/{visit}', { params }));
          const watched = receipt.watched.map(({ how, at_ms: atMs }) => ({
            how: (['live', 'link'] as const).find((one) => one === how) ?? ('download' as const),
            atMs,
          }));
          watched.sort((a, b) => a.atMs - b.atMs);
          return { ...one, recorded: receipt.recorded, watched };
        } catch {
          // Not known now is said to be not known.
          return { ...one, recorded: true, watched: null };
        }
      }),
    );
  }

  async proof(past: Past): Promise<Blob> {
    const params = { path: { visit: past.visit } };
    const receipt = await said(this.#ready().cloud.api.GET('/v1/visitor/visits/{visit}', { params }));
    return new Blob([JSON.stringify(receipt, null, 2)], { type: 'application/json' });
  }

  build(): Promise<string | null> {
    return ownBuild();
  }

  /** Stays connected to the door until the visit is over; each connection begins with the same arrival. */
  async #stay(visit: Visit): Promise<void> {
    while (this.#visit === visit) {
      try {
        const { cloud, keys } = this.#ready();
        const said = await this.#here(visit, keys);
        const socket = await cloud.stream('/v1/visitor/door');
        if (this.#visit !== visit) return socket.close();
        this.#socket = socket;
        socket.onopen = () => socket.send(said);
        let isHeard = false;
        for await (const frame of messages(socket, SILENCE_MS)) {
          // Until the door's first word there is nothing that a scan could answer.
          isHeard ||= frame.length > 0;
          if (isHeard) this.online = true;
          if (frame.length > 0) this.#heard(this.#core.doorWord(frame));
        }
        if (this.#visit === visit) this.online = false;
      } catch (thrown) {
        this.#failed(thrown);
      }
      this.#socket = null;
      this.#challenge = null;
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  /** "Here": an arrival, or a ring while nothing is allowed. */
  async #here({ errand, id, tag }: Visit, keys: Keys): Promise<Uint8Array<ArrayBuffer>> {
    const kind = errand.grant === null ? 'ring' : 'arrival';
    const { bytes } = await sign(errand.errands[kind](id, tag, keys.device), keys);
    return this.#frame(kind, bytes);
  }

  /** The door says that it is allowed now: the visit goes on as every other. */
  async #permitted(visit: Visit, grant: string): Promise<void> {
    if (visit.errand.grant === grant) return;
    visit.errand.errands.permit(grant);
    visit.errand.grant = grant;
    this.step = { at: 'arriving', stop: visit.errand.stop };
    try {
      const said = await this.#here(visit, this.#ready().keys);
      if (this.#visit === visit) this.#socket?.send(said);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #heard({ word, challenge, seconds, grant }: DoorWord): void {
    const visit = this.#visit;
    if (!visit) return;
    const { stop } = visit.errand;
    const untilMs = seconds === undefined ? null : Date.now() + seconds * 1_000;
    switch (word) {
      case 'asked':
        this.step = { at: 'wait', stop, why: 'asked', untilMs };
        break;
      case 'coming':
        this.step = { at: 'wait', stop, why: 'home', untilMs };
        break;
      case 'permitted':
        void this.#permitted(visit, grant ?? '');
        break;
      case 'challenge':
        this.#challenge = challenge ?? null;
        this.filmed = stop.guest?.onCamera ?? true;
        if (this.#mayScan()) this.step = this.#asksFor(stop);
        break;
      case 'try_again':
        this.trouble = new Trouble('try_again');
        if ((stop.guest || visit.errand.grant === null) && this.step.at === 'arriving') {
          // Another door's sticker, or a home that is not there: from the start.
          this.#leave();
          this.step = { at: 'sticker', stop };
          break;
        }
        this.step = this.#asksFor(stop);
        break;
      case 'wrong_parcel':
        this.step = { at: 'scan', stop, scanned: [], wrong: '' };
        break;
      case 'not_here_today':
        this.step = { at: 'no', stop, word: 'not_here_today' };
        if (visit.errand.grant === null) {
          // A ring: the home has ended the visit, and hears no goodbye.
          this.#over(visit, 'elsewhere');
          this.#leave();
          break;
        }
        void this.#goAway(visit).then(() => stop.guest && this.#askWhy(stop));
        break;
      case 'wait':
        this.step = { at: 'wait', stop, why: 'asked', untilMs: null };
        break;
      case 'open':
        void this.#rememberOpened(visit);
        this.#opened = true;
        this.step = { at: 'open', stop, inside: this.#inside };
        break;
      case 'close_door':
        this.step = { at: 'close', stop };
        break;
      case 'locking':
        this.step = { at: 'locking', stop };
        break;
      case 'secured':
        void this.#farewell(visit);
        break;
      case 'may_go':
        this.step = { at: 'may_go', stop };
        break;
      case 'ended':
        this.#ended(visit);
    }
  }

  #asksFor(stop: Stop): Step {
    return stop.guest ? { at: 'ready', stop } : { at: 'scan', stop, scanned: [], wrong: null };
  }

  /** A guest is told why, as far as the cloud says it; the door says only no. */
  async #askWhy(stop: Stop): Promise<void> {
    await this.#refresh();
    const known = this.#errands.get(stop.id)?.stop;
    if (known && this.step.at === 'no' && this.step.stop.id === stop.id) this.step = { ...this.step, stop: known };
  }

  /**
   * Whether a challenge asks for a scan: at first, after somebody was asked, and when it comes over another connection than
   * the presentation went, which then may be lost. The home takes none twice.
   */
  #mayScan(): boolean {
    const { step } = this;
    if (step.at === 'wait') return step.why !== 'checking' || this.#presentedOn !== this.#socket;
    return step.at === 'arriving';
  }

  async #scanned(step: Extract<Step, { at: 'scan' }>, text: string): Promise<void> {
    const { errands, stop } = this.#errandOf(step.stop);
    if (step.scanned.includes(text)) return;
    // Said at once; the home would say the same, from the signatures.
    if (errands.which(text) === undefined) {
      this.step = { ...step, wrong: text };
      return;
    }
    const scanned = [...step.scanned, text];
    this.step = { ...step, scanned, wrong: null };
    if (scanned.length === stop.parcels) await this.presentNow();
  }

  async presentNow(): Promise<void> {
    const { step } = this;
    const scanned = step.at === 'ready' ? [] : step.at === 'scan' && step.scanned.length > 0 ? step.scanned : null;
    if (!scanned || !('stop' in step)) return;
    const challenge = this.#challenge;
    if (!challenge || !this.#socket || this.#socket.readyState !== WebSocket.OPEN) {
      // An opening is never queued: the door asks again, and then the person scans again.
      this.trouble = new Trouble('offline');
      this.step = this.#asksFor(step.stop);
      return;
    }
    this.#challenge = null;
    const { keys } = this.#ready();
    const { errands, stop } = this.#errandOf(step.stop);
    this.#scannedParcels = scanned.length;
    this.#inside = 0;
    this.step = { at: 'wait', stop, why: 'checking', untilMs: null };
    this.#presentedOn = this.#socket;
    try {
      await this.#send('presentation', errands.presentation(challenge, scanned, keys.device));
    } catch (thrown) {
      // It did not go out: the person scans again, under the next challenge.
      this.#failed(thrown);
      this.step = this.#asksFor(stop);
    }
  }

  insideNow(parcels: number): void {
    this.#inside = parcels;
    if (this.step.at === 'open') this.step = { ...this.step, inside: parcels };
  }

  async notGoingIn(why?: NotIn): Promise<void> {
    const visit = this.#visit;
    const { step } = this;
    if ('stop' in step) this.step = { at: 'no', stop: step.stop, word: why ?? 'i_do_not_go_in' };
    if (visit && step.at !== 'no') await this.#goAway(visit);
  }

  /** Says goodbye without a parcel inside, so that the home need not wait. */
  async #goAway(visit: Visit): Promise<void> {
    try {
      const { keys } = this.#ready();
      await this.#send('farewell', visit.errand.errands.farewell(visit.id, 0, keys.device));
    } catch (thrown) {
      // The home ends the visit by itself, some time later.
      this.#failed(thrown);
    }
    // Plan B: whoever was sent away, or went, does not come back to this door on this tour.
    this.#over(visit, 'elsewhere');
    if (this.#visit === visit) this.#leave();
  }

  /** A guest may come again: that is said by the permission's windows. */
  #over({ errand: { stop } }: Visit, done: 'inside' | 'elsewhere'): void {
    if (!stop.guest) this.#done.set(stop.id, done);
  }

  async #farewell(visit: Visit): Promise<void> {
    try {
      const { keys } = this.#ready();
      // Who counted says so; who did not pushed in what was scanned.
      if (this.#inside === 0) this.#inside = this.#scannedParcels;
      await this.#send('farewell', visit.errand.errands.farewell(visit.id, this.#inside, keys.device));
      this.#ended(visit);
    } catch (thrown) {
      this.#failed(thrown);
    }
  }

  #ended(visit: Visit): void {
    const { at } = this.step;
    if (at === 'done' || at === 'no' || at === 'may_go') return;
    const { stop } = visit.errand;
    if (!this.#opened) {
      // The door never opened, and the home waits no longer.
      this.#over(visit, 'elsewhere');
      this.step = { at: 'no', stop, word: 'not_here_today' };
      return this.#leave();
    }
    this.#over(visit, 'inside');
    this.step = { at: 'done', stop, inside: this.#inside, next: null };
    const rest = this.stops.find(({ id, done, guest }) => id !== stop.id && done === null && !guest && !stop.guest);
    this.step = { at: 'done', stop, inside: this.#inside, next: rest ?? null };
    this.#leave();
  }

  next(): void {
    this.back();
  }

  #leave(): void {
    this.#visit = null;
    this.filmed = false;
    this.#challenge = null;
    this.#socket?.close();
    this.#socket = null;
  }

  async #send(kind: 'presentation' | 'farewell', draft: Draft): Promise<void> {
    const { keys } = this.#ready();
    const envelope = await sign(draft, keys);
    if (this.#socket?.readyState !== WebSocket.OPEN) throw new Trouble('offline');
    this.#socket.send(this.#frame(kind, envelope.bytes));
  }

  #frame(kind: string, envelope: string): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.#core.doorFrame(kind, envelope));
  }

  #errandOf(stop: Stop): Errand {
    const errand = this.#errands.get(stop.id) ?? this.#visit?.errand;
    if (!errand) throw new Trouble('tour_damaged');
    return errand;
  }

  #failed(thrown: unknown): void {
    const trouble = troubleOf(thrown);
    if (trouble.code === 'offline') this.online = false;
    else this.trouble = trouble;
  }

  #ready(): { cloud: Cloud; keys: Keys } {
    if (!this.#cloud || !this.#keys) throw new Trouble('key_missing');
    return { cloud: this.#cloud, keys: this.#keys };
  }
}

/** The door's tag: bare, or in the link that the sticker's QR code holds. */
function tagIn(text: string): string | null {
  return /(?:^|\/door\/)([0-9a-f]{32})$/.exec(text.trim().toLowerCase())?.[1] ?? null;
}

export function connect(): Promise<Round> {
  return Tour.connect();
}
