/** The household's keys, for the screens: where each comes from, and the changes that an owner signs. */
import { hex, random } from '../core/core.ts';
import { forgetUnder } from '../core/store.ts';
import type { Household } from './household.svelte.ts';
import type { DrawnSheet, Keyring, ListNow, Origin } from './keyring.ts';
import type { Device } from './model.ts';
import type { Permissions } from './permissions.svelte.ts';
import { bareName, phoneOf } from './phones.ts';

export class HouseholdKeys implements Keyring {
  readonly #household: Household;
  readonly #permissions: Permissions;
  readonly #isLogWhole: () => boolean;
  readonly #refresh: () => Promise<void>;

  constructor(household: Household, permissions: Permissions, isLogWhole: () => boolean, refresh: () => Promise<void>) {
    this.#refresh = refresh;
    this.#household = household;
    this.#permissions = permissions;
    this.#isLogWhole = isLogWhole;
  }

  async rekey(): Promise<void> {
    await this.#household.follow();
    const { keys, roster } = this.#household.ready();
    await this.#household.change(roster.rekey(this.#household.signer(keys)));
    await this.#refresh();
  }

  async handOver(to: Device): Promise<void> {
    await this.#household.follow();
    const { keys, roster } = this.#household.ready();
    const kids = phoneOf(to, this.#household.devices).map(({ kid }) => kid);
    await this.#household.send(roster.handOver(kids, this.#household.signer(keys)));
  }

  drawSheet(): DrawnSheet {
    const secret = random(32);
    const sign = async () => {
      await this.#household.follow();
      const { keys, roster } = this.#household.ready();
      await this.#household.change(roster.replaceSheet(secret, this.#household.signer(keys)));
    };
    return { recovery: hex(secret), sign };
  }

  async forgetHome(): Promise<void> {
    // What this browser keeps of its person as a visitor is not of this home.
    await forgetUnder('resident/');
    location.assign('/');
  }

  get list(): ListNow {
    const { confirmed, hash, log } = this.#household;
    const kept = this.#isLogWhole() ? 'kept' : 'unheard';
    return { state: confirmed ? kept : 'unconfirmed', confirmedMs: log.kept.since[hash] ?? null };
  }

  get hidden(): number {
    return this.#permissions.hidden;
  }

  async origins(): Promise<Origin[]> {
    const { log } = this.#household;
    const lists = await this.#household.history();
    await log.readOn();
    const { residents } = this.#household.ready().roster.describe();
    const byEpoch = new Map((lists ?? []).map((home) => home.describe()).map((list) => [list.epoch, list]));
    return residents.map(({ kid, since }): Origin => {
      const list = byEpoch.get(since);
      const byName = list?.signedBy ? bareName(list.signedBy) : null;
      return { kid, byName, bySheet: list?.bySheet ?? false, sinceMs: (list && log.kept.since[list.hash]) ?? null };
    });
  }
}
