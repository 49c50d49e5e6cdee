/** Everything that proves a delivery, as one zip: the files and their places are those of `crates/vestibule/src/delivery_folder`. */
import { said, type Cloud } from '../core/cloud.ts';
import { fromBase64url, loadCore, type RosterHome } from '../core/core.ts';
import { unseal, type Keys } from '../core/keys.ts';
import type { components } from '../core/schema.d.ts';
import { Trouble } from '../core/trouble.ts';
import { entry, events, opened } from './visits.ts';
import { vouched } from './vouched.ts';
import { zip, type ZipFile } from './zip.ts';

/** What the cloud sealed the papers for. */
const PURPOSE = 'vestibule/1/visit_papers';

type Visit = components['schemas']['VisitJson'];

interface Sealed {
  challenge: string;
  presentation: string;
  farewell: string;
}

interface Of {
  cloud: Cloud;
  roster: RosterHome;
  keys: Keys;
  home: string;
  visit: string;
}

export async function deliveryFolder(of: Of, progress: (done: number) => void, signal: AbortSignal): Promise<Blob> {
  const params = { path: { home: of.home, visit: of.visit } };
  const { visit } = await said(of.cloud.api.GET('/v1/homes/{home}/visits/{visit}', { params }));
  const files = [...(await papers(of, visit)), { name: 'door-log.cbor', bytes: await doorLog(of, visit) }];
  signal.throwIfAborted();
  const { made, manifest } = await opened(of.cloud, of.roster, [of.keys], { home: of.home, recording: of.visit }, progress, signal);
  files.push({ name: 'recording/manifest', bytes: fromBase64url(manifest) });
  for (let part = 0; part < made.parts; part += 1) {
    files.push({ name: `recording/part-${part}.header`, bytes: new Uint8Array(made.header(part)) });
    files.push({ name: `recording/part-${part}.chunks`, bytes: new Uint8Array(made.chunks(part)) });
  }
  files.push({ name: 'clip.mp4', bytes: new Uint8Array(made.mp4()) });
  made.free();
  return zip(files);
}

async function papers({ cloud, roster, keys, home, visit }: Of, told: Visit): Promise<ZipFile[]> {
  const params = { path: { home, visit } };
  const kept = await said(cloud.api.GET('/v1/homes/{home}/visits/{visit}/papers', { params }));
  if (!told.grant) throw new Trouble('papers_missing');
  const granted = { path: { home, hash: told.grant } };
  const { grant } = await said(cloud.api.GET('/v1/homes/{home}/grants/{hash}', { params: granted }));
  const plain = await unseal(keys, PURPOSE, fromBase64url(kept.sealed));
  const sealed = JSON.parse(new TextDecoder().decode(plain)) as Sealed;
  const named: [string, string][] = [
    ['grant', grant],
    ['delegation', kept.delegation],
    ['assignment', kept.assignment],
    ['challenge', sealed.challenge],
    ['presentation', sealed.presentation],
    ['farewell', sealed.farewell],
  ];
  const rosters = await vouched({ cloud, roster, home }, grant, told.last);
  return [...rosters, ...named.map(([name, envelope]) => ({ name: `${name}.cose`, bytes: fromBase64url(envelope) }))];
}

/** Every event from the visit's first to its signed end, also those in between that only the home can read. */
async function doorLog({ cloud, home }: Of, { first, last }: Visit): Promise<Uint8Array<ArrayBuffer>> {
  const core = await loadCore();
  const entries: Uint8Array[] = [];
  for await (const event of events(cloud, home, first, last)) entries.push(core.logEntry(entry(event)));
  const all = new Uint8Array(entries.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of entries) {
    all.set(one, at);
    at += one.length;
  }
  return all;
}
