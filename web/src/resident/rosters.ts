/** The lists of a home's keys, from the first of the present household on. */
import { said, type Cloud } from '../core/cloud.ts';
import type { Core, RosterHome } from '../core/core.ts';

/** Every list that came into force, as the cloud shows them, each signed by those of the one before. Oldest first. */
export async function chain(core: Core, cloud: Cloud, home: string): Promise<RosterHome[]> {
  const all: RosterHome[] = [];
  for (;;) {
    const since = all.at(-1)?.describe().epoch ?? 0;
    const params = { path: { home }, query: { since } };
    const { epoch, after } = await said(cloud.api.GET('/v1/homes/{home}/rosters', { params }));
    if (!after || after.length === 0) return all;
    for (const { roster } of after) all.push(all.at(-1)?.after(roster) ?? core.Home.pinned(roster));
    if ((all.at(-1)?.describe().epoch ?? 0) >= epoch) return all;
  }
}
