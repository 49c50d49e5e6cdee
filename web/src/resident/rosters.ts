/** The lists of a home's keys, from the first of the present household on. */
import { said, type Cloud } from '../core/cloud.ts';
import type { Core, RosterHome } from '../core/core.ts';

/**
 * Every list that came into force, as the cloud shows them, each signed by those of the one before. Oldest first; with
 * `known`, those after it.
 */
export async function chain(core: Core, cloud: Cloud, home: string, known?: RosterHome): Promise<RosterHome[]> {
  const all: RosterHome[] = [];
  const newest = (): RosterHome | undefined => all.at(-1) ?? known;
  for (;;) {
    const params = { path: { home }, query: { since: newest()?.describe().epoch ?? 0 } };
    const { epoch, after } = await said(cloud.api.GET('/v1/homes/{home}/rosters', { params }));
    if (!after || after.length === 0) return all;
    for (const { roster } of after) all.push(newest()?.after(roster) ?? core.Home.pinned(roster));
    if ((newest()?.describe().epoch ?? 0) >= epoch) return all;
  }
}
