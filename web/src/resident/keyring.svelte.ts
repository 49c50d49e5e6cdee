/** The household's keys, for the screens: where each comes from, and the changes that an owner signs. */
import type { Household } from './household.svelte.ts';
import type { Access, Keyring, Origin } from './keyring.ts';
import type { Permissions } from './permissions.svelte.ts';
import { bareName } from './phones.ts';

export class HouseholdKeys implements Keyring {
  readonly #household: Household;
  readonly #permissions: Permissions;
  readonly #isLogWhole: () => boolean;

  constructor(household: Household, permissions: Permissions, isLogWhole: () => boolean) {
    this.#household = household;
    this.#permissions = permissions;
    this.#isLogWhole = isLogWhole;
  }

  async access(): Promise<Access> {
    const { log } = this.#household;
    const lists = await this.#household.history();
    await log.readOn();
    const { hash, residents } = this.#household.ready().roster.describe();
    const byEpoch = new Map((lists ?? []).map((home) => home.describe()).map((list) => [list.epoch, list]));
    const origins = residents.map(({ kid, since }): Origin => {
      const list = byEpoch.get(since);
      return { kid, byName: list?.signedBy ? bareName(list.signedBy) : null, sinceMs: (list && log.kept.since[list.hash]) ?? null };
    });
    const kept = this.#isLogWhole() ? 'kept' : 'unheard';
    const state = this.#household.confirmed ? kept : 'unconfirmed';
    return { origins, state, confirmedMs: log.kept.since[hash] ?? null, hidden: this.#permissions.hidden };
  }
}
