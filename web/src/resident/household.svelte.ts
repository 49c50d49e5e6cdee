/**
 * Who belongs to the home: the roster that this device pinned, followed from one signature to the next, and the changes
 * that an owner signs to it.
 */
import { Cloud, said } from '../core/cloud.ts';
import { base64url, random, type Core, type Draft as Unsigned, type RosterHome } from '../core/core.ts';
import { sign, type Keys } from '../core/keys.ts';
import { remember } from '../core/store.ts';
import { Trouble } from '../core/trouble.ts';
import { OpenInvitation } from './invitation.svelte.ts';
import type { Device } from './model.ts';

/** What this device pinned, in IndexedDB. */
export const PINNED = 'resident/roster';
/** What the core adds to the name of a passkey. */
const PASSKEY_SUFFIX = ' (passkey)';
/** How long the door log may take to tell of a new roster, ms. */
const IN_FORCE_MS = 10_000;

export class Household {
  devices: Device[] = $state([]);
  doorFingerprint = $state('');
  /** 32 hexadecimal digits. */
  readonly id: string;

  readonly #core: Core;
  readonly #keys: Keys;
  readonly #cloud: Cloud;
  #roster: RosterHome;

  constructor(core: Core, keys: Keys, roster: RosterHome) {
    this.#core = core;
    this.#keys = keys;
    this.#cloud = new Cloud(keys, 'resident');
    this.#roster = roster;
    this.id = roster.describe().home;
    this.#pin(roster);
  }

  #pin(roster: RosterHome): void {
    const view = roster.describe();
    this.#roster = roster;
    this.doorFingerprint = view.doorFingerprint;
    const { passkey, kid } = this.#keys;
    const mine = [kid, passkey && this.#core.kidOf(passkey.credential)];
    const devices = view.residents.map(({ since: _since, ...one }) => ({ ...one, thisDevice: mine.includes(one.kid) }));
    // What a person may do is what the passkey may: it comes first.
    this.devices = devices.sort((a, b) => Number(b.passkey) - Number(a.passkey));
  }

  /** Follows the rosters that came into force since, each signed by the owners of the one before it. */
  async follow(): Promise<void> {
    const { cloud, roster } = this.ready();
    let now = roster;
    for (;;) {
      const { epoch } = now.describe();
      const params = { path: { home: this.id }, query: { since: epoch } };
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
    const { keys } = this.ready();
    const { card } = invitation;
    if (!card) throw new Trouble('nobody_asked');
    await this.follow();
    const { roster } = this.ready();
    await this.#change(roster.admit(card, invitation.rank, this.signer(keys)));
    await invitation.answer(this.ready().roster.envelopes());
  }

  async removeDevice(device: Device): Promise<void> {
    const { keys, roster } = this.ready();
    // A passkey and the device key beside it came together, and go together. Another phone may have the same name.
    const { residents } = roster.describe();
    const nameOf = ({ name }: { name: string }): string => name.replace(PASSKEY_SUFFIX, '');
    const since = residents.find(({ kid }) => kid === device.kid)?.since;
    const pair = residents.filter((one) => one.since === since && nameOf(one) === nameOf(device));
    const kids = pair.map(({ kid }) => kid);
    await this.#change(roster.remove(kids, this.signer(keys)));
  }

  async #change(draft: Unsigned): Promise<void> {
    const { cloud, keys } = this.ready();
    const envelope = await sign(draft, keys);
    const params = { path: { home: this.id } };
    const body = { roster: [envelope.bytes] };
    const sent = await said(cloud.api.POST('/v1/homes/{home}/rosters', { params, body }));
    if (sent.kept_by_home.state === 'refused') {
      throw new Trouble(sent.kept_by_home.code ?? 'roster_refused');
    }
    if (sent.kept_by_home.state !== 'kept') throw new Trouble('home_silent');
    // The home's log tells of it right behind its "kept".
    const deadline = Date.now() + IN_FORCE_MS;
    while (this.ready().roster.describe().epoch < sent.epoch) {
      if (Date.now() > deadline) throw new Trouble('home_silent');
      await new Promise((resolve) => setTimeout(resolve, 100));
      await this.follow();
    }
  }

  /** The passkey if there is one: then the person is asked, and what lets someone in was never signed silently. */
  signer(keys: Keys): string {
    return keys.passkey?.credential ?? keys.device;
  }

  /** What everything that is asked, checked or signed needs. The roster is the newest that was followed. */
  ready(): { cloud: Cloud; keys: Keys; roster: RosterHome } {
    return { cloud: this.#cloud, keys: this.#keys, roster: this.#roster };
  }
}
