/** What becomes of recordings afterwards, as the cloud keeps it: deleting and letting go are an owner's, keeping anybody's. */
import { Cloud, said } from '../core/cloud.ts';
import type { Core } from '../core/core.ts';
import type { components } from '../core/schema.d.ts';
import { deliveryFolder } from './folder.ts';
import type { Household } from './household.svelte.ts';
import { nameOf } from './phones.ts';
import type { Kept, NewLink, Recorded, Recording, Recordings, ShareHours, SharedLink, Who } from './recorded.ts';
import { share } from './shares.ts';

type Schemas = components['schemas'];

/** As many are listed: the cloud's most. */
const ROWS = 200;

export class KeptRecordings implements Recordings {
  readonly #core: Core;
  readonly #household: Household;

  constructor(core: Core, household: Household) {
    this.#core = core;
    this.#household = household;
  }

  async all(): Promise<Recorded> {
    const { cloud } = this.#household.ready();
    const path = { home: this.#household.id };
    const [kept, listed] = await Promise.all([
      said(cloud.api.GET('/v1/homes/{home}/retention', { params: { path } })),
      said(cloud.api.GET('/v1/homes/{home}/recordings', { params: { path, query: { limit: ROWS } } })),
    ]);
    return { ...this.#kept(kept), recordings: this.#listed(listed) };
  }

  async of(visit: string): Promise<Recording | null> {
    const { cloud } = this.#household.ready();
    const params = { path: { home: this.#household.id }, query: { visit } };
    const listed = await said(cloud.api.GET('/v1/homes/{home}/recordings', { params }));
    return this.#listed(listed)[0] ?? null;
  }

  async keepFor(hours: number): Promise<Kept> {
    const params = { path: { home: this.#household.id } };
    const kept = await said(this.#owner().api.PUT('/v1/homes/{home}/retention', { params, body: { hours } }));
    return this.#kept(kept);
  }

  async hold(visit: string): Promise<Recording> {
    const { cloud } = this.#household.ready();
    const held = await said(cloud.api.PUT('/v1/homes/{home}/recordings/{recording}/claim', this.#named(visit)));
    return this.#there(held);
  }

  async release(visit: string): Promise<Recording> {
    const released = await said(this.#owner().api.DELETE('/v1/homes/{home}/recordings/{recording}/claim', this.#named(visit)));
    return this.#there(released);
  }

  async remove(recording: Recording): Promise<Recording> {
    await said(this.#owner().api.DELETE('/v1/homes/{home}/recordings/{recording}', this.#named(recording.visit)));
    const { keys } = this.#household.ready();
    const by = this.#who(this.#core.kidOf(this.#household.signer(keys)));
    return { ...recording, state: 'deleted', deletesMs: null, held: null, deleted: { atMs: Date.now(), by, afterH: null } };
  }

  folder(visit: string, progress: (done: number) => void, signal: AbortSignal): Promise<Blob> {
    return deliveryFolder({ ...this.#household.ready(), home: this.#household.id, visit }, progress, signal);
  }

  share(visit: string, hours: ShareHours): Promise<NewLink> {
    return share(this.#household, this.#owner(), visit, hours);
  }

  async shares(visit?: string): Promise<SharedLink[]> {
    const { cloud } = this.#household.ready();
    const params = { path: { home: this.#household.id }, query: { limit: ROWS } };
    const { shares } = await said(cloud.api.GET('/v1/homes/{home}/shares', { params }));
    const links = shares.map((one) => ({
      share: one.share,
      visit: one.recording,
      by: this.#who(one.by),
      untilMs: one.until_ms,
      counts: one.counts,
    }));
    return links.filter((one) => visit === undefined || one.visit === visit);
  }

  async withdraw(link: string): Promise<void> {
    const { cloud } = this.#household.ready();
    const params = { path: { home: this.#household.id, share: link } };
    await said(cloud.api.DELETE('/v1/homes/{home}/shares/{share}', { params }));
  }

  #named(visit: string) {
    return { params: { path: { home: this.#household.id, recording: visit } } };
  }

  /** What cannot be brought back is an owner's, and asks the person. */
  #owner(): Cloud {
    const { keys } = this.#household.ready();
    return new Cloud(keys, 'resident', this.#household.signer(keys));
  }

  #who(kid: string): Who {
    const device = this.#household.devices.find((one) => one.kid === kid);
    return { name: device ? nameOf(device) : null, fingerprint: device?.fingerprint ?? this.#core.fingerprint(kid) };
  }

  #kept({ hours, set_by: setBy }: Schemas['RetentionJson']): Kept {
    return { hours, setBy: setBy ? this.#who(setBy) : null };
  }

  #there(one: Schemas['RecordingJson']): Recording {
    const { claim, deletes_ms: deletesMs } = one;
    const held = one.is_held && claim ? { by: this.#who(claim.by), sinceMs: claim.since_ms, untilMs: claim.until_ms } : null;
    const state = one.state !== 'closed' ? 'running' : held ? 'held' : 'kept';
    return { visit: one.visit, beganMs: one.created_ms, state, deletesMs, held, deleted: null };
  }

  #listed({ recordings, deleted }: Schemas['RecordingsJson']): Recording[] {
    const there = recordings.map((one) => this.#there(one));
    const gone = deleted.map((one): Recording => {
      const by = one.by ? this.#who(one.by) : null;
      const why = { atMs: one.deleted_ms, by, afterH: one.after_h ?? null };
      return { visit: one.visit, beganMs: one.created_ms, state: 'deleted', deletesMs: null, held: null, deleted: why };
    });
    return [...there, ...gone].sort((a, b) => b.beganMs - a.beganMs);
  }
}
