/**
 * What the door itself says it keeps: permissions, the list of what was stopped and the list of the household's keys, read
 * from its log, each event checked against the door's key. The cloud says the same sooner, and could say it falsely.
 */
import { loadCore, type LogCheck } from '../core/core.ts';
import { recall, remember } from '../core/store.ts';
import * as alarms from './alarms.ts';
import type { Alarm } from './alarms.ts';
import type { Household } from './household.svelte.ts';
import * as looked from './looked.ts';
import type { Look } from './looked.ts';
import { entry, events } from './visits.ts';

/** Not a name of earlier builds, which kept less: what they lacked is read anew. */
const KEPT = 'resident/door-log';
/** How long the door's own confirmation is waited for, ms. */
const CONFIRM_MS = 6_000;
const CONFIRM_AGAIN_MS = 150;

/** A visit that used a permission, and when, by the door's clock at its earliest; ms since 1970. */
export interface Use {
  visit: string;
  atMs: number;
}

interface Kept {
  home: string;
  /** Counter of the newest event that was read. */
  counter: number;
  /** By H(grant): every permission that the door keeps and whose time is not over, with the visits that used it. */
  grants: Record<string, Use[]>;
  /** What the door has raised and not taken back, and nobody here has understood. */
  alarms: Alarm[];
  /** H(list) of the newest list of what was stopped. */
  list: string | null;
  /** Who looked through the camera. */
  looks: Look[];
  /** H(roster) of the newest list of keys; null: still the first, of which the log does not tell. */
  roster: string | null;
  /** When a permission or a list of keys was entered, by its hash and the door's clock; ms since 1970. */
  since: Record<string, number>;
  /** With which list of keys the household began whose log this is; none: with the first. */
  begun?: number;
}

export class KeptLog {
  /** Never changed in place: screens are told of another. */
  kept: Kept = $state.raw({ home: '', counter: 0, grants: {}, alarms: [], list: null, looks: [], roster: null, since: {} });

  readonly #household: Household;
  #reading: Promise<void> = Promise.resolve();

  constructor(household: Household) {
    this.#household = household;
    this.kept = { ...this.kept, home: household.id };
  }

  /** Takes up what an earlier session has read. */
  async recall(): Promise<void> {
    const kept = await recall<Kept>(KEPT);
    if (kept?.home === this.kept.home) this.kept = kept;
  }

  /** A permission that can never count again is no longer of interest. */
  drop(hash: string): void {
    const { [hash]: _uses, ...grants } = this.kept.grants;
    const { [hash]: _sinceMs, ...since } = this.kept.since;
    this.kept = { ...this.kept, grants, since };
  }

  /** Somebody has read this alarm here: it is told again when it is raised again. */
  understood(alarm: Alarm): Promise<void> {
    const leave = async (): Promise<void> => {
      this.kept = { ...this.kept, alarms: this.kept.alarms.filter(({ counter }) => counter !== alarm.counter) };
      await remember(KEPT, this.kept);
    };
    this.#reading = this.#reading.then(leave, leave);
    return this.#reading;
  }

  /** Waits a moment for the door's own word. The cloud's word does not count. */
  async confirmed(is: () => boolean): Promise<boolean> {
    const deadline = Date.now() + CONFIRM_MS;
    for (;;) {
      await this.readOn();
      if (is()) return true;
      if (Date.now() > deadline) return false;
      await new Promise((resolve) => setTimeout(resolve, CONFIRM_AGAIN_MS));
    }
  }

  /**
   * The home was handed over by the list of this epoch: what this phone kept of the household before is forgotten, and the
   * log is read once more, of which the cloud shows less now. Only for a list that ended every permission, and that the door
   * keeps: else a cloud could have one overlooked.
   */
  beginAnew(epoch: number): Promise<void> {
    const begin = async () => {
      this.kept = { ...this.kept, counter: 0, grants: {}, looks: [], since: {}, begun: epoch };
    };
    this.#reading = this.#reading.then(begin, begin);
    return this.readOn();
  }

  /** Reads on where the last reading ended; one reading after the other, so that none undoes another. */
  readOn(): Promise<void> {
    const read = () => this.#read();
    this.#reading = this.#reading.then(read, read);
    return this.#reading;
  }

  async #read(): Promise<void> {
    const core = await loadCore();
    const { cloud, roster } = this.#household.ready();
    const now: Kept = { ...this.kept, grants: structuredClone(this.kept.grants), since: { ...this.kept.since } };
    let check: LogCheck | null = null;
    try {
      for await (const event of events(cloud, now.home, now.counter + 1)) {
        check ??= core.LogCheck.excerpt(roster, entry(event));
        const read = check.next(entry(event));
        const { what, code, counter, visit, atMs } = read;
        if (what === 'grant_kept' && code) now.grants[code] ??= [];
        // A visit burns one use, however often its door opens.
        const used = what === 'intent' && code ? now.grants[code] : undefined;
        if (used && visit && !used.some((one) => one.visit === visit)) used.push({ visit, atMs });
        now.alarms = alarms.after(now.alarms, read);
        if (what === 'revocation_kept') now.list = code ?? null;
        if (what === 'looked' && code) now.looks = looked.kept(now.looks, { kid: code, atMs, counter });
        if (what === 'roster_kept') now.roster = code ?? null;
        if ((what === 'grant_kept' || what === 'roster_kept') && code) now.since[code] ??= atMs;
        now.counter = counter;
        // The page stays alive while a long log is read for the first time.
        if (counter % 25 === 0) await new Promise((resolve) => setTimeout(resolve));
      }
    } finally {
      check?.free();
    }
    if (now.counter > this.kept.counter) await remember(KEPT, now);
    this.kept = now;
  }
}
