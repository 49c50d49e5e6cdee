/**
 * The resident's home, for the screens: keeps what was pinned, asks the cloud, believes only what the core has checked.
 *
 * What the cloud says unproven (that a parcel was announced, that a notice came) is shown as news or used to look again;
 * what is said about the door, permissions and visits comes from the home's and the residents' own signatures.
 */
import { ownBuild } from '../core/build.ts';
import { Cloud, said } from '../core/cloud.ts';
import { base64url, loadCore, random, type Core, type Draft as Unsigned, type RosterHome } from '../core/core.ts';
import { keysOf, makeKeys, sign, type Keys } from '../core/keys.ts';
import { post, wait } from '../core/letters.ts';
import { Live, messages, type LiveState } from '../core/live.ts';
import type { components } from '../core/schema.d.ts';
import { keepForGood, recall, remember } from '../core/store.ts';
import { Trouble, troubleOf } from '../core/trouble.ts';
import * as founding from './founding.ts';
import { OpenInvitation } from './invitation.svelte.ts';
import type {
  Awaiting,
  Clip,
  Device,
  DoorNow,
  Draft,
  Founding,
  Notice,
  Permission,
  Picture,
  Resident,
  Stopped,
  VisitLine,
  VisitView,
  Wishes,
} from './model.ts';
import { readOn, recallKept, type Kept } from './kept.ts';
import * as visits from './visits.ts';

/** What this device pinned, in IndexedDB. */
const PINNED = 'resident/roster';
/** What the cloud and the door said last: shown when there is no network, as old as it is. */
const NEWS = 'resident/news';
const WORD = 'resident/door';
/** How often the door itself is asked while somebody looks, ms. */
const ASK_MS = 20_000;
/** And while somebody is at the door. */
const ASK_IN_VISIT_MS = 4_000;
/** How often the log is read while somebody is at the door, ms: events come without notices. */
const READ_MS = 600;
/** The door's word is news for this long, ms. */
const FRESH_MS = 60_000;
/** What the core adds to the name of a passkey. */
const PASSKEY_SUFFIX = ' (passkey)';
/** How long the door's own confirmation is waited for, ms. */
const CONFIRM_MS = 6_000;
const CONFIRM_AGAIN_MS = 150;
/** How long the door log may take to tell of a new roster, ms. */
const IN_FORCE_MS = 10_000;
/** Visits and notices on a page. */
const ROWS = 50;
/** How long a lost connection to the notices rests, ms. */
const AGAIN_MS = 2_000;

type VisitJson = components['schemas']['VisitJson'];
type ConsignmentJson = components['schemas']['ConsignmentJson'];

/** The cloud's answers as they came: taken up only through the core's checks, also when they were kept. */
interface News {
  atMs: number;
  about: components['schemas']['HomeJson'];
  waiting: ConsignmentJson[];
  grants: components['schemas']['GrantJson'][];
  preflight: components['schemas']['PreflightJson'][];
  visits: VisitJson[];
  revocations: components['schemas']['RevocationJson'][];
  notices: Notice[];
}

/** What residents stopped, by the newest list, and whether the door keeps that list. */
interface Stops {
  hash: string | null;
  blocked: boolean;
  grants: string[];
  confirmed: boolean;
}

const NO_STOPS = { hash: null, blocked: false, grants: [] as string[] };

const nothing: Picture = { capturedMs: null, ageMs: null, gaps: [], ended: false, trouble: null };

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
  doorFingerprint = $state('');
  awaiting: Awaiting[] = $state([]);
  permissions: Permission[] = $state([]);
  visit: VisitView | null = $state(null);
  picture: Picture = $state(nothing);
  visits: VisitLine[] = $state([]);
  devices: Device[] = $state([]);
  notices: Notice[] = $state([]);
  online = $state(true);
  trouble: Trouble | null = $state(null);

  readonly #core: Core;
  #keys: Keys | null = null;
  #cloud: Cloud | null = null;
  #roster: RosterHome | null = null;
  #id = '';
  #announced = new Map<string, ConsignmentJson>();
  #services = new Map<string, string>();
  #newestList: string | null = null;
  #kept: Kept = { home: '', counter: 0, grants: {}, list: null };
  #reading: Promise<void> = Promise.resolve();
  /** Counter that the door named last over a nonce of this device: its log is known up to there, or nothing is claimed. */
  #headCounter: number | null = null;
  #underWay: VisitJson | null = null;

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
    this.#keys = keys;
    this.#cloud = new Cloud(keys, 'resident');
    this.#pin(roster);
    this.phase = 'ready';
    addEventListener('offline', () => (this.online = false));
    void this.#recallNews().then(() => {
      void this.#hear();
      this.#watchDoor();
      this.#watchVisit();
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

  async #settle(keys: Keys, roster: RosterHome): Promise<void> {
    await remember(PINNED, roster.envelopes());
    await keepForGood();
    this.#start(keys, roster);
  }

  #pin(roster: RosterHome): void {
    const view = roster.describe();
    this.#roster = roster;
    this.#id = view.home;
    this.doorFingerprint = view.doorFingerprint;
    const passkey = this.#keys?.passkey;
    const mine = [this.#keys?.kid, passkey && this.#core.kidOf(passkey.credential)];
    const devices = view.residents.map((one) => ({ ...one, thisDevice: mine.includes(one.kid) }));
    // What a person may do is what the passkey may: it comes first.
    this.devices = devices.sort((a, b) => Number(b.passkey) - Number(a.passkey));
  }

  /** Follows the rosters that came into force since, each signed by the owners of the one before it. */
  async #followRoster(): Promise<void> {
    const { cloud, roster } = this.#ready();
    let now = roster;
    for (;;) {
      const { epoch } = now.describe();
      const params = { path: { home: this.#id }, query: { since: epoch } };
      const { after } = await said(cloud.api.GET('/v1/homes/{home}/rosters', { params }));
      if (!after || after.length === 0) break;
      for (const next of after) now = now.after(next.roster);
    }
    if (now === roster) return;
    await remember(PINNED, now.envelopes());
    this.#pin(now);
  }

  async invite(rank: 'owner' | 'member'): Promise<OpenInvitation> {
    return new OpenInvitation(this.#core, base64url(random(16)), rank);
  }

  async admit(invitation: OpenInvitation): Promise<void> {
    const { keys } = this.#ready();
    const { card } = invitation;
    if (!card) throw new Trouble('nobody_asked');
    await this.#followRoster();
    const { roster } = this.#ready();
    await this.#changeRoster(roster.admit(card, invitation.rank, this.#signer(keys)));
    await invitation.answer(this.#ready().roster.envelopes());
  }

  async removeDevice(device: Device): Promise<void> {
    const { keys, roster } = this.#ready();
    // A passkey and the device key beside it were named together, and go together.
    const name = device.name.replace(PASSKEY_SUFFIX, '');
    const pair = this.devices.filter((one) => one.name.replace(PASSKEY_SUFFIX, '') === name);
    const kids = pair.map(({ kid }) => kid);
    await this.#changeRoster(roster.remove(kids, this.#signer(keys)));
  }

  async #changeRoster(draft: Unsigned): Promise<void> {
    const { cloud, keys } = this.#ready();
    const envelope = await sign(draft, keys);
    const params = { path: { home: this.#id } };
    const body = { roster: [envelope.bytes] };
    const sent = await said(cloud.api.POST('/v1/homes/{home}/rosters', { params, body }));
    if (sent.kept_by_home.state === 'refused') {
      throw new Trouble(sent.kept_by_home.code ?? 'roster_refused');
    }
    if (sent.kept_by_home.state !== 'kept') throw new Trouble('home_silent');
    // The home's log tells of it right behind its "kept".
    const deadline = Date.now() + IN_FORCE_MS;
    while (this.#ready().roster.describe().epoch < sent.epoch) {
      if (Date.now() > deadline) throw new Trouble('home_silent');
      await new Promise((resolve) => setTimeout(resolve, 100));
      await this.#followRoster();
    }
  }

  /** The passkey if there is one: then the person is asked, and what lets someone in was never signed silently. */
  #signer(keys: Keys): string {
    return keys.passkey?.credential ?? keys.device;
  }

  // ---- permissions

  async draft(awaiting: Awaiting, wishes: Wishes): Promise<Draft> {
    const { cloud, keys, roster } = this.#ready();
    const announced = this.#announced.get(awaiting.id);
    if (!announced) throw new Trouble('consignment_unknown');
    const unsigned = roster.grant(announced, wishes.doorOpenS, random(16), this.#signer(keys));
    const letter = unsigned.letter();
    return {
      letter: { ...letter, parcels: letter.parcels ?? null, service: letter.service ?? null },
      sign: async () => {
        const envelope = await sign(unsigned, keys);
        const params = { path: { home: this.#id } };
        const body = { grant: envelope.bytes };
        const { kept_by_home: kept } = await said(
          cloud.api.POST('/v1/homes/{home}/grants', { params, body }),
        );
        if (kept.state === 'refused') throw new Trouble(kept.code ?? 'page_failed');
        const confirmed = await this.#confirmed(() => envelope.hash in this.#kept.grants);
        await this.#refresh();
        return confirmed ? 'kept' : 'pending';
      },
    };
  }

  async decline(awaiting: Awaiting): Promise<void> {
    const params = { path: { home: this.#id, consignment: awaiting.id } };
    await said(
      this.#ready().cloud.api.POST('/v1/homes/{home}/consignments/{consignment}/decline', { params }),
    );
    await this.#refresh();
  }

  revoke(permission: Permission): Promise<Stopped> {
    return this.#stop({ what: 'revoke', grantId: permission.id });
  }

  block(): Promise<Stopped> {
    return this.#stop({ what: 'block' });
  }

  unblock(): Promise<Stopped> {
    return this.#stop({ what: 'unblock' });
  }

  async #stop(change: Parameters<RosterHome['revocation']>[2]): Promise<Stopped> {
    const { cloud, keys } = this.#ready();
    await this.#readStops();
    const { roster } = this.#ready();
    // To stop needs no passkey: nothing may stand between a person and a no.
    const signer = change.what === 'unblock' ? this.#signer(keys) : keys.device;
    const draft = roster.revocation(this.#newestList ?? undefined, Date.now() / 1_000, change, signer);
    const envelope = await sign(draft, keys);
    const params = { path: { home: this.#id } };
    const body = { revocation: envelope.bytes };
    const sent = await said(cloud.api.POST('/v1/homes/{home}/revocations', { params, body }));
    if (sent.state === 'refused') throw new Trouble(sent.kept_by_home.code ?? 'revocation_refused');
    // If not even the cloud has heard of the door's word, there is nothing to wait for: it comes as a notice.
    const isKept = sent.state === 'confirmed' || sent.kept_by_home.state === 'kept';
    const confirmed = isKept && (await this.#confirmed(() => this.#kept.list === envelope.hash));
    await this.#refresh();
    if (confirmed) return { confirmed: true };
    const until = sent.could_open_until ?? null;
    return { confirmed: false, couldOpenUntilMs: until === null ? null : until * 1_000 };
  }

  /** Waits a moment for the door's own word, in its log. The cloud's word does not count. */
  async #confirmed(is: () => boolean): Promise<boolean> {
    const deadline = Date.now() + CONFIRM_MS;
    for (;;) {
      await this.#readOn();
      if (is()) return true;
      if (Date.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, CONFIRM_AGAIN_MS));
    }
  }

  /** Reads the door's log on; one reading after the other, so that none undoes another. */
  #readOn(): Promise<void> {
    const { cloud, roster } = this.#ready();
    const read = async () => {
      this.#kept = await readOn(this.#kept, cloud, roster);
    };
    this.#reading = this.#reading.then(read, read);
    return this.#reading;
  }

  // ---- a visit

  async say(visit: string, word: 'allow' | 'stop' | 'coming'): Promise<void> {
    const { cloud, keys, roster } = this.#ready();
    const signer = word === 'allow' ? this.#signer(keys) : keys.device;
    const envelope = await sign(roster.answer(visit, word, signer), keys);
    const params = { path: { home: this.#id } };
    await said(cloud.api.POST('/v1/homes/{home}/answers', { params, body: { answer: envelope.bytes } }));
  }

  show(video: HTMLVideoElement): () => void {
    const { cloud, keys, roster } = this.#ready();
    const visit = this.visit?.id;
    if (!visit) return () => {};
    let state: LiveState | null = null;
    const tell = () => {
      if (!state) return;
      const { shownMs, gaps, ended, trouble } = state;
      const ageMs = shownMs === null ? null : Math.max(0, Date.now() - shownMs);
      this.picture = { capturedMs: shownMs, ageMs, gaps, ended, trouble };
    };
    const live = new Live(cloud, { home: this.#id, id: visit }, roster, keys, video, (next) => {
      state = next;
      tell();
    });
    // A picture that stands still grows old without any event.
    const ageing = setInterval(tell, 100);
    return () => {
      clearInterval(ageing);
      live.stop();
      this.picture = nothing;
    };
  }

  async look(id: string): Promise<VisitView> {
    const { cloud } = this.#ready();
    const params = { path: { home: this.#id, visit: id } };
    const { visit } = await said(cloud.api.GET('/v1/homes/{home}/visits/{visit}', { params }));
    return this.#view(visit);
  }

  async #view(visit: VisitJson): Promise<VisitView> {
    const { cloud, roster } = this.#ready();
    const { told, checked } = await visits.told(cloud, roster, this.#id, visit);
    const moments = visits.moments(told);
    return {
      ...visits.line(visit, this.#serviceOf(visit)),
      moments,
      door: visits.shapeAfter(moments),
      checked,
      waitsForAnswer: visits.waitsForAnswer(moments),
    };
  }

  async clip(id: string, progress: (done: number) => void): Promise<Clip> {
    const { cloud, keys, roster } = this.#ready();
    const params = { path: { home: this.#id, visit: id } };
    const { visit } = await said(cloud.api.GET('/v1/homes/{home}/visits/{visit}', { params }));
    const { told } = await visits.told(cloud, roster, this.#id, visit);
    return visits.clip(cloud, roster, keys, this.#id, id, told, progress);
  }

  async deleteClip(id: string): Promise<void> {
    // What cannot be brought back is an owner's, and asks the person.
    const { keys } = this.#ready();
    const owner = new Cloud(keys, 'resident', this.#signer(keys));
    const params = { path: { home: this.#id, recording: id } };
    await said(owner.api.DELETE('/v1/homes/{home}/recordings/{recording}', { params }));
  }

  checkLog(progress: (events: number) => void) {
    const { cloud, roster } = this.#ready();
    return visits.checkWhole(cloud, roster, this.#id, progress);
  }

  async newDeliveryNumber(label: string): Promise<string> {
    const params = { path: { home: this.#id } };
    const made = await said(
      this.#ready().cloud.api.POST('/v1/homes/{home}/delivery-numbers', { params, body: { label } }),
    );
    return made.number;
  }

  async deliveryNumbers() {
    const params = { path: { home: this.#id } };
    const { delivery_numbers: numbers } = await said(
      this.#ready().cloud.api.GET('/v1/homes/{home}/delivery-numbers', { params }),
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
        const socket = await this.#ready().cloud.stream(`/v1/homes/${this.#id}/notices/live?since=${since}`);
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
    const code = (notice.about as { code?: string } | undefined)?.code ?? null;
    const visit = notice.visit ?? null;
    const one = { seq: notice.seq, kind: notice.kind, code, visit, atMs: notice.at_ms };
    this.notices = [one, ...this.notices.filter(({ seq }) => seq !== one.seq)].slice(0, ROWS);
  }

  async #refresh(): Promise<void> {
    const { cloud } = this.#ready();
    await this.#followRoster();
    await this.#readOn();
    const params = { path: { home: this.#id } };
    const [about, waiting, grants, preflight, past, stops] = await Promise.all([
      said(cloud.api.GET('/v1/homes/{home}', { params })),
      said(cloud.api.GET('/v1/homes/{home}/consignments', { params: { ...params, query: { state: 'awaiting' } } })),
      said(cloud.api.GET('/v1/homes/{home}/grants', { params })),
      said(cloud.api.GET('/v1/homes/{home}/preflight', { params })),
      said(cloud.api.GET('/v1/homes/{home}/visits', { params: { ...params, query: { limit: ROWS } } })),
      said(cloud.api.GET('/v1/homes/{home}/revocations', { params })),
    ]);
    const news: News = {
      atMs: Date.now(),
      about,
      waiting: waiting.consignments,
      grants: grants.grants,
      preflight: preflight.preflight,
      visits: past.visits,
      revocations: stops.revocations,
      notices: $state.snapshot(this.notices),
    };
    this.online = true;
    this.#take(news);
    this.#underWay = past.visits.find(({ state }) => state !== 'ended') ?? null;
    if (!this.#underWay) this.visit = null;
    await remember(NEWS, news);
  }

  #take(news: News): void {
    const { roster } = this.#ready();
    const stops = this.#takeStops(news.revocations);
    const findings = new Map(news.preflight.map((one) => [one.grant, one.findings]));
    this.permissions = news.grants.flatMap((row): Permission[] => {
      try {
        const { hash, letter, signerName } = roster.checkGrant(row.grant);
        const full = { ...letter, parcels: letter.parcels ?? null, service: letter.service ?? null };
        const visits = this.#kept.grants[hash];
        const isPast = letter.windows.every(({ untilMs }) => untilMs <= Date.now());
        if (isPast) delete this.#kept.grants[hash];
        const over = isPast || (visits !== undefined && visits.length >= letter.uses);
        const said = row.kept_by_home.state === 'refused' ? 'refused' : 'pending';
        const kept = visits ? 'kept' : said;
        const state = stops.confirmed && stops.grants.includes(letter.id) ? 'revoked' : over ? 'over' : kept;
        return [{ hash, id: letter.id, letter: full, state, findings: findings.get(hash) ?? [], signedByName: signerName }];
      } catch {
        // Signed by nobody of this home: the home refuses it too, and it is no permission.
        return [];
      }
    });
    const known = new Set(this.permissions.map(({ letter }) => letter.fingerprint));
    for (const { hash, letter } of this.permissions) this.#services.set(hash, letter.serviceName);
    this.#announced = new Map(news.waiting.map((one) => [one.consignment, one]));
    this.awaiting = news.waiting.map((one) => {
      const fingerprint = this.#core.fingerprint(one.provider);
      return {
        id: one.consignment,
        serviceName: one.provider_name,
        fingerprint,
        known: known.has(fingerprint),
        description: one.description,
        parcels: one.commitments.length,
        fromMs: one.window.from * 1_000,
        untilMs: one.window.until * 1_000,
      };
    });
    this.visits = news.visits.map((one) => visits.line(one, this.#serviceOf(one)));
    const heardMs = news.about.heard_ms_ago == null ? this.door.heardMs : news.atMs - news.about.heard_ms_ago;
    // Blocked is what the door keeps; a list that is only on its way blocks nothing yet.
    // Nor is it said while the door's log is known to go on where the cloud shows no more: it may have been lifted there.
    const isRead = this.#headCounter === null || this.#kept.counter >= this.#headCounter;
    const blocked = stops.confirmed && stops.blocked && isRead;
    this.door = { ...this.door, heardMs, blocked };
    this.door = { ...this.door, nobodyCanOpen: this.#nobodyCanOpen() };
  }

  /** What was known when this app was last open, until the cloud says more. Nothing of it counts as fresh. */
  async #recallNews(): Promise<void> {
    this.#kept = await recallKept(this.#id);
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
    return (visit.grant && this.#services.get(visit.grant)) ?? null;
  }

  async #readStops(): Promise<Stops> {
    const { cloud } = this.#ready();
    const params = { path: { home: this.#id } };
    const { revocations } = await said(cloud.api.GET('/v1/homes/{home}/revocations', { params }));
    return this.#takeStops(revocations);
  }

  #takeStops(revocations: News['revocations']): Stops {
    this.#newestList = revocations[0]?.revocation ?? null;
    const { roster } = this.#ready();
    const stops = this.#newestList ? roster.checkRevocation(this.#newestList) : NO_STOPS;
    return { ...stops, confirmed: stops.hash === this.#kept.list };
  }

  /** Known only if every permission was checked here and cloud and door answered lately; else it is not known. */
  #nobodyCanOpen(): boolean | null {
    const { checkedMs, blocked } = this.door;
    if (!this.online || checkedMs === null || Date.now() - checkedMs > FRESH_MS) return null;
    // Something in the door's log that was not read, or a permission that the cloud does not show: then it is not known.
    if (this.#headCounter === null || this.#kept.counter < this.#headCounter) return null;
    if (!Object.keys(this.#kept.grants).every((hash) => this.permissions.some((one) => one.hash === hash))) return null;
    const open = this.permissions.some(
      ({ state, letter }) =>
        (state === 'kept' || state === 'pending') &&
        letter.windows.some(({ fromMs, untilMs }) => fromMs <= Date.now() && Date.now() < untilMs),
    );
    return blocked || !open;
  }

  /** Asks the door itself, over a nonce of this device: no answer means "not known", never "all quiet". */
  async #askDoor(): Promise<void> {
    const { cloud, roster } = this.#ready();
    const nonce = random(16);
    try {
      const params = { path: { home: this.#id } };
      const body = { nonce: base64url(nonce) };
      const { head } = await said(cloud.api.POST('/v1/homes/{home}/head', { params, body }));
      const { secured, counter } = roster.checkHead(head, nonce);
      this.#headCounter = counter;
      if (counter > this.#kept.counter) await this.#readOn();
      const now = Date.now();
      const open = this.visit?.door === 'open' ? 'open' : 'unlocked';
      const shape = secured === undefined ? 'unknown' : secured ? 'locked' : open;
      this.door = { ...this.door, shape, checkedMs: now, heardMs: now };
      await remember(WORD, $state.snapshot(this.door));
    } catch (thrown) {
      if (troubleOf(thrown).code !== 'home_silent') this.#failed(thrown);
      this.#forgetOldWord();
    }
    this.door = { ...this.door, nobodyCanOpen: this.#nobodyCanOpen() };
  }

  #forgetOldWord(): void {
    const { checkedMs } = this.door;
    if (checkedMs !== null && Date.now() - checkedMs > FRESH_MS) this.door = { ...this.door, shape: 'unknown' };
  }

  #watchDoor(): void {
    const ask = async () => {
      if (document.visibilityState === 'visible') await this.#askDoor();
      else this.#forgetOldWord();
      setTimeout(() => void ask(), this.visit ? ASK_IN_VISIT_MS : ASK_MS);
    };
    void ask();
    addEventListener('online', () => void this.#refresh().then(() => this.#askDoor(), (thrown: unknown) => this.#failed(thrown)));
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState === 'visible') void this.#askDoor();
    });
  }

  #watchVisit(): void {
    const read = async () => {
      if (this.#underWay) {
        try {
          const params = { path: { home: this.#id, visit: this.#underWay.visit } };
          const { visit } = await said(
            this.#ready().cloud.api.GET('/v1/homes/{home}/visits/{visit}', { params }),
          );
          if (visit.last !== this.visit?.moments.at(-1)?.counter || visit.visit !== this.visit.id) {
            this.visit = await this.#view(visit);
          }
          if (visit.state === 'ended') {
            this.#underWay = null;
            await this.#refresh();
            void this.#askDoor();
          }
        } catch (thrown) {
          this.#failed(thrown);
        }
      }
      setTimeout(() => void read(), READ_MS);
    };
    void read();
  }

  #failed(thrown: unknown): void {
    const trouble = troubleOf(thrown);
    if (trouble.code === 'offline') this.online = false;
    else this.trouble = trouble;
  }

  #ready(): { cloud: Cloud; keys: Keys; roster: RosterHome } {
    if (!this.#cloud || !this.#keys || !this.#roster) throw new Trouble('key_missing');
    return { cloud: this.#cloud, keys: this.#keys, roster: this.#roster };
  }
}

export function connect(): Promise<Resident> {
  return Home.connect();
}
