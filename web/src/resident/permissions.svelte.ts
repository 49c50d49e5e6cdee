/**
 * Who may come: what waits for a word, what was signed, what was stopped. The letter is decoded from the very bytes that
 * are signed; what the door keeps of it is read from the door's own log.
 */
import { said } from '../core/cloud.ts';
import { random, type Change, type Core, type Draft as Unsigned, type RosterHome } from '../core/core.ts';
import { sign } from '../core/keys.ts';
import type { components } from '../core/schema.d.ts';
import { Trouble } from '../core/trouble.ts';
import type { Household } from './household.svelte.ts';
import type { KeptLog } from './kept.svelte.ts';
import { counts } from './counting.ts';
import { answer, type Covering } from './cover.ts';
import type { Allowed, Always, Awaiting, Draft, Permission, Stopped, Wishes } from './model.ts';
import { bareName } from './phones.ts';
import { seconds, type Span } from './span.ts';
import { expand, NoHours, zoneHere } from './standing.ts';

type ConsignmentJson = components['schemas']['ConsignmentJson'];

/** What the cloud shows of permissions. */
export interface Shown {
  /** What was announced and is not over: answered or not is decided here. */
  announced: ConsignmentJson[];
  grants: components['schemas']['GrantJson'][];
  preflight: components['schemas']['PreflightJson'][];
  revocations: components['schemas']['RevocationJson'][];
}

/** What residents stopped, by the list that the door keeps. A newer one that is only on its way stops and lifts nothing. */
interface Stops {
  blocked: boolean;
  grants: string[];
  /** By the newest list, too, whether or not the door has heard of it. */
  asked: string[];
}

export class Permissions {
  awaiting: Awaiting[] = $state([]);
  allowed: Allowed[] = $state([]);
  permissions: Permission[] = $state([]);

  readonly #core: Core;
  readonly #household: Household;
  readonly #log: KeptLog;
  readonly #refresh: () => Promise<void>;
  #announced = new Map<string, ConsignmentJson>();
  #services = new Map<string, string>();
  /** Root keys of the services, by H(grant). */
  #providers = new Map<string, string>();
  #covering: Covering[] = [];
  #newestList: string | null = null;
  #stopping: Promise<unknown> = Promise.resolve();

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
    return this.offer(roster.once(announced, { doorOpenS: wishes.doorOpenS }, random(16), this.#household.signer(keys)));
  }

  async draftAlways(of: Awaiting | Permission, wishes: Always): Promise<Draft> {
    const { keys, roster } = this.#household.ready();
    const { service, startMs } = 'hash' in of ? this.#again(of) : this.#first(of);
    let windows: Span[];
    try {
      windows = expand(wishes, startMs, zoneHere());
    } catch (thrown) {
      throw thrown instanceof NoHours ? new Trouble(thrown.code) : thrown;
    }
    const { perDay: usesPerWindow, doorOpenS, occupied, noticeS } = wishes;
    const terms = { windows: windows.map(seconds), usesPerWindow, doorOpenS, occupied, noticeS };
    return this.offer(roster.always(service, terms, random(16), this.#household.signer(keys)));
  }

  /** Whose permission it is to be, and from when: as announced. */
  #first(awaiting: Awaiting): { service: ConsignmentJson; startMs: number } {
    const service = this.#announced.get(awaiting.id);
    if (!service) throw new Trouble('consignment_unknown');
    return { service, startMs: Date.now() };
  }

  /** The same for one that goes on where another ends: at no time do both count. */
  #again({ hash, letter, state }: Permission): { service: Parameters<RosterHome['always']>[0]; startMs: number } {
    const provider = this.#providers.get(hash);
    const last = letter.windows.at(-1);
    if (!provider || letter.service === null || !last) throw new Trouble('consignment_unknown');
    const service = {
      provider,
      provider_name: letter.serviceName,
      service: letter.service,
      commitments: [],
      window: seconds(last),
    };
    return { service, startMs: state === 'ended' ? Date.now() : Math.max(Date.now(), last.untilMs) };
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

  /** One list after the other, each over the one before it: what is pressed meanwhile waits, and is not lost. */
  stop(change: Change): Promise<Stopped> {
    const stop = () => this.#stop(change);
    const stopped = this.#stopping.then(stop, stop);
    this.#stopping = stopped;
    return stopped;
  }

  async #stop(change: Change): Promise<Stopped> {
    const { cloud, keys } = this.#household.ready();
    await this.#readStops();
    const { roster } = this.#household.ready();
    // To stop needs no passkey: nothing may stand between a person and a no.
    const signer = change.what === 'unblock' ? this.#household.signer(keys) : keys.device;
    const draft = roster.revocation(this.#newestList ?? undefined, this.#log.kept.list ?? undefined, Date.now() / 1_000, change, signer);
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
    const covering: Covering[] = [];
    this.#covering = covering;
    this.permissions = news.grants.flatMap((row): Permission[] => {
      try {
        const { hash, letter, signerName, signer, ended, provider, commitments } = roster.checkGrant(row.grant);
        const full = { ...letter, parcels: letter.parcels ?? null, service: letter.service ?? null };
        const visits = this.#log.kept.grants[hash];
        const isPast = letter.windows.every(({ untilMs }) => untilMs <= Date.now());
        // Only the door can end one: a list of keys that never came to it ends nothing.
        const isEnded = ended && this.#household.confirmed;
        const keptMs = this.#log.kept.since[hash] ?? null;
        if (isPast || isEnded) this.#log.drop(hash);
        const over = isPast || (visits !== undefined && visits.length >= letter.uses);
        const said = row.kept_by_home.state === 'refused' ? 'refused' : 'pending';
        const kept = visits ? 'kept' : said;
        const state = stops.grants.includes(letter.id) ? 'revoked' : over ? 'over' : isEnded ? 'ended' : kept;
        if (provider) this.#providers.set(hash, provider);
        const { service, windows, usesPerWindow } = full;
        // What was stopped answers nothing any more, whether or not the door has heard of it.
        const isCounting = counts({ state }) && !stops.asked.includes(letter.id);
        const usedMs = visits?.map(({ atMs }) => atMs) ?? [];
        // What a re-key ended is asked for once more.
        if (state !== 'refused' && state !== 'ended') {
          covering.push({ hash, provider: provider ?? null, commitments, service, windows, usesPerWindow, counts: isCounting, usedMs });
        }
        const used = visits?.length ?? null;
        const signed = { signedByName: bareName(signerName), signedBy: signer, keptMs };
        return [{ hash, id: letter.id, letter: full, state, findings: findings.get(hash) ?? [], ...signed, used }];
      } catch {
        // Signed by nobody of this home: the home refuses it too, and it is no permission.
        this.#dropOrphan(roster, row.grant);
        return [];
      }
    });
    const known = new Set(this.permissions.map(({ letter }) => letter.fingerprint));
    for (const { hash, letter } of this.permissions) this.#services.set(hash, letter.serviceName);
    this.#announced = new Map(news.announced.map((one) => [one.consignment, one]));
    this.awaiting = [];
    this.allowed = [];
    for (const one of news.announced) {
      const window = { fromMs: one.window.from * 1_000, untilMs: one.window.until * 1_000 };
      const { provider, service, commitments, description } = one;
      const answered = answer(covering, { provider, service, commitments, window }, Date.now());
      if (answered === 'named' || one.opened) continue;
      const about = { id: one.consignment, serviceName: one.provider_name, description, parcels: commitments.length };
      if (answered) {
        this.allowed.push({ ...about, ...answered.window, by: answered.by });
      } else {
        const fingerprint = this.#core.fingerprint(provider);
        this.awaiting.push({ ...about, ...window, fingerprint, known: known.has(fingerprint) });
      }
    }
    return stops;
  }

  /** What a removed device signed ended with it, once the door has the list without that device. */
  #dropOrphan(roster: RosterHome, grant: string): void {
    try {
      const hash = roster.orphaned(grant);
      if (hash && this.#household.confirmed) this.#log.drop(hash);
    } catch {
      // No permission at all.
    }
  }

  /** How many permissions the door keeps, by its own log, that the cloud does not show. */
  get hidden(): number {
    return Object.keys(this.#log.kept.grants).filter((hash) => !this.permissions.some((one) => one.hash === hash)).length;
  }

  /** Root keys of all services that this home ever allowed, as far as the cloud shows it. */
  get roots(): string[] {
    return [...new Set(this.#providers.values())];
  }

  /** What the newest permission calls the service of this root key. */
  nameOf(root: string): string | null {
    const grant = [...this.#providers].find(([, provider]) => provider === root)?.[0];
    return (grant && this.#services.get(grant)) ?? null;
  }

  /** H(grant) of a permission that counts and names one of these parcels. */
  naming(commitments: string[]): string | null {
    return this.#covering.find((one) => one.counts && one.commitments?.some((each) => commitments.includes(each)))?.hash ?? null;
  }

  /** What a permission calls whoever may come. `grant` is H(grant). */
  serviceOf(grant: string): string | null {
    return this.#services.get(grant) ?? null;
  }

  #takeStops(revocations: Shown['revocations']): Stops {
    this.#newestList = revocations[0]?.revocation ?? null;
    const { roster } = this.#household.ready();
    const kept = this.#log.kept.list;
    let asked: string[] | null = null;
    for (const { revocation } of revocations) {
      try {
        const { hash, blocked, grants } = roster.checkRevocation(revocation, kept ?? undefined);
        asked ??= grants;
        if (hash === kept) return { blocked, grants, asked };
      } catch {
        // Of nobody who may say so, and not what the door keeps.
      }
    }
    return { blocked: false, grants: [], asked: asked ?? [] };
  }

  async #readStops(): Promise<void> {
    const { cloud } = this.#household.ready();
    const params = { path: { home: this.#household.id } };
    const { revocations } = await said(cloud.api.GET('/v1/homes/{home}/revocations', { params }));
    this.#takeStops(revocations);
  }
}
