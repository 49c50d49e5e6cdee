/**
 * The courier's photo of where a parcel is: checked against the signed report, opened with this device's key, and compared with
 * the household's own lists of keys. The courier got those keys from the cloud: whom it slipped in is noticed here.
 */
import { said } from '../core/cloud.ts';
import { loadCore } from '../core/core.ts';
import { unwrap } from '../core/keys.ts';
import { Trouble } from '../core/trouble.ts';
import type { Household } from './household.svelte.ts';
import type { SeenPhoto } from './model.ts';
import { strangers } from './strangers.ts';

/** `PHOTO_BYTES_MAX` of crate `protocol`. */
const BYTES = 512 * 1_024;
/** As many reports as the list on the screen has. */
const ROWS = 50;

/** `roots` are the services' keys that this home's permissions name. */
export async function openPhoto(household: Household, roots: string[], left: string): Promise<SeenPhoto> {
  const core = await loadCore();
  // The lists first: whoever opens it is compared with the newest.
  const history = await household.history();
  const { cloud, roster } = household.ready();
  const params = { path: { home: household.id }, query: { limit: ROWS } };
  const { left: rows } = await said(cloud.api.GET('/v1/homes/{home}/left', { params }));
  const row = rows.find(({ hash }) => hash === left);
  if (!row) throw new Trouble('photo_unknown');
  roster.checkLeft(row, roots);
  const bytes = await cloud.bytes(`/v1/homes/${household.id}/left/${left}/photo`, 0, BYTES);
  const photo = new core.SealedPhoto(row.left, bytes);
  try {
    const before = (history ?? []).map((list) => list.openers());
    const others = strangers(photo.recipients(), roster.openers(), before);
    return { ...(await opened(photo, household)), ...others };
  } finally {
    photo.free();
  }
}

/** With whichever of this device's keys it is sealed to. */
async function opened(
  photo: InstanceType<Awaited<ReturnType<typeof loadCore>>['SealedPhoto']>,
  household: Household,
): Promise<{ url: string }> {
  const recipients = photo.recipients();
  const core = await loadCore();
  for (const { kem } of await household.openers()) {
    const point = new Uint8Array(await crypto.subtle.exportKey('raw', kem.publicKey));
    if (!recipients.includes(core.openerOf(point))) continue;
    const jpeg = photo.open(await unwrap(kem, photo.wrapped(point)));
    return { url: URL.createObjectURL(new Blob([new Uint8Array(jpeg)], { type: 'image/jpeg' })) };
  }
  throw new Trouble('photo_not_for_you');
}
