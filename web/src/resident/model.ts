/**
 * What the resident's screens see and may do. Screens know this file and nothing of keys, networks or CBOR;
 * `home.svelte.ts` fills it from the cloud and the WebAssembly core, `fixtures.ts` for pictures and tests.
 *
 * Times are milliseconds since 1970. What is not known is `null`, never a guess.
 */
import { Trouble } from '../core/trouble.ts';
import type { Alarm } from './alarms.ts';
import type { Hours } from './hours.ts';
import type { Keyring, OpenSheet } from './keyring.ts';
import type { Recordings } from './recorded.ts';
import type { Span } from './span.ts';
import type { Weekly } from './standing.ts';

export type DoorShape = 'locked' | 'unlocked' | 'ajar' | 'open' | 'unknown';

/** The door, by its own signed word. */
export interface DoorNow {
  shape: DoorShape;
  /** When the door itself last said so, over a nonce of this device; null: never, in this session. */
  checkedMs: number | null;
  /** When anything was last heard of the home at all. */
  heardMs: number | null;
  /** Nobody can open through Vestibule right now: known, with no window running. Null: not known. */
  nobodyCanOpen: boolean | null;
  blocked: boolean;
}

export type PlanB = 'neighbour' | 'locker' | 'doorstep' | 'again';

/** A Plan B: the first rung first; those left out do not count. */
export interface Chosen {
  rungs: PlanB[];
  /** False: nobody chose it. Of a parcel: the home's counts. */
  chosen: boolean;
}

/** What was announced, is not over and did not come in yet, whether or not anybody has to be asked. */
export interface Parcel {
  id: string;
  serviceName: string;
  /** Hash of the permission that names it; null: none does. */
  by: string | null;
  planB: Chosen;
  /** As the service said last; null: it said nothing lately. */
  stopsAway: StopsAway | null;
}

export interface StopsAway {
  stops: number;
  saidMs: number;
}

/** Where a parcel went that did not go in, by the courier's signed report. */
export interface Left {
  /** H(report). */
  hash: string;
  rung: PlanB;
  reason: 'not_possible' | 'not_going_in' | 'too_big' | 'blocked' | 'gave_up';
  /** By the courier's phone. */
  atMs: number;
  /** Why the report is not proven; null: it is, from the key of a service that was allowed here. */
  flaw: string | null;
  /** The photo that the report names; null: it names none. */
  photo: LeftPhoto | null;
}

/** Where the courier's photo is, as the cloud says. */
export interface LeftPhoto {
  state: 'awaited' | 'kept' | 'deleted';
  deletesMs: number | null;
  deletedMs: number | null;
  /** The household's hours then. */
  afterH: number | null;
}

/** The courier's photo, opened here, and who else can. */
export interface SeenPhoto {
  /** An object URL of a JPEG. */
  url: string;
  /** Keys it was sealed to that this household never had. */
  foreign: number;
  /** And that it had once. */
  former: number;
}

/** A service that was announced and waits for a word, as the cloud tells it. The letter is what counts. */
export interface Awaiting {
  id: string;
  serviceName: string;
  /** Eight digits in two groups, to compare before the first permission. */
  fingerprint: string;
  /** This home has allowed this service before. */
  known: boolean;
  description: string;
  parcels: number;
  fromMs: number;
  untilMs: number;
}

/** What a service announced and nobody need be asked about: a permission that was signed here covers it. */
export interface Allowed {
  id: string;
  serviceName: string;
  description: string;
  parcels: number;
  /** The part of the announced time in which the permission counts. */
  fromMs: number;
  untilMs: number;
  /** Hash of the permission. */
  by: string;
}

/** What a resident may change before signing. */
export interface Wishes {
  doorOpenS: number;
}

/** What a resident decides about a permission that stands. */
export interface Always extends Weekly {
  /** Visits in one of its windows, which is one a day. */
  perDay: number;
  doorOpenS: number;
  occupied: Letter['occupied'];
  /** Seconds that the door must have held an order before it counts. */
  noticeS: number;
}

/** A permission as it is, decoded from the very bytes that are, or were, signed. */
export interface Letter {
  serviceName: string;
  fingerprint: string;
  /** A person by the key of their own phone, and no service. */
  guest: boolean;
  /** Parcels it names; null: any of the service. */
  parcels: number | null;
  service: string | null;
  windows: Span[];
  uses: number;
  usesPerWindow: number;
  entries: number;
  doorOpenS: number;
  onCamera: boolean;
  inside: boolean;
  occupied: 'ask' | 'refuse' | 'allow';
  attributes: string[];
  /** Seconds that the door must have held an order before it counts. */
  noticeS: number;
}

/** Who may come, by a permission that the home keeps. */
export interface Permission {
  hash: string;
  id: string;
  letter: Letter;
  /** `pending`: not confirmed by the home yet, or waiting for its second confirmation. `ended`: by a re-key. */
  state: 'kept' | 'pending' | 'refused' | 'revoked' | 'over' | 'ended';
  /** What would fail if the visitor came now; codes. */
  findings: string[];
  signedByName: string;
  /** The key that signed it. */
  signedBy: string;
  /** When the door entered it in its log; null: that is not known. */
  keptMs: number | null;
  /** Visits that used it, by the door's log; null: the log does not say that the door keeps it. */
  used: number | null;
}

/** `ringing`: somebody rang whom nobody has allowed yet, and waits. */
export type VisitState = 'ringing' | 'arrived' | 'opening' | 'open' | 'closing' | 'secured' | 'ended';
export type Outcome = 'secured' | 'not_opened' | 'incident';

/** One line of a visit's timeline. */
export interface Moment {
  atMs: number;
  /** As the door log says it: `arrived`, `intent`, `opened`, `door_opened`, `refused`, `alarm`, ... */
  what: string;
  /** Of a refusal or an alarm. */
  code: string | null;
  parcels: number | null;
  /** Counter in the door log. */
  counter: number;
}

export interface VisitLine {
  id: string;
  state: VisitState;
  outcome: Outcome | null;
  refusal: string | null;
  serviceName: string | null;
  parcels: number;
  arrivedMs: number;
  endedMs: number | null;
  /** Somebody was sent with parcels: no guest. */
  order: boolean;
  /** False: nobody arrived, and all there is is the courier's report. */
  arrived: boolean;
  left: Left | null;
}

/** The picture, while a visit runs. */
export interface Picture {
  /** When the newest picture was taken, on the home's clock; null before the first. */
  capturedMs: number | null;
  /** Age of what is shown, ms; null before the first picture. */
  ageMs: number | null;
  gaps: Gap[];
  ended: boolean;
  /** The browser cannot show it, the key does not open it, or the connection broke: a code. Nothing more comes of a look. */
  trouble: string | null;
}

export interface Gap {
  fromMs: number;
  toMs: number;
}

export interface VisitView extends VisitLine {
  moments: Moment[];
  door: DoorShape;
  /** The visit's part of the door log: checked here, event by event. */
  checked: 'unchecked' | 'checking' | 'complete' | { flaw: string };
  waitsForAnswer: boolean;
  /** While somebody rings. */
  ring: Ring | null;
}

/** Somebody stands at the door, and nobody has allowed it yet. */
export interface Ring {
  /** What could be allowed, among those that wait for a word; null: nothing that is announced. */
  asksFor: string | null;
  /** When the visitor is sent on. */
  untilMs: number;
}

/** A recording that was opened here, with this device's key. */
export interface Clip {
  /** An object URL of an MP4. */
  url: string;
  beganMs: number;
  durationMs: number;
  gaps: Gap[];
  /** Marks on the time line. */
  moments: Moment[];
}

export interface Device {
  kid: string;
  fingerprint: string;
  name: string;
  /** `owner` signs everything; `member` permissions and blocks; `companion` says no, answers, watches. */
  rank: 'owner' | 'member' | 'companion' | 'recovery';
  passkey: boolean;
  thisDevice: boolean;
  /** Number of the list of keys that named it first; keys of one phone came together. */
  since: number;
}

/** What a block or revocation became. */
export type Stopped = { confirmed: true } | { confirmed: false; couldOpenUntilMs: number | null };

export interface Notice {
  seq: number;
  kind: string;
  code: string | null;
  visit: string | null;
  atMs: number;
  /** Of a recording whose time is nearly over. */
  deletesMs?: number | undefined;
}

/** What this device is told while the app is closed. */
export interface Push {
  /**
   * `off_here`: this cloud sends none; `unsupported`: this browser takes none; `install`: it does once the app is on the
   * home screen; `denied`: its person, or whoever set it up, said no; `off`, `on`: as chosen.
   */
  state: 'off_here' | 'unsupported' | 'install' | 'denied' | 'off' | 'on';
  /** As the cloud keeps them, or null if it keeps nothing of this device. */
  kinds: string[] | null;
  /** In local time; alarms and incidents come all the same. */
  quiet: Hours | null;
}

/** Where this device's person is written to when no message reaches it. */
export interface Mail {
  /** This cloud sends mail at all. */
  on: boolean;
  address: string | null;
  /** The digits that were sent there came back: from then on it counts. */
  confirmed: boolean;
  /** As the cloud keeps them, or null if it keeps no address. */
  kinds: string[] | null;
  /** In local time; alarms and incidents come all the same. */
  quiet: Hours | null;
}

/** Somebody watched, as the cloud noted it. */
export interface Watch {
  /** By this home's own list of devices; null: not on it now. */
  name: string | null;
  thisDevice: boolean;
  fingerprint: string;
  /** `link`: somebody whom this device gave one. */
  how: 'live' | 'opened' | 'link';
  /** When; but of `live` the hour in which. */
  atMs: number;
}

/** A look through the camera that goes on. */
export interface Looking {
  /** When the home ends it, by this device's clock. */
  untilMs: number;
  end(): void;
}

/** Somebody looked through the camera outside a visit, by the door's own log. */
export interface Looked {
  /** By this home's own list of devices; null: not on it now. */
  name: string | null;
  thisDevice: boolean;
  atMs: number;
  /** Counter in the door log. */
  counter: number;
}

/** A link that invites someone; whoever opens it first makes a key, and this device signs to that key. */
export interface Invitation {
  link: string;
  expiresMs: number;
  state: 'waiting' | 'asked' | 'signed' | 'refused' | 'expired';
  /** Who asks, once someone does. */
  asks: { name: string; fingerprint: string } | null;
}

/** Whom a resident lets in, when, and where. */
export interface GuestWish {
  name: string;
  /** Where the door is, for the guest. */
  place: string;
  windows: Span[];
  usesPerWindow: number;
}

/** A link for a guest that this device made. Nothing is allowed until this device signs to the key that asks. */
export interface GuestLink extends GuestWish {
  /** The box's number. */
  id: string;
  link: string;
  expiresMs: number;
  /** `signed`: the answer is on its way to the guest. */
  state: 'waiting' | 'asked' | 'signed' | 'expired';
  /** Who asks, as they call themselves. */
  asks: { name: string; fingerprint: string } | null;
}

/** How far the first pairing of a new home is. */
export type Founding =
  /** Printed and put away before anything else happens: the answer to this is awaited. 64 hexadecimal digits. */
  | { step: 'sheet'; recovery: string; doorFingerprint: string }
  /** Sent to the box, which shows the same codes. */
  | { step: 'compare'; doorFingerprint: string; keys: { name: string; fingerprint: string }[] };

export { Trouble };
export type { Hours };

export interface Resident {
  /** `stranger`: no key here yet. */
  readonly phase: 'starting' | 'stranger' | 'ready';
  readonly doorName: string;
  readonly doorFingerprint: string;
  readonly door: DoorNow;
  readonly awaiting: Awaiting[];
  readonly allowed: Allowed[];
  readonly permissions: Permission[];
  readonly parcels: Parcel[];
  /** Of the home; null: not known now. */
  readonly planB: Chosen | null;
  /** The visit that is under way. */
  readonly visit: VisitView | null;
  readonly picture: Picture;
  readonly visits: VisitLine[];
  readonly devices: Device[];
  readonly notices: Notice[];
  /** False: nothing was heard of the cloud; what is shown may be old. */
  readonly online: boolean;
  /** What went wrong last, until dismissed. */
  readonly trouble: Trouble | null;

  dismissTrouble(): void;
  /** Makes a passkey and this device's keys, and asks whoever sent the link. Resolves when they have signed. */
  join(
    secret: string,
    name: string,
    /** With the new key's fingerprint as soon as there is one: both phones show it, to compare. */
    progress: (step: 'keys' | 'asked' | 'signed', fingerprint?: string) => void,
  ): Promise<void>;
  /** Makes the keys that own a new home, whose box sent the link. Resolves when the home is theirs. */
  /** The home of a recovery sheet, by the 32 bytes on it. */
  openSheet(secret: Uint8Array<ArrayBuffer>): Promise<OpenSheet>;
  found(secret: string, name: string, progress: (now: Founding) => Promise<void> | void): Promise<void>;
  /** The letter of what would be signed. Nothing is signed yet. */
  draft(awaiting: Awaiting, wishes: Wishes): Promise<Draft>;
  /** The same for always: for the service that asks, or anew for one whose permission ends. */
  draftAlways(of: Awaiting | Permission, wishes: Always): Promise<Draft>;
  decline(awaiting: Awaiting): Promise<void>;
  /** For one parcel, or for the home. */
  choosePlanB(rungs: PlanB[], parcel?: string): Promise<void>;
  /** The home's counts for this parcel again. */
  planBAsHome(parcel: string): Promise<void>;
  revoke(permission: Permission): Promise<Stopped>;
  block(): Promise<Stopped>;
  /** Needs an owner's passkey. */
  unblock(): Promise<Stopped>;
  say(visit: string, word: 'allow' | 'stop' | 'coming'): Promise<void>;
  /** Shows the live picture of the visit under way in a video element; call the answer to stop. */
  show(video: HTMLVideoElement): () => void;
  /**
   * Asks for the passkey, and shows what the camera sees now; everybody of the household is told. Whoever aborts has left: no
   * camera is asked for any more, or what it shows is not fetched.
   */
  lookNow(video: HTMLVideoElement, signal: AbortSignal): Promise<Looking>;
  /** Newest first. */
  readonly looked: Looked[];
  /** Raised by the door, not taken back, and not understood on this device; oldest first. */
  readonly alarms: Alarm[];
  understood(alarm: Alarm): Promise<void>;
  look(visit: string): Promise<VisitView>;
  clip(visit: string, progress: (done: number) => void): Promise<Clip>;
  /** Opens the photo of a report, by the report's hash. */
  leftPhoto(left: string): Promise<SeenPhoto>;
  /** What becomes of recordings afterwards. */
  readonly recordings: Recordings;
  /** Newest first. The cloud keeps this list, and nothing proves that it is whole. */
  watches(visit: string): Promise<Watch[]>;
  /** Checks the whole door log from its first event. */
  checkLog(progress: (events: number) => void): Promise<{ events: number; sinceMs: number } | { flaw: string }>;
  newDeliveryNumber(label: string): Promise<string>;
  deliveryNumbers(): Promise<{ number: string; label: string; revoked: boolean }[]>;
  invite(rank: 'owner' | 'member'): Promise<Invitation>;
  /** Signs to the key that asked. */
  admit(invitation: Invitation): Promise<void>;
  /** Links for guests that are open still. */
  readonly guestLinks: GuestLink[];
  /** What this device wrote last as the place of the door. */
  readonly place: string;
  inviteGuest(wish: GuestWish): Promise<GuestLink>;
  /** The letter for whoever asks by this link. Nothing is signed yet. */
  draftGuest(link: GuestLink): Promise<Draft>;
  /** The link answers no from now on, and is forgotten here. */
  withdrawGuest(link: GuestLink): Promise<void>;
  removeDevice(device: Device): Promise<void>;
  /** Who has access, and the changes of the household's keys. */
  readonly keyring: Keyring;
  push(): Promise<Push>;
  /** Asks the person for leave, so it must be called where they press. Also changes what was chosen before. */
  tellMe(kinds: string[], quiet: Hours | null): Promise<Push>;
  tellNoMore(): Promise<Push>;
  mail(): Promise<Mail>;
  /** A new address is sent six digits first. */
  writeToMe(address: string, kinds: string[], quiet: Hours | null): Promise<Mail>;
  confirmMail(code: string): Promise<Mail>;
  writeNoMore(): Promise<Mail>;
  /** Which build of the app runs here: eight digits in two groups. Null: not known now. */
  build(): Promise<string | null>;
}

/** A permission before it is signed. */
export interface Draft {
  letter: Letter;
  /** Asks for the passkey, signs, sends. Resolves with what the home made of it. */
  sign(): Promise<'kept' | 'pending'>;
}
