/**
 * What the visitor's screens see and may do. As with the resident's: screens know this file only; `round.svelte.ts`
 * fills it, `fixtures.ts` for pictures and tests.
 */
import type { Trouble } from '../core/trouble.ts';
import type { PlanB } from '../resident/model.ts';

/** A stop of today's tour. */
export interface Stop {
  id: string;
  place: string;
  parcels: number;
  /** False: "not possible here today", and the first rung of Plan B. No reason that helps a burglar. */
  possibleNow: boolean;
  /** Where the parcels go if they do not go in, the first rung first. Empty for a guest, or if it is not known. */
  planB: PlanB[];
  /** A photo of where a parcel was left can be sealed to the household: its keys are here. */
  photos?: boolean;
  done: 'inside' | 'elsewhere' | null;
  /** Nobody allowed it yet, and whoever stands at the door may ask: "ring here". */
  rings?: boolean;
  /** A guest's visit: nothing is scanned, and the person goes in. */
  guest?: GuestVisit;
}

/** What a guest may do, by the permission that names their phone. Times are ms since 1970. */
export interface GuestVisit {
  windows: { fromMs: number; untilMs: number }[];
  usesPerWindow: number;
  /** When this phone opened the door under it. */
  openedMs: number[];
  /** Why the cloud would pass no arrival on, as a code; null: it would, or nothing is known. */
  whyNot: string | null;
  onCamera: boolean;
  /** What the sticker says, if the resident sent it along. */
  tag: string | null;
  /** When the permission came to this phone: a door that sees it for the first time may wait some minutes. */
  sinceMs: number;
}

/** A resident's link that was opened on this phone. */
export interface GuestLink {
  /** `open`: nothing was sent yet; `waiting`: the resident compares the code; `in`: the permission is here. */
  state: 'looking' | 'open' | 'waiting' | 'in' | 'used' | 'refused' | 'expired' | 'offline';
  name: string;
  /** Of this phone's key, for both to compare: eight digits in two groups. */
  fingerprint: string | null;
}

/**
 * One state, one screen. A guest has no `scan`, but `ready`: the door waits for their word.
 * - `tour`: the list; `sticker`: told about the camera, then the door's sticker; `arriving`: the arrival is on its way,
 *   or waits for the network, or the ring is; `scan`: scan the parcels.
 * - `wait`: `checking`: the door looks; `asked`: someone was asked, and the answer is due at `untilMs`; `home`: someone
 *   said "I'm coming" and walks to the door, until `untilMs` at the latest. Also of a ring: then nothing is filmed.
 * - `open`: push it in; `close`: pull the door shut; `locking`; `done`.
 * - `alarm`: the door was to be shut and is not, and the home has told the residents; `may_go`: released.
 * - `no`: this stop is over without an opening.
 */
export type Step =
  | { at: 'tour' }
  | { at: 'sticker'; stop: Stop }
  | { at: 'arriving'; stop: Stop }
  | { at: 'ready'; stop: Stop }
  | { at: 'scan'; stop: Stop; scanned: string[]; wrong: string | null }
  | { at: 'wait'; stop: Stop; why: 'checking' | 'asked' | 'home'; untilMs: number | null }
  | { at: 'open'; stop: Stop; inside: number }
  | { at: 'close'; stop: Stop }
  | { at: 'locking'; stop: Stop }
  | { at: 'done'; stop: Stop; inside: number; next: Stop | null }
  | { at: 'alarm'; stop: Stop }
  | { at: 'no'; stop: Stop; word: 'not_here_today' | 'i_do_not_go_in' | NotIn }
  | { at: 'may_go'; stop: Stop };

/** Why somebody did not go in: never asked for, only offered. */
export type NotIn = 'too_big' | 'blocked' | 'gave_up';

/** Where the parcels of a stop went, as this person reported it. */
export interface Reported {
  stop: string;
  rung: PlanB;
  /** False: it, or its photo, waits for the network. */
  sent: boolean;
}

/** A visit of this handset that is over, for the page of rights. */
export interface Past {
  visit: string;
  place: string;
  /** When this screen said "you are being filmed", before the arrival; null: not known here. */
  toldMs: number | null;
  recorded: boolean;
  /** Each time that somebody saw the recording, oldest first; null: not known now. */
  watched: { how: 'live' | 'download' | 'link'; atMs: number }[] | null;
}

export interface Round {
  readonly phase: 'starting' | 'stranger' | 'ready';
  readonly handsetName: string;
  readonly providerName: string | null;
  readonly stops: Stop[];
  readonly step: Step;
  /** False: no network. An arrival waits for it, an opening never does. */
  readonly online: boolean;
  readonly filmed: boolean;
  readonly trouble: Trouble | null;
  /** Drawn sticker and labels to tap instead of real ones: the practice delivery of a demo. */
  readonly practice: { tag: string; labels: string[] } | null;
  readonly reports: Reported[];
  /** Newest first; empty until `rights` was called. */
  readonly past: Past[];

  /** The resident's link that is followed, or waits for its answer. */
  readonly link: GuestLink | null;

  dismissTrouble(): void;
  /** Opens a resident's link: whether it still leads anywhere. Sends nothing. */
  follow(secret: string, untilMs: number): Promise<void>;
  /** Makes this phone's key, if it has none, and asks the resident. Waits on by itself. */
  ask(name: string): Promise<void>;
  /** Back from the link to the visits. */
  leaveLink(): void;
  /** Makes this handset's keys and asks the provider that made the link. */
  enrol(secret: string, name: string): Promise<void>;
  /** A stop that is not possible now leads to its Plan B. */
  choose(stop: Stop): void;
  back(): void;
  /** "You are being filmed" was on the screen and the person went on; comes before the sticker is seen. */
  told(): void;
  /**
   * What the camera, a hardware scanner or fingers brought, in normal form: the sticker's 32 hex digits (lower case),
   * or a parcel's label (upper case, no spaces).
   */
  seen(text: string): Promise<void>;
  /** Presents what was scanned so far, though more was expected; for a guest, that they want to go in. */
  presentNow(): Promise<void>;
  insideNow(parcels: number): void;
  /** "I do not go in": no justification asked. */
  notGoingIn(why?: NotIn): Promise<void>;
  /** A picture from the camera as it would go out: drawn anew, so that position, time and maker stay here. */
  drawn(file: Blob): Promise<Blob>;
  /** Where the parcels of the stop went that is over, with a picture of them. Signed and sealed now; sent later if there is no network. */
  left(rung: PlanB, picture?: Blob): Promise<void>;
  next(): void;
  /** Asks who watched; fills `past`. */
  rights(): Promise<void>;
  /** The own copy of the receipt, as a file to keep. */
  proof(past: Past): Promise<Blob>;
  /** Which build of the app runs here: eight digits in two groups. Null: not known now. */
  build(): Promise<string | null>;
}
