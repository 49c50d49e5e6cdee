/**
 * What the door itself says it keeps: permissions and the list of what was stopped, read from its log, each event checked
 * against the door's key. The cloud says the same sooner, and could say it falsely.
 */
import type { Cloud } from '../core/cloud.ts';
import { loadCore, type LogCheck, type RosterHome } from '../core/core.ts';
import { recall, remember } from '../core/store.ts';
import { entry, events } from './visits.ts';

const KEPT = 'resident/kept';

export interface Kept {
  home: string;
  /** Counter of the newest event that was read. */
  counter: number;
  /** By H(grant): every permission that the door keeps and whose time is not over, with the visits that used it. */
  grants: Record<string, string[]>;
  /** H(list) of the newest list of what was stopped. */
  list: string | null;
}

export async function recallKept(home: string): Promise<Kept> {
  const kept = await recall<Kept>(KEPT);
  return kept?.home === home ? kept : { home, counter: 0, grants: {}, list: null };
}

/** Reads on where the last reading ended. */
export async function readOn(kept: Kept, cloud: Cloud, roster: RosterHome): Promise<Kept> {
  const core = await loadCore();
  const now: Kept = { ...kept, grants: structuredClone(kept.grants) };
  let check: LogCheck | null = null;
  try {
    for await (const event of events(cloud, kept.home, kept.counter + 1)) {
      check ??= core.LogCheck.excerpt(roster, entry(event));
      const { what, code, counter, visit } = check.next(entry(event));
      if (what === 'grant_kept' && code) now.grants[code] ??= [];
      // A visit burns one use, however often its door opens.
      const used = what === 'intent' && code ? now.grants[code] : undefined;
      if (used && visit && !used.includes(visit)) used.push(visit);
      if (what === 'revocation_kept') now.list = code ?? null;
      now.counter = counter;
      // The page stays alive while a long log is read for the first time.
      if (counter % 25 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
  } finally {
    check?.free();
  }
  if (now.counter > kept.counter) await remember(KEPT, now);
  return now;
}
