/**
 * What the visitor's screens see and may do. As with the resident's: screens know this file only; `round.svelte.ts`
 * fills it, `fixtures.ts` for pictures and tests.
 */
import type { Trouble } from '../core/trouble.ts';

/** A stop of today's tour. */
export interface Stop {
  id: string;
  place: string;
  parcels: number;
  /** False: "not possible here today: take it to the locker". No reason that helps a burglar. */
  possibleNow: boolean;
  done: 'inside' | 'elsewhere' | null;
}

/**
 * One state, one screen.
 * - `tour`: the list; `sticker`: scan the door's sticker; `scan`: scan the parcels; `wait`: the door checks, or someone
 *   was asked; `open`: push it in; `close`: pull the door shut; `locking`; `done`; `no`: not here today; `mayGo`.
 */
export type Step =
  | { at: 'tour' }
  | { at: 'sticker'; stop: Stop }
  | { at: 'arriving'; stop: Stop }
  | { at: 'scan'; stop: Stop; scanned: string[]; wrong: string | null }
  | { at: 'wait'; stop: Stop; why: 'checking' | 'asked' | 'home'; untilMs: number | null }
  | { at: 'open'; stop: Stop; inside: number }
  | { at: 'close'; stop: Stop }
  | { at: 'locking'; stop: Stop }
  | { at: 'done'; stop: Stop; inside: number; next: Stop | null }
  | { at: 'no'; stop: Stop; word: 'not_here_today' | 'i_do_not_go_in' | 'gave_up' | 'too_big' }
  | { at: 'may_go'; stop: Stop };

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

  dismissTrouble(): void;
  /** Makes this handset's keys and asks the provider that made the link. */
  enrol(secret: string, name: string): Promise<void>;
  refresh(): Promise<void>;
  choose(stop: Stop): void;
  back(): void;
  /** What the camera, a hardware scanner or fingers brought: the sticker's text, or a parcel's label. */
  seen(text: string): Promise<void>;
  /** Presents what was scanned so far, though more was expected. */
  presentNow(): Promise<void>;
  insideNow(parcels: number): void;
  /** "I do not go in": no justification asked. */
  notGoingIn(): Promise<void>;
  next(): void;
}
