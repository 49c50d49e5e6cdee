/** What the resident's screens see and may do of the household's keys: a part of `model.ts`. */

/** Where a key comes from, as far as this device could check it. */
export interface Origin {
  kid: string;
  /** Whose signature took it in; null: nobody's, it was there from the beginning, or not known. */
  byName: string | null;
  /** When the door entered that; null: not known. */
  sinceMs: number | null;
}

/** The list of keys in force. */
export interface Access {
  origins: Origin[];
  /**
   * `kept`: the door's own log, as far as the door says that it goes, names exactly this list. `unheard`: so does the log, but
   * the door did not answer lately how far it goes. `unconfirmed`: it names another list.
   */
  state: 'kept' | 'unheard' | 'unconfirmed';
  /** Since when; null: it is the first, or that is not known. */
  confirmedMs: number | null;
  /** How many permissions the door keeps, by its log, that the cloud does not show. */
  hidden: number;
}

export interface Keyring {
  access(): Promise<Access>;
}
