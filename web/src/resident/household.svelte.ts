/**
 * Who belongs to the home: the roster that this device pinned, followed from one signature to the next, and the changes
 * that an owner signs to it.
 */
import { Cloud, said } from '../core/cloud.ts';
import { base64url, random, type Core, type Draft as Unsigned, type RosterHome } from '../core/core.ts';
import { sign, type Keys, type Opener } from '../core/keys.ts';
import { recall, remember } from '../core/store.ts';
import { Trouble } from '../core/trouble.ts';
import { OpenInvitation } from './invitation.svelte.ts';
import { KeptLog } from './kept.svelte.ts';
import type { Device } from './model.ts';
import { phoneOf } from './phones.ts';
import { chain } from './rosters.ts';

/** What this device pinned, in IndexedDB. */
export const PINNED = 'resident/roster';
/** The part of a recovery sheet's key that opens recordings, if it was read in here; in IndexedDB. */
export const SHEET = 'resident/sheet';
/** How long the door log may take to tell of a new roster, ms. */
const IN_FORCE_MS = 10_000;

export class Household {
  devices: Device[] = $state([]);
  doorFingerprint = $state('');
  /** H(list) of the list of keys in force. */
  hash = $state('');
  /** 32 hexadecimal digits. */
  readonly id: string;
  readonly log: KeptLog;

  readonly #core: Core;
  readonly #keys: Keys;
  readonly #cloud: Cloud;
  #roster: RosterHome;
  #epoch = $state(0);

  constructor(core: Core, keys: Keys, roster: RosterHome) {
    this.#core = core;
    this.#keys = keys;
    this.#cloud = new Cloud(keys, 'resident');
    this.#roster = roster;
    this.id = roster.describe().home;
    this.log = new KeptLog(this);
    this.#pin(roster);
  }

  #pin(roster: RosterHome): void {
    const view = roster.describe();
    this.#roster = roster;
    this.doorFingerprint = view.doorFingerprint;
    this.hash = view.hash;
    this.#epoch = view.epoch;
    const { passkey, kid } = this.#keys;
    const mine = [kid, passkey && this.#core.kidOf(passkey.credential)];
    const devices = view.residents.map((one) => ({ ...one, thisDevice: mine.includes(one.kid) }));
    // What a person may do is what the passkey may: it comes first.
    this.devices = devices.sort((a, b) => Number(b.passkey) - Number(a.passkey));
  }

  /** Follows the rosters that came into force since, each signed by the owners of the one before it. */
  async follow(): Promise<void> {
    const { cloud, roster } = this.ready();
    const now = (await chain(this.#core, cloud, this.id, roster)).at(-1);
    // Another following may have come further meanwhile.
    if (!now || now.describe().epoch <= this.#epoch) return;
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
    await this.change(roster.admit(card, invitation.rank, this.signer(keys)));
    await invitation.answer(this.ready().roster.envelopes());
  }

  /** Every key that came with this one: of a lost phone nothing stays. */
  async removeDevice(device: Device): Promise<void> {
    await this.follow();
    const { keys, roster } = this.ready();
    const kids = phoneOf(device, this.devices).map(({ kid }) => kid);
    await this.change(roster.remove(kids, this.signer(keys)));
  }

  /** Signs the next list of keys and sends it. Resolves when the cloud says that the door has it. */
  async send(draft: Unsigned): Promise<{ hash: string; epoch: number }> {
    const { cloud, keys } = this.ready();
    const envelope = await sign(draft, keys);
    const params = { path: { home: this.id } };
    const body = { roster: [envelope.bytes] };
    const { epoch, kept_by_home: kept } = await said(cloud.api.POST('/v1/homes/{home}/rosters', { params, body }));
    if (kept.state === 'refused') throw new Trouble(kept.code ?? 'roster_refused');
    if (kept.state !== 'kept') throw new Trouble('change_unconfirmed');
    return { hash: envelope.hash, epoch };
  }

  /** The same, resolved when the door's own log says that it counts. */
  async change(draft: Unsigned): Promise<void> {
    const sent = await this.send(draft);
    if (!(await this.log.confirmed(() => this.log.kept.roster === sent.hash))) throw new Trouble('change_unconfirmed');
    // The cloud reads the same log, and shows the list once it has.
    const deadline = Date.now() + IN_FORCE_MS;
    while (this.ready().roster.describe().epoch < sent.epoch) {
      if (Date.now() > deadline) throw new Trouble('home_silent');
      await new Promise((resolve) => setTimeout(resolve, 100));
      await this.follow();
    }
  }

  /** Whether the door's own log names exactly this list of keys. Of the first one, pinned at the box, it does not tell. */
  get confirmed(): boolean {
    const { roster } = this.log.kept;
    return this.#epoch === 1 ? roster === null : roster === this.hash;
  }

  /** Whether another household began with the list of this epoch, by the cloud's word, since this phone last looked. */
  async beganAnew(epoch: number): Promise<boolean> {
    const { grantsFrom } = this.ready().roster.describe();
    if (epoch <= (this.log.kept.begun ?? 1) || grantsFrom < epoch || !this.confirmed) return false;
    await this.log.beginAnew(epoch);
    return true;
  }

  /**
   * The lists of keys up to the one in force, from the first or from the one by which the home was handed over: each signed
   * by the owners of the one before, and the last the very one that is pinned here, whose hash leads back to all of them. Null:
   * the cloud shows others.
   */
  async history(): Promise<RosterHome[] | null> {
    await this.follow();
    const { cloud, roster } = this.ready();
    const all = await chain(this.#core, cloud, this.id);
    return all.at(-1)?.describe().hash === roster.describe().hash ? all : null;
  }

  /** What opens recordings here. */
  async openers(): Promise<Opener[]> {
    const sheet = await recall<Opener>(SHEET);
    return sheet ? [this.#keys, sheet] : [this.#keys];
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
