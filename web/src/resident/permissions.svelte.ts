/**
 * Who may come: what waits for a word, what was signed, what was stopped. The letter is decoded from the very bytes that
 * are signed; what the door keeps of it is read from the door's own log.
 */
import { said } from '../core/cloud.ts';
import { random, type Core, type Draft as Unsigned, type RosterHome } from '../core/core.ts';
import { sign } from '../core/keys.ts';
import type { components } from '../core/schema.d.ts';
import { Trouble } from '../core/trouble.ts';
import type { Household } from './household.svelte.ts';
import type { KeptLog } from './kept.ts';
import type { Awaiting, Draft, Permission, Stopped, Wishes } from './model.ts';

type ConsignmentJson = components['schemas']['ConsignmentJson'];

/** What the cloud shows of permissions. */
export interface Shown {
  waiting: ConsignmentJson[];
  grants: components['schemas']['GrantJson'][];
  preflight: components['schemas']['PreflightJson'][];
  revocations: components['schemas']['RevocationJson'][];
}

/** What residents stopped, by the newest list, and whether the door keeps that list. */
interface Stops {
  hash: string | null;
  blocked: boolean;
  grants: string[];
  confirmed: boolean;
}

const NO_STOPS = { hash: null, blocked: false, grants: [] as string[] };

export class Permissions {
  awaiting: Awaiting[] = $state([]);
  permissions: Permission[] = $state([]);

  readonly #core: Core;
  readonly #household: Household;
  readonly #log: KeptLog;
  readonly #refresh: () => Promise<void>;
  #announced = new Map<string, ConsignmentJson>();
  #services = new Map<string, string>();
  #newestList: string | null = null;

  constructor(core: Core, household: Household, log: KeptLog, refresh: () => Promise<void>) {
    this.#core = core;
    this.#household = household;
    this.#log = log;
    this.#refresh = refresh;
  }

  async draft(awaiting: Awaiting, wishes: Wishes): Promise<Draft> {
    const { keys, roster } = this.#household.ready();
    const announced = this.#announced.get(awaiting.id);
    if (!announced) throw new Trouble('consignment_unknown');
    return this.offer(
      roster.once(announced, { doorOpenS: wishes.doorOpenS }, random(16), this.#household.signer(keys)),
    );
  }

  /** The letter of what is to be signed, and its signing; `sent` hears of it once the cloud has it. */
  offer(unsigned: Unsigned, sent: (grant: string) => Promise<void> = async () => {}): Draft {
    const { cloud, keys } = this.#household.ready();
    const letter = unsigned.letter();
    return {
      letter: { ...letter, parcels: letter.parcels ?? null, service: letter.service ?? null },
      sign: async () => {
        const envelope = await sign(unsigned, keys);
        const params = { path: { home: this.#household.id } };
        const body = { grant: envelope.bytes };
        const { kept_by_home: kept } = await said(
          cloud.api.POST('/v1/homes/{home}/grants', { params, body }),
        );
        if (kept.state === 'refused') throw new Trouble(kept.code ?? 'page_failed');
        await sent(envelope.bytes);
        const confirmed = await this.#log.confirmed(() => envelope.hash in this.#log.kept.grants);
        await this.#refresh();
        return confirmed ? 'kept' : 'pending';
      },
    };
  }

  async decline(awaiting: Awaiting): Promise<void> {
    const params = { path: { home: this.#household.id, consignment: awaiting.id } };
    await said(
      this.#household.ready().cloud.api.POST('/v1/homes/{home}/consignments/{consignment}/decline', { params }),
    );
    await this.#refresh();
  }

  async stop(change: Parameters<RosterHome['revocation']>[2]): Promise<Stopped> {
    const { cloud, keys } = this.#household.ready();
    await this.#readStops();
    const { roster } = this.#household.ready();
    // To stop needs no passkey: nothing may stand between a person and a no.
    const signer = change.what === 'unblock' ? this.#household.signer(keys) : keys.device;
    const draft = roster.revocation(this.#newestList ?? undefined, Date.now() / 1_000, change, signer);
    const envelope = await sign(draft, keys);
    const params = { path: { home: this.#household.id } };
    const body = { revocation: envelope.bytes };
    const sent = await said(cloud.api.POST('/v1/homes/{home}/revocations', { params, body }));
    if (sent.state === 'refused') throw new Trouble(sent.kept_by_home.code ?? 'revocation_refused');
    // If not even the cloud has heard of the door's word, there is nothing to wait for: it comes as a notice.
    const isKept = sent.state === 'confirmed' || sent.kept_by_home.state === 'kept';
    const confirmed = isKept && (await this.#log.confirmed(() => this.#log.kept.list === envelope.hash));
    await this.#refresh();
    if (confirmed) return { confirmed: true };
    const until = sent.could_open_until ?? null;
    return { confirmed: false, couldOpenUntilMs: until === null ? null : until * 1_000 };
  }

  /** Takes up what the cloud shows, as far as this home signed it. */
  take(news: Shown): Stops {
    const { roster } = this.#household.ready();
    const stops = this.#takeStops(news.revocations);
    const findings = new Map(news.preflight.map((one) => [one.grant, one.findings]));
    this.permissions = news.grants.flatMap((row): Permission[] => {
      try {
        const { hash, letter, signerName } = roster.checkGrant(row.grant);
        const full = { ...letter, parcels: letter.parcels ?? null, service: letter.service ?? null };
        const visits = this.#log.kept.grants[hash];
        const isPast = letter.windows.every(({ untilMs }) => untilMs <= Date.now());
        if (isPast) delete this.#log.kept.grants[hash];
        const over = isPast || (visits !== undefined && visits.length >= letter.uses);
        const said = row.kept_by_home.state === 'refused' ? 'refused' : 'pending';
        const kept = visits ? 'kept' : said;
        const state = stops.confirmed && stops.grants.includes(letter.id) ? 'revoked' : over ? 'over' : kept;
        return [{ hash, id: letter.id, letter: full, state, findings: findings.get(hash) ?? [], signedByName: signerName }];
      } catch {
        // Signed by nobody of this home: the home refuses it too, and it is no permission.
        return [];
      }
    });
    const known = new Set(this.permissions.map(({ letter }) => letter.fingerprint));
    for (const { hash, letter } of this.permissions) this.#services.set(hash, letter.serviceName);
    this.#announced = new Map(news.waiting.map((one) => [one.consignment, one]));
    this.awaiting = news.waiting.map((one) => {
      const fingerprint = this.#core.fingerprint(one.provider);
      return {
        id: one.consignment,
        serviceName: one.provider_name,
        fingerprint,
        known: known.has(fingerprint),
        description: one.description,
        parcels: one.commitments.length,
        fromMs: one.window.from * 1_000,
        untilMs: one.window.until * 1_000,
      };
    });
    return stops;
  }

  /** What a permission calls whoever may come. `grant` is H(grant). */
  serviceOf(grant: string): string | null {
    return this.#services.get(grant) ?? null;
  }

  #takeStops(revocations: Shown['revocations']): Stops {
    this.#newestList = revocations[0]?.revocation ?? null;
    const { roster } = this.#household.ready();
    const stops = this.#newestList ? roster.checkRevocation(this.#newestList) : NO_STOPS;
    return { ...stops, confirmed: stops.hash === this.#log.kept.list };
  }

  async #readStops(): Promise<Stops> {
    const { cloud } = this.#household.ready();
    const params = { path: { home: this.#household.id } };
    const { revocations } = await said(cloud.api.GET('/v1/homes/{home}/revocations', { params }));
    return this.#takeStops(revocations);
  }
}
