/**
 * The resident's home, for the screens: keeps what was pinned, asks the cloud, believes only what the core has checked.
 *
 * What the cloud says unproven (that a parcel was announced, that a notice came) is shown as news or used to look again;
 * what is said about the door, permissions and visits comes from the home's and the residents' own signatures.
 */
import { ownBuild } from '../core/build.ts';
import { said } from '../core/cloud.ts';
import { base64url, loadCore, random, type Core, type RosterHome } from '../core/core.ts';
import { keysOf, makeKeys, type Keys } from '../core/keys.ts';
import { post, wait } from '../core/letters.ts';
import { messages } from '../core/live.ts';
import type { components } from '../core/schema.d.ts';
import { keepForGood, recall, remember } from '../core/store.ts';
import { Trouble, troubleOf } from '../core/trouble.ts';
import { language } from '../words/words.svelte.ts';
import type { Alarm } from './alarms.ts';
import { counts } from './counting.ts';
import { skewOf, WRONG_MS } from './door-clock.ts';
import { nothing } from './following.ts';
import * as founding from './founding.ts';
import { Guests } from './guests.svelte.ts';
import { Household, PINNED } from './household.svelte.ts';
import type { OpenInvitation } from './invitation.svelte.ts';
import type {
  Allowed,
  Always,
  Awaiting,
  Chosen,
  Clip,
  Device,
  DoorNow,
  Draft,
  Founding,
  GuestLink,
  GuestWish,
  Notice,
  Parcel,
  Permission,
  PlanB,
  Hours,
  Looked,
  Looking,
  Picture,
  Mail,
  Push,
  Resident,
  SeenPhoto,
  Stopped,
  VisitLine,
  VisitView,
  Watch,
  Wishes,
} from './model.ts';
import type { KeptLog } from './kept.svelte.ts';
import type { Keyring, OpenSheet } from './keyring.ts';
import { HouseholdKeys } from './keyring.svelte.ts';
import { lookedBy } from './looked.ts';
import { openPhoto } from './left-photo.ts';
import { look } from './looking.ts';
import * as missed from './missed.ts';
import { Permissions, type Shown } from './permissions.svelte.ts';
import { Plans } from './plans.svelte.ts';
import * as mail from './mail.ts';
import * as push from './push.ts';
import type { Recordings } from './recorded.ts';
import { KeptRecordings } from './recordings.ts';
import { openSheet } from './takeover.ts';
import { UnderWay } from './under-way.svelte.ts';
import * as visits from './visits.ts';
import { watches } from './watches.ts';

/** What the cloud and the door said last: shown when there is no network, as old as it is. */
const NEWS = 'resident/news';
const WORD = 'resident/door';
/** How often the door itself is asked while somebody looks, ms. */
const ASK_MS = 20_000;
/** And while somebody is at the door, or it does not answer. */
const ASK_SOON_MS = 4_000;
/** The door's word is news for this long, ms. */
const FRESH_MS = 60_000;
/** Visits and notices on a page. */
const ROWS = 50;
/** How long a lost connection to the notices rests, ms. */
const AGAIN_MS = 2_000;

type VisitJson = components['schemas']['VisitJson'];

/** The cloud's answers as they came: taken up only through the core's checks, also when they were kept. */
interface News extends Shown {
  atMs: number;
  about: components['schemas']['HomeJson'];
  visits: VisitJson[];
  planB?: Chosen;
  left?: components['schemas']['LeftJson'][];
  notices: Notice[];
}

export class Home implements Resident {
  phase: Resident['phase'] = $state('starting');
  door: DoorNow = $state({
    shape: 'unknown',
    checkedMs: null,
    heardMs: null,
    nobodyCanOpen: null,
    blocked: false,
  });
  doorName = $state('');
  picture: Picture = $state(nothing);
  visits: VisitLine[] = $state([]);
  notices: Notice[] = $state([]);
  online = $state(true);
  trouble: Trouble | null = $state(null);

  readonly #core: Core;
  #joined: { household: Household; log: KeptLog; permissions: Permissions; guests: Guests; plans: Plans; keyring: Keyring; underWay: UnderWay } | null = $state.raw(null);
  /** Counter that the door named last over a nonce of this device: its log is known up to there, or nothing is claimed. */
  #headCounter: number | null = $state(null);
  /** How far this device's clock is ahead of the door's; null: not known. */
  #skewMs: number | null = null;
  /** Readings of what is new that began; the newest that was taken up. */
  #reading = { begun: 0, taken: 0 };

  private constructor(core: Core) {
    this.#core = core;
  }

  /** What this browser knows; a stranger's home if it knows nothing. */
  static async connect(): Promise<Home> {
    const home = new Home(await loadCore());
    const [keys, pinned] = await Promise.all([keysOf('resident'), recall<string[]>(PINNED)]);
    const founded = keys && !pinned ? await founding.resume(home.#core, keys) : null;
    if (keys && pinned) home.#start(keys, home.#core.Home.pinned(pinned));
    else if (keys && founded) await home.#settle(keys, founded);
    else home.phase = 'stranger';
    return home;
  }

  #start(keys: Keys, roster: RosterHome): void {
    const household = new Household(this.#core, keys, roster);
    const { log } = household;
    const permissions = new Permissions(this.#core, household, log, () => this.#refresh());
    const guests = new Guests(this.#core, household, permissions);
    const plans = new Plans(household, () => this.#refresh());
    const keyring = new HouseholdKeys(household, permissions, () => this.#isLogWhole(), () => this.#refresh());
    const underWay = new UnderWay(household, {
      skewMs: () => this.#skewMs,
      serviceOf: (one) => this.#serviceOf(one),
      leftAt: (id) => this.visits.find((one) => one.id === id)?.left ?? null,
      failed: (thrown) => this.#failed(thrown),
      ended: async () => {
        await this.#refresh();
        void this.#askDoor();
      },
    });
    this.#joined = { household, log, permissions, guests, plans, keyring, underWay };
    void guests.recall();
    this.phase = 'ready';
    // Signed in while what was kept is read; what fails is said where it is needed.
    void household.ready().cloud.token().catch(() => undefined);
    addEventListener('offline', () => (this.online = false));
    void this.#recallNews().then(() => {
      void this.#hear();
      this.#watchDoor();
      underWay.watch();
    });
    // Fails without a network, and is done again at the next start; what comes until then may come at the wrong hour.
    void push.renew(household.ready().cloud, household.id).catch(() => undefined);
    // Mails speak the language of this app, whenever that is chosen.
    $effect.root(() => {
      $effect(() => {
        void language.now;
        void mail.renew(household.ready().cloud, household.id).catch(() => undefined);
      });
    });
  }

  dismissTrouble(): void {
    this.trouble = null;
  }

  // ---- joining, and who belongs here

  async join(
    secret: string,
    name: string,
    progress: (step: 'keys' | 'asked' | 'signed', fingerprint?: string) => void,
  ): Promise<void> {
    const box = new this.#core.Letterbox(secret);
    const keys = await makeKeys('resident', name);
    const fingerprint = this.#core.fingerprint(keys.kid);
    progress('keys', fingerprint);
    const passkey = keys.passkey?.credential;
    await post(box.number, 'request', box.card(random(12), name, keys.device, passkey, keys.kemPublic));
    progress('asked', fingerprint);
    const reply = box.readReply(await wait(box.number, 'reply', AbortSignal.timeout(86_400_000)));
    if (reply.what !== 'home') throw new Trouble('join_refused');
    const roster = this.#core.Home.pinned(reply.envelopes);
    if (!roster.describe().residents.some(({ kid }) => kid === keys.kid)) throw new Trouble('join_refused');
    progress('signed');
    await this.#settle(keys, roster);
  }

  async found(secret: string, name: string, progress: (now: Founding) => Promise<void> | void): Promise<void> {
    const { keys, roster } = await founding.found(this.#core, secret, name, progress);
    await this.#settle(keys, roster);
  }

  openSheet(secret: Uint8Array<ArrayBuffer>): Promise<OpenSheet> {
    return openSheet(this.#core, secret, (keys, roster) => this.#settle(keys, roster));
  }

  async #settle(keys: Keys, roster: RosterHome): Promise<void> {
    await remember(PINNED, roster.envelopes());
    await keepForGood();
    this.#start(keys, roster);
  }

  get devices(): Device[] {
    return this.#joined?.household.devices ?? [];
  }

  get doorFingerprint(): string {
    return this.#joined?.household.doorFingerprint ?? '';
  }

  invite(rank: 'owner' | 'member'): Promise<OpenInvitation> {
    return this.#household.invite(rank);
  }

  admit(invitation: OpenInvitation): Promise<void> {
    return this.#household.admit(invitation);
  }

  get guestLinks(): GuestLink[] {
    return this.#joined?.guests.links ?? [];
  }

  get place(): string {
    return this.#joined?.guests.place ?? '';
  }

  inviteGuest(wish: GuestWish): Promise<GuestLink> {
    return this.#guests.invite(wish);
  }

  draftGuest(link: GuestLink): Promise<Draft> {
    return this.#guests.draft(link);
  }

  withdrawGuest(link: GuestLink): Promise<void> {
    return this.#guests.withdraw(link);
  }

  async removeDevice(device: Device): Promise<void> {
    await this.#household.removeDevice(device);
    // What it signed ended with it.
    await this.#refresh();
  }

  get keyring(): Keyring {
    if (!this.#joined) throw new Trouble('key_missing');
    return this.#joined.keyring;
  }

  // ---- permissions

  get awaiting(): Awaiting[] {
    return this.#joined?.permissions.awaiting ?? [];
  }

  get permissions(): Permission[] {
    return this.#joined?.permissions.permissions ?? [];
  }

  get allowed(): Allowed[] {
    return this.#joined?.permissions.allowed ?? [];
  }

  draftAlways(of: Awaiting | Permission, wishes: Always): Promise<Draft> {
    return this.#permissions.draftAlways(of, wishes);
  }

  draft(awaiting: Awaiting, wishes: Wishes): Promise<Draft> {
    return this.#permissions.draft(awaiting, wishes);
  }

  decline(awaiting: Awaiting): Promise<void> {
    return this.#permissions.decline(awaiting);
  }

  get parcels(): Parcel[] {
    return this.#joined?.plans.parcels ?? [];
  }

  get planB(): Chosen | null {
    return this.#joined?.plans.home ?? null;
  }

  choosePlanB(rungs: PlanB[], parcel?: string): Promise<void> {
    return this.#plans.choose(rungs, parcel);
  }

  planBAsHome(parcel: string): Promise<void> {
    return this.#plans.asHome(parcel);
  }

  revoke(permission: Permission): Promise<Stopped> {
    return this.#permissions.stop({ what: 'revoke', grantId: permission.id });
  }

  block(): Promise<Stopped> {
    return this.#permissions.stop({ what: 'block' });
  }

  unblock(): Promise<Stopped> {
    return this.#permissions.stop({ what: 'unblock' });
  }

  // ---- a visit

  get visit(): VisitView | null {
    return this.#joined?.underWay.visit ?? null;
  }

  say(visit: string, word: 'allow' | 'stop' | 'coming'): Promise<void> {
    return this.#underWay.say(visit, word);
  }

  show(video: HTMLVideoElement): () => void {
    return this.#underWay.show(video, (picture) => (this.picture = picture));
  }

  lookNow(video: HTMLVideoElement, signal: AbortSignal): Promise<Looking> {
    return look(this.#household, video, signal, () => this.#skewMs, (picture) => (this.picture = picture));
  }

  get looked(): Looked[] {
    return lookedBy(this.#joined?.log.kept.looks ?? [], this.devices);
  }

  get alarms(): Alarm[] {
    return this.#joined?.log.kept.alarms ?? [];
  }

  async understood(alarm: Alarm): Promise<void> {
    await this.#joined?.log.understood(alarm);
  }

  look(id: string): Promise<VisitView> {
    return this.#underWay.look(id);
  }

  async clip(id: string, progress: (done: number) => void): Promise<Clip> {
    const { cloud, roster } = this.#household.ready();
    const { visit } = await visits.asked(cloud, this.#household.id, id);
    const { told } = await visits.told(cloud, roster, this.#household.id, visit);
    return visits.clip(cloud, roster, await this.#household.openers(), this.#household.id, id, told, progress);
  }

  leftPhoto(left: string): Promise<SeenPhoto> {
    return openPhoto(this.#household, this.#permissions.roots, left);
  }

  get recordings(): Recordings {
    return new KeptRecordings(this.#core, this.#household);
  }

  watches(id: string): Promise<Watch[]> {
    const { cloud } = this.#household.ready();
    return watches(cloud, this.#household.id, id, this.devices);
  }

  // ---- push messages

  push(): Promise<Push> {
    return push.shown(this.#household.ready().cloud, this.#household.id);
  }

  tellMe(kinds: string[], quiet: Hours | null): Promise<Push> {
    return push.tellMe(this.#household.ready().cloud, this.#household.id, { kinds, quiet });
  }

  tellNoMore(): Promise<Push> {
    return push.tellNoMore(this.#household.ready().cloud, this.#household.id);
  }

  mail(): Promise<Mail> {
    return mail.shown(this.#household.ready().cloud, this.#household.id);
  }

  writeToMe(address: string, kinds: string[], quiet: Hours | null): Promise<Mail> {
    return mail.writeTo(this.#household.ready().cloud, this.#household.id, { address, kinds, quiet });
  }

  confirmMail(code: string): Promise<Mail> {
    return mail.confirm(this.#household.ready().cloud, this.#household.id, code);
  }

  writeNoMore(): Promise<Mail> {
    return mail.writeNoMore(this.#household.ready().cloud, this.#household.id);
  }

  checkLog(progress: (events: number) => void) {
    const { cloud, roster } = this.#household.ready();
    return visits.checkWhole(cloud, roster, this.#household.id, progress);
  }

  async newDeliveryNumber(label: string): Promise<string> {
    const params = { path: { home: this.#household.id } };
    const made = await said(
      this.#household.ready().cloud.api.POST('/v1/homes/{home}/delivery-numbers', { params, body: { label } }),
    );
    return made.number;
  }

  async deliveryNumbers() {
    const params = { path: { home: this.#household.id } };
    const { delivery_numbers: numbers } = await said(
      this.#household.ready().cloud.api.GET('/v1/homes/{home}/delivery-numbers', { params }),
    );
    return numbers.map(({ number, label, revoked_ms: revokedMs }) => ({ number, label, revoked: revokedMs != null }));
  }

  build(): Promise<string | null> {
    return ownBuild();
  }

  // ---- hearing what is new

  /** Notices say that something happened; what, is then read and checked. */
  async #hear(): Promise<void> {
    for (;;) {
      try {
        await this.#refresh();
        const since = this.notices[0]?.seq ?? 0;
        const socket = await this.#household.ready().cloud.stream(`/v1/homes/${this.#household.id}/notices/live?since=${since}`);
        this.online = true;
        for await (const message of messages(socket)) {
          this.#note(JSON.parse(new TextDecoder().decode(message)) as components['schemas']['NoticeJson']);
          await this.#refresh();
          void this.#askDoor();
        }
      } catch (thrown) {
        this.#failed(thrown);
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  #note(notice: components['schemas']['NoticeJson']): void {
    const about = (notice.about ?? {}) as { code?: string; deletes_ms?: number };
    const code = about.code ?? null;
    const visit = notice.visit ?? null;
    const one = { seq: notice.seq, kind: notice.kind, code, visit, atMs: notice.at_ms, deletesMs: about.deletes_ms };
    this.notices = [one, ...this.notices.filter(({ seq }) => seq !== one.seq)].slice(0, ROWS);
  }

  async #refresh(): Promise<void> {
    const { cloud } = this.#household.ready();
    const turn = (this.#reading.begun += 1);
    const proofs = this.#household.follow().then(() => this.#log.readOn());
    const params = { path: { home: this.#household.id } };
    const visiting = said(cloud.api.GET('/v1/homes/{home}/visits', { params: { ...params, query: { limit: ROWS } } }));
    // Who opens the app because of a visit waits for nothing else.
    void visiting.then(({ visits }) => this.#underWay.attend(visits, turn)).catch(() => undefined);
    const [about, announced, grants, preflight, past, stops, planB, left] = await Promise.all([
      said(cloud.api.GET('/v1/homes/{home}', { params })),
      said(cloud.api.GET('/v1/homes/{home}/consignments', { params: { ...params, query: { state: 'open' } } })),
      said(cloud.api.GET('/v1/homes/{home}/grants', { params })),
      said(cloud.api.GET('/v1/homes/{home}/preflight', { params })),
      visiting,
      said(cloud.api.GET('/v1/homes/{home}/revocations', { params })),
      said(cloud.api.GET('/v1/homes/{home}/plan-b', { params })),
      said(cloud.api.GET('/v1/homes/{home}/left', { params: { ...params, query: { limit: ROWS } } })),
      // What the answers are checked against; all of it is here before any of them is taken up.
      proofs,
    ]);
    if (await this.#household.beganAnew(about.household_since)) this.notices = [];
    // Several go on at once: a slow one undoes none that was asked later.
    if (turn < this.#reading.taken) return;
    this.#reading.taken = turn;
    const news: News = {
      atMs: Date.now(),
      about,
      announced: announced.consignments,
      grants: grants.grants,
      preflight: preflight.preflight,
      visits: past.visits,
      revocations: stops.revocations,
      planB,
      left: left.left,
      notices: $state.snapshot(this.notices),
    };
    this.online = true;
    this.#take(news);
    this.#underWay.name(news.visits);
    await remember(NEWS, news);
  }

  #take(news: News): void {
    const stops = this.#permissions.take(news);
    this.#plans.take(news.planB ?? null, news.announced, (commitments) => this.#permissions.naming(commitments));
    const reports = missed.newest(missed.read(this.#household.ready().roster, news.left ?? [], this.#permissions.roots));
    const lines = news.visits.map((one) => visits.line(one, this.#serviceOf(one)));
    const assigned = new Map(news.visits.map((one) => [one.visit, one.assignment ?? null]));
    const nameOf = (root: string) => this.#permissions.nameOf(root);
    this.visits = missed.joined(lines, reports, (visit) => assigned.get(visit) ?? null, nameOf);
    const heardMs = news.about.heard_ms_ago == null ? this.door.heardMs : news.atMs - news.about.heard_ms_ago;
    // Blocked is what the door keeps, and is not said while its log is known to go on where the cloud shows no more: it
    // may have been lifted there.
    const isRead = this.#headCounter === null || this.#log.kept.counter >= this.#headCounter;
    const blocked = stops.blocked && isRead;
    this.door = { ...this.door, heardMs, blocked };
    this.door = { ...this.door, nobodyCanOpen: this.#nobodyCanOpen() };
  }

  /** What was known when this app was last open, until the cloud says more. Nothing of it counts as fresh. */
  async #recallNews(): Promise<void> {
    await this.#log.recall();
    try {
      const [news, word] = await Promise.all([recall<News>(NEWS), recall<DoorNow>(WORD)]);
      if (!news) return;
      this.notices = news.notices;
      this.#take(news);
      // A word from the future is of another clock, and no word.
      if (word && word.checkedMs !== null && word.checkedMs <= Date.now()) {
        this.door = { ...this.door, shape: word.shape, checkedMs: word.checkedMs, heardMs: word.heardMs };
      }
      this.door = { ...this.door, nobodyCanOpen: null };
    } catch {
      // Kept by a build that wrote it otherwise: then nothing is known yet.
    }
  }

  #serviceOf(visit: VisitJson): string | null {
    return (visit.grant && this.#permissions.serviceOf(visit.grant)) ?? null;
  }

  /** Known only if every permission was checked here and cloud and door answered lately; else it is not known. */
  #nobodyCanOpen(): boolean | null {
    const { blocked } = this.door;
    // Something in the door's log that was not read, or a permission that the cloud does not show: then it is not known.
    if (!this.#isLogWhole() || this.#permissions.hidden > 0) return null;
    if (this.#skewMs === null) return null;
    const nowMs = Date.now() - this.#skewMs;
    const open = this.permissions.some(
      (one) =>
        counts(one) &&
        one.letter.windows.some(({ fromMs, untilMs }) => fromMs <= nowMs && nowMs < untilMs),
    );
    return blocked || !open;
  }

  /** The door answered lately, and its log was read here as far as it said that it goes. */
  #isLogWhole(): boolean {
    const { checkedMs } = this.door;
    if (!this.online || checkedMs === null || Date.now() - checkedMs > FRESH_MS) return false;
    return this.#headCounter !== null && this.#log.kept.counter >= this.#headCounter;
  }

  /** Asks the door itself, over a nonce of this device: no answer means "not known", never "all quiet". */
  async #askDoor(): Promise<void> {
    const { cloud, roster } = this.#household.ready();
    const nonce = random(16);
    try {
      const params = { path: { home: this.#household.id } };
      const body = { nonce: base64url(nonce) };
      const askedMs = Date.now();
      const { head } = await said(cloud.api.POST('/v1/homes/{home}/head', { params, body }));
      const { secured, counter, fromS, untilS } = roster.checkHead(head, nonce);
      this.#headCounter = counter;
      // A second is not over before the next one begins.
      const time = { fromMs: fromS * 1_000, untilMs: untilS === undefined ? null : (untilS + 1) * 1_000 };
      this.#compareClocks(skewOf(time, askedMs, Date.now()));
      if (counter > this.#log.kept.counter) await this.#log.readOn();
      const now = Date.now();
      const open = this.visit?.door === 'open' ? 'open' : 'unlocked';
      const shape = secured === undefined ? 'unknown' : secured ? 'locked' : open;
      this.door = { ...this.door, shape, checkedMs: now, heardMs: now };
      await remember(WORD, $state.snapshot(this.door));
      // No notice tells of another list of keys, but the door's log does.
      if (!this.#household.confirmed) await this.#household.follow();
    } catch (thrown) {
      if (troubleOf(thrown).code !== 'home_silent') this.#failed(thrown);
      this.#forgetOldWord();
    }
    this.door = { ...this.door, nobodyCanOpen: this.#nobodyCanOpen() };
  }

  /** Told once: it stays true, and what is shown goes by the door's clock. */
  #compareClocks(skewMs: number | null): void {
    const isNews = Math.abs(skewMs ?? 0) > WRONG_MS && Math.abs(this.#skewMs ?? 0) <= WRONG_MS;
    this.#skewMs = skewMs;
    if (isNews) this.trouble = new Trouble('clock_wrong');
  }

  #forgetOldWord(): void {
    const { checkedMs } = this.door;
    if (checkedMs !== null && Date.now() - checkedMs > FRESH_MS) this.door = { ...this.door, shape: 'unknown' };
  }

  #watchDoor(): void {
    const ask = async () => {
      if (document.visibilityState === 'visible') await this.#askDoor();
      else this.#forgetOldWord();
      setTimeout(() => void ask(), this.visit || this.door.shape === 'unknown' ? ASK_SOON_MS : ASK_MS);
    };
    void ask();
    addEventListener('online', () => void this.#refresh().then(() => this.#askDoor(), (thrown: unknown) => this.#failed(thrown)));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.#askDoor();
    });
  }

  #failed(thrown: unknown): void {
    const trouble = troubleOf(thrown);
    if (trouble.code === 'offline') this.online = false;
    else this.trouble = trouble;
  }

  get #household(): Household {
    if (!this.#joined) throw new Trouble('key_missing');
    return this.#joined.household;
  }

  get #permissions(): Permissions {
    if (!this.#joined) throw new Trouble('key_missing');
    return this.#joined.permissions;
  }

  get #plans(): Plans {
    if (!this.#joined) throw new Trouble('key_missing');
    return this.#joined.plans;
  }

  get #guests(): Guests {
    if (!this.#joined) throw new Trouble('key_missing');
    return this.#joined.guests;
  }

  get #underWay(): UnderWay {
    if (!this.#joined) throw new Trouble('key_missing');
    return this.#joined.underWay;
  }

  get #log(): KeptLog {
    if (!this.#joined) throw new Trouble('key_missing');
    return this.#joined.log;
  }
}

/** Fetches what [`connect`] will need. */
export async function prepare(): Promise<void> {
  await loadCore();
}

export function connect(): Promise<Resident> {
  return Home.connect();
}
