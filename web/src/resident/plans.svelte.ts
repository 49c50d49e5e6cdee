/** Plan B of the home and of its parcels, as the cloud keeps it: it opens nothing, and any device of the home may choose. */
import { said } from '../core/cloud.ts';
import type { components } from '../core/schema.d.ts';
import type { Household } from './household.svelte.ts';
import type { Chosen, Parcel, PlanB } from './model.ts';

type ConsignmentJson = components['schemas']['ConsignmentJson'];

export class Plans {
  home: Chosen | null = $state(null);
  parcels: Parcel[] = $state([]);

  readonly #household: Household;
  readonly #refresh: () => Promise<void>;
  #saving: Promise<unknown> = Promise.resolve();

  constructor(household: Household, refresh: () => Promise<void>) {
    this.#household = household;
    this.#refresh = refresh;
  }

  /** `home` is null in news that an earlier build kept. `byOf`: H(grant) of the permission that names one of these parcels. */
  take(home: Chosen | null, announced: ConsignmentJson[], byOf: (commitments: string[]) => string | null): void {
    this.home = home;
    this.parcels = (home ? announced : [])
      .filter(({ opened }) => !opened)
      .map((one) => ({
        id: one.consignment,
        serviceName: one.provider_name,
        by: byOf(one.commitments),
        planB: one.plan_b,
        stopsAway: one.stops_away ? { stops: one.stops_away.stops, saidMs: one.stops_away.said_ms } : null,
      }));
  }

  /** One after the other: the last one pressed is the one that stays. */
  choose(rungs: PlanB[], parcel?: string): Promise<void> {
    return this.#one(async () => {
      const { cloud } = this.#household.ready();
      const { id: home } = this.#household;
      const body = { rungs };
      if (parcel === undefined) {
        await said(cloud.api.PUT('/v1/homes/{home}/plan-b', { params: { path: { home } }, body }));
      } else {
        const params = { path: { home, consignment: parcel } };
        await said(cloud.api.PUT('/v1/homes/{home}/consignments/{consignment}/plan-b', { params, body }));
      }
    });
  }

  asHome(parcel: string): Promise<void> {
    return this.#one(async () => {
      const params = { path: { home: this.#household.id, consignment: parcel } };
      const { cloud } = this.#household.ready();
      await said(cloud.api.DELETE('/v1/homes/{home}/consignments/{consignment}/plan-b', { params }));
    });
  }

  #one(work: () => Promise<void>): Promise<void> {
    const done = this.#saving.then(work, work).then(() => this.#refresh());
    this.#saving = done;
    return done;
  }
}
