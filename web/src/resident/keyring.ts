/** What the resident's screens see and may do of the household's keys: a part of `model.ts`. */

import type { Device } from './model.ts';

/** Where a key comes from, as far as this device could check it. */
export interface Origin {
  kid: string;
  /** Whose signature took it in; null: nobody's, it was there from the beginning, or not known. */
  byName: string | null;
  /** The recovery sheet took it in, after every phone was lost. */
  bySheet: boolean;
  /** When the door entered that; null: not known. */
  sinceMs: number | null;
}

/** What the door says of the list of keys in force. */
export interface ListNow {
  /**
   * `kept`: the door's own log, as far as the door says that it goes, names exactly this list. `unheard`: so does the log, but
   * the door did not answer lately how far it goes. `unconfirmed`: it names another list.
   */
  state: 'kept' | 'unheard' | 'unconfirmed';
  /** Since when; null: it is the first, or that is not known. */
  confirmedMs: number | null;
}

/** A recovery sheet that was read back in. Nothing is signed yet. */
export interface OpenSheet {
  /** As it must stand on the sheet. */
  doorFingerprint: string;
  /** Names of the phones that go. */
  goes: string[];
  /** Makes keys for this phone and signs it in with the sheet. Resolves when the door's own log says that it counts. */
  takeOver(name: string): Promise<void>;
}

/** A new recovery sheet, shown and not signed yet. */
export interface DrawnSheet {
  /** 64 hexadecimal digits. */
  recovery: string;
  /** In place of the one before. Resolves when the door's own log says that it counts; may be tried again. */
  sign(): Promise<void>;
}

export interface Keyring {
  readonly list: ListNow;
  /** How many permissions the door keeps, by its log, that the cloud does not show. */
  readonly hidden: number;
  /** Of the list in force; reads the door's log as far as it goes. */
  origins(): Promise<Origin[]>;
  /** Ends every permission that was signed before. Needs somebody at the box. */
  rekey(): Promise<void>;
  /** To this phone and its person alone. By then the cloud shows this phone nothing more, so the word that it counts is the cloud's. */
  handOver(to: Device): Promise<void>;
  drawSheet(): DrawnSheet;
  /** Deletes the keys of this phone and what it knows of the home, and begins anew. */
  forgetHome(): Promise<void>;
}
