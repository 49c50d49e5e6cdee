/** Homes that nobody lives in: one per state of the screens, for pictures and tests. Never part of the shipped page. */
import {
  Trouble,
  type Awaiting,
  type Clip,
  type Device,
  type Gap,
  type GuestLink,
  type Invitation,
  type Left,
  type Letter,
  type Moment,
  type Notice,
  type Parcel,
  type Permission,
  type Mail,
  type Push,
  type Resident,
  type VisitLine,
  type VisitView,
  type Watch,
} from './model.ts';

import type { Keyring } from './keyring.ts';
import { PHOTOS } from './left-photo.fixture.ts';
import { deletedOne, expiredOne, heldOne, links, recordings } from './recordings.fixture.ts';
import { expand, zoneHere } from './standing.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The windows that Monday to Saturday from 8 to 20 make, for so many days, from so many days ago. */
function weeks(forDays: number, agoDays = 0): Letter['windows'] {
  return expand({ days: [0, 1, 2, 3, 4, 5], fromHour: 8, untilHour: 20, forDays }, Date.now() - agoDays * DAY, zoneHere());
}

function standing(over: Partial<Permission> = {}, agoDays = 20): Permission {
  const windows = weeks(92, agoDays);
  const terms = { parcels: null, service: 'delivery', windows, uses: windows.length, noticeS: 900 };
  return permission({ hash: 's1', id: 'p9', used: 7, ...over }, terms);
}

/** A service's name, in the language of the pictures. */
function service(): string {
  return document.documentElement.lang === 'de' ? 'Paketdienst' : 'Parcel service';
}
function cleaning(): string {
  return document.documentElement.lang === 'de' ? 'Reinigung' : 'Cleaning service';
}

function today(hour: number, minute = 0): number {
  return new Date().setHours(hour, minute, 0, 0);
}

function letter(over: Partial<Letter> = {}): Letter {
  return {
    serviceName: service(),
    fingerprint: '4816 2309',
    guest: false,
    parcels: 2,
    service: null,
    windows: [{ fromMs: today(10), untilMs: today(14) }],
    uses: 1,
    usesPerWindow: 1,
    entries: 1,
    doorOpenS: 60,
    onCamera: true,
    inside: false,
    occupied: 'ask',
    attributes: ['employee'],
    noticeS: 0,
    ...over,
  };
}

function permission(over: Partial<Permission> = {}, terms: Partial<Letter> = {}): Permission {
  return {
    hash: 'a1',
    id: 'p1',
    letter: letter(terms),
    state: 'kept',
    findings: [],
    signedByName: document.documentElement.lang === 'de' ? 'Telefon' : 'phone',
    signedBy: 'k1',
    keptMs: today(9) - 8 * DAY,
    used: 0,
    ...over,
  };
}

function parcel(over: Partial<Parcel> = {}): Parcel {
  return { id: 'w1', serviceName: service(), by: null, planB: { rungs: ['neighbour', 'locker', 'again'], chosen: false }, stopsAway: null, ...over };
}

function awaiting(over: Partial<Awaiting> = {}): Awaiting {
  return {
    id: 'w1',
    serviceName: service(),
    fingerprint: '4816 2309',
    known: false,
    description: document.documentElement.lang === 'de' ? 'Zwei Kartons, einer davon schwer.' : 'Two boxes, one of them heavy.',
    parcels: 2,
    fromMs: today(10),
    untilMs: today(14),
    ...over,
  };
}

function story(began: number, steps: [number, string, (string | number)?][]): Moment[] {
  return steps.map(([after, what, more], at) => ({
    atMs: began + after * SECOND,
    what,
    code: typeof more === 'string' ? more : null,
    parcels: typeof more === 'number' ? more : null,
    counter: 120 + at,
  }));
}

const DELIVERY: [number, string, (string | number)?][] = [
  [0, 'arrived'],
  [9, 'intent', 2],
  [10, 'opened'],
  [13, 'door_opened'],
  [27, 'door_closed'],
  [29, 'relocked'],
  [29.4, 'secured'],
  [31, 'farewell', 2],
  [32, 'visit_ended'],
];

function line(over: Partial<VisitLine> = {}): VisitLine {
  return {
    id: 'v1',
    state: 'ended',
    outcome: 'secured',
    refusal: null,
    serviceName: service(),
    parcels: 2,
    arrivedMs: today(10, 41),
    endedMs: today(10, 42),
    order: true,
    arrived: true,
    left: null,
    ...over,
  };
}

function view(over: Partial<VisitView> = {}): VisitView {
  const arrivedMs = over.arrivedMs ?? today(10, 41);
  return {
    ...line({ arrivedMs }),
    moments: story(arrivedMs, DELIVERY),
    door: 'locked',
    checked: 'complete',
    waitsForAnswer: false,
    ring: null,
    ...over,
  };
}

function devices(): Device[] {
  const de = document.documentElement.lang === 'de';
  return [
    { kid: 'k1', fingerprint: '7305 1184', name: de ? 'Telefon' : 'Phone', rank: 'owner', passkey: true, thisDevice: true, since: 1 },
    { kid: 'k2', fingerprint: '2290 6471', name: de ? 'Zweites Telefon' : 'Second phone', rank: 'member', passkey: true, thisDevice: false, since: 3 },
    { kid: 'k3', fingerprint: '9913 0542', name: de ? 'Tablet im Flur' : 'Tablet in the hallway', rank: 'companion', passkey: false, thisDevice: false, since: 4 },
    { kid: 'k4', fingerprint: '5527 8830', name: de ? 'Ausdruck' : 'Printed sheet', rank: 'recovery', passkey: false, thisDevice: false, since: 1 },
  ];
}

function keyring(over: Partial<Keyring> = {}): Keyring {
  const [phone] = devices();
  return {
    list: { state: 'kept', confirmedMs: today(18) - 24 * DAY },
    hidden: 0,
    origins: async () =>
      devices().map(({ kid, since }) => ({ kid, bySheet: false, byName: since > 1 ? (phone?.name ?? null) : null, sinceMs: since > 1 ? today(18) - (60 - 9 * since) * DAY : null })),
    rekey: async () => {},
    handOver: async () => {},
    drawSheet: () => ({ recovery: 'c4d1'.repeat(16), sign: async () => {} }),
    forgetHome: async () => {},
    ...over,
  };
}

function left(over: Partial<Left> = {}): Left {
  return { hash: 'h1', rung: 'neighbour', reason: 'not_possible', atMs: today(9, 14), flaw: null, photo: null, ...over };
}

/** A stop at which nobody arrived: all there is is the report. */
function unseen(over: Partial<Left> = {}): VisitLine {
  const report = left({ rung: 'doorstep', reason: 'too_big', atMs: today(10, 2), ...over });
  return line({ id: 'r1', outcome: 'not_opened', parcels: 0, arrivedMs: report.atMs, endedMs: report.atMs, arrived: false, left: report });
}

function past(): VisitLine[] {
  return [
    line(),
    line({ id: 'v2', outcome: 'not_opened', refusal: 'wrong_parcel', parcels: 0, arrivedMs: today(9, 12), endedMs: today(9, 13), left: left() }),
    line({ id: 'v3', parcels: 1, arrivedMs: today(16, 5) - DAY, endedMs: today(16, 6) - DAY }),
    line({ id: 'v4', outcome: 'incident', parcels: 1, arrivedMs: today(11, 30) - 3 * DAY, endedMs: today(11, 34) - 3 * DAY }),
    line({ id: 'v5', serviceName: cleaning(), parcels: 0, arrivedMs: today(8) - 4 * DAY, endedMs: today(10, 2) - 4 * DAY }),
    line({ id: 'v6', outcome: 'not_opened', refusal: 'occupied', parcels: 0, arrivedMs: today(18, 20) - 6 * DAY, endedMs: today(18, 21) - 6 * DAY }),
  ];
}

function notices(): Notice[] {
  return [
    { seq: 9, kind: 'secured', code: null, visit: 'v1', atMs: today(10, 42) },
    { seq: 8, kind: 'opened', code: null, visit: 'v1', atMs: today(10, 41) },
    { seq: 7, kind: 'refused', code: 'wrong_parcel', visit: 'v2', atMs: today(9, 12) },
    { seq: 6, kind: 'announced', code: null, visit: null, atMs: today(19, 3) - DAY },
    { seq: 5, kind: 'alarm', code: 'picture_frozen', visit: 'v4', atMs: today(11, 31) - 3 * DAY },
    { seq: 4, kind: 'revocation_confirmed', code: null, visit: null, atMs: today(7, 50) - 5 * DAY },
  ];
}

function watched(): Watch[] {
  const [phone, second] = devices();
  return [
    { name: null, thisDevice: false, fingerprint: '88d0 17fa', how: 'opened', atMs: today(11) },
    { name: second?.name ?? null, thisDevice: false, fingerprint: '2290 6471', how: 'live', atMs: today(10, 41) },
    { name: phone?.name ?? null, thisDevice: true, fingerprint: '7305 1184', how: 'live', atMs: today(10, 41) },
  ];
}

function told(state: Push['state'], quiet: Push['quiet']): Push {
  return { state, kinds: state === 'on' ? ['rang', 'arriving', 'secured', 'alarm', 'incident'] : null, quiet };
}

const NO_MAIL: Mail = { on: true, address: null, confirmed: false, kinds: null, quiet: null };
const MAILED: Mail = { ...NO_MAIL, address: 'door@home.example', confirmed: true, kinds: ['rang', 'arriving', 'alarm', 'incident'] };

const RECOVERY = '0f3a91c27be45d0866f1a20b9c7e3d5418b2e6f0479a1c8d35e07b64f2a9d813';

function founders(): { name: string; fingerprint: string }[] {
  const phone = document.documentElement.lang === 'de' ? 'Telefon' : 'Phone';
  return [
    { name: `${phone} (passkey)`, fingerprint: '2290 6471' },
    { name: 'recovery sheet', fingerprint: '91ce 03b7' },
    { name: phone, fingerprint: 'd40f 8a12' },
  ];
}

const never = new Promise<never>(() => {});

/** What pictures need of the browser: a picture in the video element, and a recording. */
export interface Footage {
  show(video: HTMLVideoElement, open: boolean): () => void;
  clipUrl: string;
  clipMs: number;
}

function alarms(): Resident['alarms'] {
  return [
    { code: 'bolt_jammed', atMs: Date.now() - 3 * DAY, counter: 40 },
    { code: 'unlocked_unasked', atMs: Date.now() - 20 * SECOND, counter: 91 },
  ];
}

function looked(): Resident['looked'] {
  const name = document.documentElement.lang === 'de' ? 'Tablet in der Küche' : 'tablet in the kitchen';
  return [
    { name, thisDevice: false, atMs: today(10, 42), counter: 90 },
    { name: null, thisDevice: true, atMs: today(7, 5) - DAY, counter: 60 },
    { name: null, thisDevice: false, atMs: today(21, 30) - 2 * DAY, counter: 30 },
  ];
}

/** Somebody looks through the camera, outside a visit. */
function looks(footage: Footage, over: Partial<Resident> = {}): Resident {
  const picture = { capturedMs: Date.now() - 300, ageMs: 300, gaps: [], ended: false, trouble: null };
  return { ...quiet(footage), picture, ...over };
}

function quiet(footage: Footage): Resident {
  const now = Date.now();
  return {
    phase: 'ready',
    doorName: document.documentElement.lang === 'de' ? 'Wohnungstür' : 'Flat door',
    doorFingerprint: '6042 9917',
    door: { shape: 'locked', checkedMs: now - 4 * SECOND, heardMs: now - SECOND, nobodyCanOpen: true, blocked: false },
    awaiting: [],
    allowed: [],
    permissions: [],
    parcels: [],
    planB: { rungs: ['neighbour', 'locker', 'again'], chosen: true },
    visit: null,
    picture: { capturedMs: null, ageMs: null, gaps: [], ended: false, trouble: null },
    visits: past(),
    devices: devices(),
    notices: notices(),
    online: true,
    trouble: null,
    dismissTrouble() {
      (this as { trouble: Trouble | null }).trouble = null;
    },
    join: async (_secret, _name, progress) => {
      progress('keys');
      progress('asked');
      progress('signed');
    },
    found: async (_secret, _name, progress) => {
      await progress({ step: 'sheet', recovery: RECOVERY, doorFingerprint: '7d10 42ee' });
      await progress({ step: 'compare', doorFingerprint: '7d10 42ee', keys: founders() });
    },
    draft: async (asked, wishes) => ({
      letter: letter({
        serviceName: asked.serviceName,
        parcels: asked.parcels,
        windows: [{ fromMs: asked.fromMs, untilMs: asked.untilMs }],
        doorOpenS: wishes.doorOpenS,
      }),
      sign: async () => (asked.known ? ('kept' as const) : ('pending' as const)),
    }),
    draftAlways: async (of, wishes) => {
      const last = 'hash' in of ? of.letter.windows.at(-1)?.untilMs : undefined;
      const windows = expand(wishes, last ?? Date.now(), zoneHere());
      return {
        letter: letter({
          serviceName: 'hash' in of ? of.letter.serviceName : of.serviceName,
          parcels: null,
          service: 'delivery',
          windows,
          uses: windows.length * wishes.perDay,
          usesPerWindow: wishes.perDay,
          doorOpenS: wishes.doorOpenS,
          occupied: wishes.occupied,
          noticeS: wishes.noticeS,
        }),
        sign: async () => 'kept' as const,
      };
    },
    decline: async () => {},
    choosePlanB: async () => {},
    planBAsHome: async () => {},
    revoke: async () => ({ confirmed: true }),
    block: async () => ({ confirmed: true }),
    unblock: async () => ({ confirmed: true }),
    say: async () => {},
    show: (video) => footage.show(video, true),
    looked: looked(),
    alarms: [],
    understood(alarm) {
      this.alarms.splice(this.alarms.indexOf(alarm), 1);
      return Promise.resolve();
    },
    lookNow: async (video) => ({ untilMs: Date.now() + 48 * SECOND, end: footage.show(video, false) }),
    look: async (id) => {
      if (id === 'v2') {
        const began = today(9, 12);
        return view({
          ...line({ id, outcome: 'not_opened', refusal: 'wrong_parcel', parcels: 0, arrivedMs: began, endedMs: began + MINUTE, left: left() }),
          moments: story(began, [
            [0, 'arrived'],
            [14, 'refused', 'wrong_parcel'],
            [48, 'visit_ended'],
          ]),
          checked: 'checking',
        });
      }
      if (id === 'v4') {
        const began = today(11, 30) - 3 * DAY;
        return view({
          ...line({ id, outcome: 'incident', parcels: 1, arrivedMs: began, endedMs: began + 4 * MINUTE }),
          moments: story(began, [
            [0, 'arrived'],
            [8, 'intent', 1],
            [9, 'opened'],
            [12, 'door_opened'],
            [18, 'alarm', 'picture_frozen'],
            [31, 'door_closed'],
            [33, 'secured'],
            [60, 'alarm_over', 'picture_frozen'],
          ]),
          checked: { flaw: 'omission' },
        });
      }
      return view({ id });
    },
    leftPhoto: async () => {
      throw new Trouble('photo_unknown');
    },
    clip: async (id): Promise<Clip> => {
      const beganMs = today(10, 41) + 4 * SECOND;
      const gaps: Gap[] = id === 'v1' ? [{ fromMs: beganMs + 15 * SECOND, toMs: beganMs + 19 * SECOND }] : [];
      return { url: footage.clipUrl, beganMs, durationMs: footage.clipMs, gaps, moments: story(today(10, 41), DELIVERY) };
    },
    recordings: recordings(),
    watches: async (id) => (id === 'v1' ? watched() : []),
    checkLog: async (progress) => {
      progress(1_284);
      return { events: 1_284, sinceMs: new Date(new Date().getFullYear(), 2, 1).getTime() };
    },
    newDeliveryNumber: async () => 'V3HN-8W6T',
    deliveryNumbers: async () => [
      { number: 'V7KQ-4M2X', label: document.documentElement.lang === 'de' ? 'Buchladen' : 'Bookshop', revoked: false },
      { number: 'V2PD-9R5C', label: document.documentElement.lang === 'de' ? 'Apotheke' : 'Pharmacy', revoked: false },
      { number: 'V8XA-1L7B', label: document.documentElement.lang === 'de' ? 'Schuhe' : 'Shoes', revoked: true },
    ],
    invite: async (): Promise<Invitation> => ({
      link: 'https://vestibule.example/#/join/Zk3mP9xQ7tLw2vNc8RyB4sHd',
      expiresMs: Date.now() + 30 * MINUTE,
      state: 'waiting',
      asks: null,
    }),
    admit: async () => {},
    guestLinks: [],
    place: '',
    inviteGuest: async () => guestLink(),
    draftGuest: async (link) => ({
      letter: guestLetter({ serviceName: link.name, windows: link.windows }),
      sign: async () => 'pending' as const,
    }),
    withdrawGuest: async () => {},
    openSheet: async () => ({
      doorFingerprint: '4410 8825',
      goes: devices().filter(({ rank }) => rank !== 'recovery').map(({ name }) => name),
      takeOver: async () => {},
    }),
    removeDevice: async () => {},
    keyring: keyring(),
    push: async () => told('off', null),
    mail: async () => NO_MAIL,
    writeToMe: async (address, kinds, quiet) => ({ ...NO_MAIL, address, kinds, quiet }),
    confirmMail: async () => MAILED,
    writeNoMore: async () => NO_MAIL,
    tellMe: async (kinds, quiet) => ({ state: 'on', kinds, quiet }),
    tellNoMore: async () => told('off', null),
    build: async () => '4f0c 91d2',
  };
}

function guestLetter(over: Partial<Letter> = {}): Letter {
  return letter({
    serviceName: 'Ada',
    fingerprint: '2290 6471',
    guest: true,
    service: 'guest',
    parcels: null,
    inside: true,
    occupied: 'allow',
    attributes: [],
    ...over,
  });
}

function guestLink(over: Partial<GuestLink> = {}): GuestLink {
  return {
    id: 'l1',
    name: 'Ada',
    place: document.documentElement.lang === 'de' ? 'Lindenstraße 4, 3. OG links' : '4 Linden Street, third floor left',
    windows: [{ fromMs: today(10), untilMs: today(14) }],
    usesPerWindow: 1,
    link: 'https://vestibule.example/v/#/guest/Zk3mP9xQ7tLw2vNc8RyB4s.t4xk3p',
    expiresMs: Date.now() + DAY,
    state: 'waiting',
    asks: null,
    ...over,
  };
}

function running(footage: Footage, over: Partial<VisitView>, picture: Partial<Resident['picture']>): Resident {
  const arrivedMs = Date.now() - 16 * SECOND;
  const visit = view({
    id: 'now',
    state: 'open',
    outcome: null,
    endedMs: null,
    arrivedMs,
    moments: story(arrivedMs, DELIVERY.slice(0, 4)),
    door: 'open',
    checked: 'checking',
    ...over,
  });
  return {
    ...quiet(footage),
    visit,
    visits: [visit, ...past().slice(2)],
    picture: { capturedMs: Date.now() - 300, ageMs: 300, gaps: [], ended: false, trouble: null, ...picture },
    show: (video) => footage.show(video, visit.door === 'open'),
  };
}

/** Somebody rings whom nobody has allowed yet. */
function rings(footage: Footage, isStrange: boolean): Resident {
  const at = Date.now() - 7 * SECOND;
  const over = { state: 'ringing' as const, serviceName: null, parcels: 0, door: 'locked' as const };
  const ring = { asksFor: isStrange ? null : 'w1', untilMs: at + 45 * SECOND };
  const moments = story(at, [[0, 'rang']]);
  return { ...running(footage, { ...over, arrivedMs: at, moments, ring }, {}), awaiting: isStrange ? [] : [awaiting()] };
}

/** Every home, by the name of its scene. */
export const homes: Record<string, (footage: Footage) => Resident> = {
  quiet,
  expected: (f) => ({
    ...quiet(f),
    door: { ...quiet(f).door, nobodyCanOpen: false },
    parcels: [parcel({ by: 'a1', planB: { rungs: ['locker', 'doorstep'], chosen: true }, stopsAway: { stops: 3, saidMs: Date.now() - 4 * MINUTE } })],
    permissions: [
      permission(),
      permission(
        { hash: 'a2', id: 'p2', findings: ['battery_low'] },
        {
          serviceName: cleaning(),
          service: 'cleaning',
          parcels: null,
          inside: true,
          entries: 3,
          uses: 12,
          windows: Array.from({ length: 12 }, (_, week) => ({
            fromMs: today(8) + (1 + 7 * week) * DAY,
            untilMs: today(12) + (1 + 7 * week) * DAY,
          })),
          attributes: ['employee', 'vetted'],
        },
      ),
      permission({ hash: 'a3', id: 'p3', state: 'pending' }, { windows: [{ fromMs: today(9) + DAY, untilMs: today(13) + DAY }] }),
      permission({ hash: 'a4', id: 'p4', state: 'over' }, { windows: [{ fromMs: today(10) - DAY, untilMs: today(14) - DAY }] }),
      permission({ hash: 'a5', id: 'p5', state: 'revoked' }, { windows: [{ fromMs: today(10) - 2 * DAY, untilMs: today(14) - 2 * DAY }] }),
    ],
  }),
  access: (f) => ({
    ...quiet(f),
    permissions: [
      standing(),
      permission({ hash: 'a3', id: 'p3', state: 'pending', keptMs: null }, { windows: [{ fromMs: today(9) + DAY, untilMs: today(13) + DAY }] }),
      permission({ hash: 'a6', id: 'p6' }, guestLetter({ windows: [{ fromMs: today(18) + DAY, untilMs: today(23) + DAY }] })),
    ],
  }),
  movesOut: (f) => ({
    ...quiet(f),
    devices: devices().map((one) => ({ ...one, rank: one.kid === 'k2' ? ('owner' as const) : one.rank })),
  }),
  rekeyed: (f) => ({ ...quiet(f), permissions: [{ ...standing(), state: 'ended' as const }] }),
  rekeyAway: (f) => ({
    ...quiet(f),
    keyring: keyring({
      rekey: async () => {
        throw new Trouble('presence_needed');
      },
    }),
  }),
  accessOpen: (f) => ({
    ...quiet(f),
    devices: devices().map((one) => ({ ...one, rank: one.kid === 'k1' ? ('member' as const) : one.rank })),
    keyring: keyring({ origins: async () => [], list: { state: 'unconfirmed', confirmedMs: null }, hidden: 1 }),
  }),
  missed: (f) => ({ ...quiet(f), visits: [unseen(), ...past()] }),
  ...Object.fromEntries(
    Object.entries(PHOTOS).map(([name, { photo, leftPhoto }]) => [
      name,
      (f: Footage): Resident => ({ ...quiet(f), visits: [unseen({ photo })], leftPhoto }),
    ]),
  ),
  missedUnproven: (f) => ({ ...quiet(f), visits: [{ ...unseen({ flaw: 'left_unproven' }), serviceName: null }] }),
  unlocked: (f) => ({ ...quiet(f), door: { ...quiet(f).door, shape: 'unlocked' } }),
  ajar: (f) => ({ ...quiet(f), door: { ...quiet(f).door, shape: 'ajar' } }),
  open: (f) => ({ ...quiet(f), door: { ...quiet(f).door, shape: 'open' } }),
  unknown: (f) => ({
    ...quiet(f),
    door: { shape: 'unknown', checkedMs: null, heardMs: today(9, 12), nobodyCanOpen: null, blocked: false },
  }),
  offline: (f) => ({
    ...quiet(f),
    online: false,
    door: { shape: 'unknown', checkedMs: null, heardMs: today(9, 12) - DAY, nobodyCanOpen: null, blocked: false },
    permissions: [permission()],
  }),
  blocked: (f) => ({ ...quiet(f), door: { ...quiet(f).door, blocked: true } }),
  unconfirmed: (f) => ({ ...quiet(f), block: async () => ({ confirmed: false, couldOpenUntilMs: today(14) }) }),
  awaiting: (f) => ({ ...quiet(f), awaiting: [awaiting()], parcels: [parcel()] }),
  awaitingTwo: (f) => ({
    ...quiet(f),
    awaiting: [awaiting({ known: true }), awaiting({ id: 'w2', serviceName: cleaning(), parcels: 0, fromMs: today(8) + DAY, untilMs: today(12) + DAY })],
    permissions: [permission({}, { windows: [{ fromMs: today(15), untilMs: today(18) }], parcels: 1 })],
  }),
  awaitingKnown: (f) => ({ ...quiet(f), awaiting: [awaiting({ known: true, description: '' })] }),
  cancelled: (f) => ({
    ...quiet(f),
    awaiting: [awaiting({ known: true })],
    draft: async (asked, wishes) => ({
      letter: letter({ serviceName: asked.serviceName, doorOpenS: wishes.doorOpenS }),
      sign: async () => {
        throw new Trouble('passkey_cancelled');
      },
    }),
  }),
  always: (f) => ({
    ...quiet(f),
    door: { ...quiet(f).door, nobodyCanOpen: false },
    permissions: [standing()],
    parcels: [parcel({ id: 'w3' })],
    allowed: [
      { id: 'w3', serviceName: service(), description: '', parcels: 1, fromMs: today(13), untilMs: today(17), by: 's1' },
    ],
  }),
  endsSoon: (f) => ({
    ...quiet(f),
    door: { ...quiet(f).door, nobodyCanOpen: false },
    permissions: [standing({ used: 31 }, 83)],
  }),
  noDays: (f) => ({
    ...quiet(f),
    awaiting: [awaiting({ known: true })],
    draftAlways: async (of, wishes) => {
      if (wishes.perDay === 2) throw new Trouble('no_days');
      return quiet(f).draftAlways(of, wishes);
    },
  }),
  live: (f) => running(f, {}, {}),
  looks: (f) => looks(f),
  looksAlone: (f) => looks(f, { devices: devices().filter((one) => one.thisDevice), looked: [] }),
  looksLost: (f) => looks(f, { picture: { capturedMs: null, ageMs: null, gaps: [], ended: false, trouble: 'live_lost' } }),
  looksNot: (f) => looks(f, { lookNow: () => Promise.reject(new Trouble('look_no')) }),
  alarmed: (f) => ({ ...quiet(f), alarms: alarms() }),
  rings: (f) => rings(f, false),
  ringsAlarmed: (f) => ({ ...rings(f, false), alarms: alarms().slice(1) }),
  ringsUnknown: (f) => rings(f, true),
  ring: (f) =>
    running(
      f,
      { state: 'arrived', door: 'locked', moments: story(Date.now() - 6 * SECOND, [[0, 'arrived']]) },
      {},
    ),
  asked: (f) =>
    running(
      f,
      {
        state: 'arrived',
        door: 'locked',
        waitsForAnswer: true,
        moments: story(Date.now() - 6 * SECOND, [
          [0, 'arrived'],
          [4, 'refused', 'occupied'],
        ]),
      },
      { ageMs: 400 },
    ),
  late: (f) => running(f, {}, { ageMs: 1_800, gaps: [{ fromMs: Date.now() - 8 * SECOND, toMs: Date.now() - 4 * SECOND }] }),
  frozen: (f) =>
    running(
      f,
      { moments: story(Date.now() - 20 * SECOND, [...DELIVERY.slice(0, 4), [17, 'alarm', 'picture_frozen']]) },
      { ageMs: 3_100 },
    ),
  noPicture: (f) => ({
    ...running(f, {}, { capturedMs: null, ageMs: null, trouble: 'no_mse' }),
    show: () => () => {},
  }),
  empty: (f) => ({
    ...quiet(f),
    visits: [],
    notices: [],
    permissions: [],
    devices: devices().slice(0, 1),
    deliveryNumbers: async () => [],
  }),
  flawed: (f) => ({ ...quiet(f), checkLog: async () => ({ flaw: 'cut_tail' }) }),
  asksToJoin: (f) => ({
    ...quiet(f),
    invite: async () => ({
      link: 'https://vestibule.example/#/join/Zk3mP9xQ7tLw2vNc8RyB4sHd',
      expiresMs: Date.now() + 30 * MINUTE,
      state: 'asked',
      asks: { name: document.documentElement.lang === 'de' ? 'Zweites Telefon' : 'Second phone', fingerprint: '2290 6471' },
    }),
  }),
  trouble: (f) => ({ ...quiet(f), trouble: new Trouble('clock_wrong') }),
  lostElsewhere: (f) => ({
    ...quiet(f),
    phase: 'stranger',
    openSheet: async () => ({
      doorFingerprint: '4410 8825',
      goes: [devices()[0]?.name ?? ''],
      takeOver: async () => {
        throw new Trouble('presence_needed');
      },
    }),
  }),
  stranger: (f) => ({ ...quiet(f), phase: 'stranger' }),
  guests: (f) => ({
    ...quiet(f),
    permissions: [
      permission({}, guestLetter({ windows: [0, 1, 2, 3].map((n) => ({ fromMs: today(8) + 7 * n * DAY, untilMs: today(12) + 7 * n * DAY })), uses: 4 })),
      permission({ hash: 'a2', id: 'p2', state: 'pending', findings: ['grant_pending'] }, guestLetter({ serviceName: 'Mira', windows: [{ fromMs: today(18) + DAY, untilMs: today(23) + DAY }] })),
      permission({ hash: 'a3', id: 'p3' }),
    ],
    guestLinks: [
      guestLink({ state: 'asked', asks: { name: 'Ada L.', fingerprint: '2290 6471' } }),
      guestLink({ id: 'l2', name: 'Jo' }),
      guestLink({ id: 'l3', name: 'Sam', state: 'expired' }),
    ],
  }),
  guestCancelled: (f) => ({
    ...quiet(f),
    guestLinks: [guestLink({ state: 'asked', asks: { name: 'Ada', fingerprint: '2290 6471' } })],
    draftGuest: async () => ({
      letter: guestLetter(),
      sign: async () => {
        throw new Trouble('passkey_cancelled');
      },
    }),
  }),
  joining: (f) => ({
    ...quiet(f),
    phase: 'stranger',
    join: (_secret, _name, progress) => {
      progress('keys', '2290 6471');
      progress('asked', '2290 6471');
      return never;
    },
  }),
  founding: (f) => ({
    ...quiet(f),
    phase: 'stranger',
    found: async (_secret, _name, progress) => {
      await progress({ step: 'sheet', recovery: RECOVERY, doorFingerprint: '7d10 42ee' });
      await progress({ step: 'compare', doorFingerprint: '7d10 42ee', keys: founders() });
      return never;
    },
  }),
  linkUsed: (f) => ({
    ...quiet(f),
    phase: 'stranger',
    join: async () => {
      throw new Trouble('link_used');
    },
  }),
  told: (f) => ({ ...quiet(f), push: async () => told('on', { fromMin: 22 * 60, untilMin: 7 * 60 }) }),
  toldOffHere: (f) => ({ ...quiet(f), push: async () => told('off_here', null) }),
  toldUnsupported: (f) => ({ ...quiet(f), push: async () => told('unsupported', null) }),
  toldInstall: (f) => ({ ...quiet(f), push: async () => told('install', null) }),
  toldDenied: (f) => ({ ...quiet(f), push: async () => told('denied', null) }),
  toldFailed: (f) => ({
    ...quiet(f),
    tellMe: async () => {
      throw new Trouble('push_failed');
    },
  }),
  mailed: (f) => ({ ...quiet(f), mail: async () => MAILED }),
  mailWaits: (f) => ({
    ...quiet(f),
    mail: async () => ({ ...MAILED, confirmed: false }),
    confirmMail: async () => {
      throw new Trouble('mail_code_wrong');
    },
  }),
  mailOff: (f) => ({ ...quiet(f), mail: async () => ({ ...NO_MAIL, on: false }) }),
  recordingHeld: (f) => ({ ...quiet(f), recordings: recordings({ of: heldOne() }) }),
  recordingExpired: (f) => ({ ...quiet(f), recordings: recordings({ of: expiredOne() }) }),
  recordingDeleted: (f) => ({ ...quiet(f), recordings: recordings({ of: deletedOne() }) }),
  recordingNone: (f) => ({ ...quiet(f), recordings: recordings({ of: null, recorded: { hours: 72, setBy: null, recordings: [] } }) }),
  recordingShared: (f) => ({ ...quiet(f), recordings: recordings({ shares: async () => links() }) }),
  everythingGoing: (f) => ({
    ...quiet(f),
    recordings: recordings({
      folder: (_visit, progress) => {
        progress(0.4);
        return never;
      },
    }),
  }),
  everythingMissing: (f) => ({
    ...quiet(f),
    recordings: recordings({
      folder: async () => {
        throw new Trouble('papers_missing');
      },
    }),
  }),
  starting: (f) => ({ ...quiet(f), phase: 'starting' }),
};
