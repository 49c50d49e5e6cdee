/**
 * The list of a home's keys that proves a delivery, and who vouches for it: an owner in it, or else the door's own log.
 * The forms are those of `crates/vestibule/src/delivery_folder/roster.rs`.
 */
import type { Cloud } from '../core/cloud.ts';
import { loadCore, type RosterHome } from '../core/core.ts';
import { Trouble } from '../core/trouble.ts';
import { chain } from './rosters.ts';
import { entry, events } from './visits.ts';
import type { ZipFile } from './zip.ts';

interface Of {
  cloud: Cloud;
  /** The present list. */
  roster: RosterHome;
  home: string;
}

/** For a delivery under this permission that ended with event `last`. */
export async function vouched({ cloud, roster, home }: Of, grant: string, last: number): Promise<ZipFile[]> {
  const present = roster.permitted(grant) ? roster.ownerSigned() : undefined;
  if (present) return [{ name: 'roster.cose', bytes: new Uint8Array(present) }];
  // Whoever allowed it is gone since, or nobody in the list signed it: then the list by which the door went.
  const core = await loadCore();
  const lists = await chain(core, cloud, home);
  const byHash = new Map(lists.filter((one) => one.permitted(grant)).map((one) => [one.describe().hash, one]));
  let found: { list: RosterHome; kept: Uint8Array } | undefined;
  const check = core.LogCheck.whole(roster);
  try {
    for await (const event of events(cloud, home, 1, last)) {
      const { what, code } = check.next(entry(event));
      const list = what === 'roster_kept' && code ? byHash.get(code) : undefined;
      if (list) found = { list, kept: core.logEntry(entry(event)) };
    }
  } finally {
    check.free();
  }
  // The log does not tell of the first list: it was there before the door had one.
  const list = found?.list ?? lists.find((one) => byHash.has(one.describe().hash));
  const signed = list?.ownerSigned();
  if (signed) return [{ name: 'roster.cose', bytes: new Uint8Array(signed) }];
  if (!found) throw new Trouble('papers_missing');
  return [
    { name: 'roster.cbor', bytes: new Uint8Array(found.list.message()) },
    { name: 'roster-kept.cbor', bytes: new Uint8Array(found.kept) },
  ];
}
