/** Links to single recordings: the keys of the parts are taken out of their wrapping here, and sealed for whoever gets the link. */
import { said, type Cloud } from '../core/cloud.ts';
import { base64url, loadCore, random } from '../core/core.ts';
import { unwrapBy } from '../core/keys.ts';
import { Trouble } from '../core/trouble.ts';
import type { Household } from './household.svelte.ts';
import { nameOf } from './phones.ts';
import type { NewLink, ShareHours } from './recorded.ts';

const HOUR_S = 3_600;

/** `owner` is signed in with a passkey, which asks the person. */
export async function share(household: Household, owner: Cloud, visit: string, hours: ShareHours): Promise<NewLink> {
  const core = await loadCore();
  const { cloud, roster } = household.ready();
  const openers = await household.openers();
  const path = { home: household.id, recording: visit };
  const about = await said(cloud.api.GET('/v1/homes/{home}/recordings/{recording}', { params: { path } }));
  if (!about.manifest) throw new Trouble('recording_open');
  const maker = new core.ClipMaker(
    roster,
    openers.map(({ kid }) => kid),
  );
  const unwrapped: Uint8Array[] = [];
  for (const { header } of about.parts) unwrapped.push(await unwrapBy(openers, maker.wrapped(header)));
  maker.free();
  const secret = base64url(random(16));
  const link = new core.ShareLink(secret);
  const here = household.devices.find((device) => device.thisDevice);
  const until = Math.floor(Date.now() / 1_000) + hours * HOUR_S;
  const all = Uint8Array.from(unwrapped.flatMap((key) => [...key]));
  const sealed = link.seal(random(12), roster, about.manifest, all, here ? nameOf(here) : '', until);
  const number = link.number;
  const body = { share: number, sealed, hours };
  await said(owner.api.POST('/v1/homes/{home}/recordings/{recording}/shares', { params: { path }, body }));
  return { share: number, link: `${location.origin}/s/#${secret}` };
}
