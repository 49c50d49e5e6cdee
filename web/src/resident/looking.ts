/**
 * Looking through the camera outside a visit: signed by the person over the door's nonce, for a key that is made here and
 * forgotten with the page. The home ends it after a minute; looking longer is looking anew.
 */
import { said } from '../core/cloud.ts';
import { base64url, loadCore, random } from '../core/core.ts';
import { shortLived, sign } from '../core/keys.ts';
import { Live, type Source } from '../core/live.ts';
import { Trouble } from '../core/trouble.ts';
import { following } from './following.ts';
import type { Household } from './household.svelte.ts';
import type { Looking, Picture } from './model.ts';

export async function look(
  household: Household,
  video: HTMLVideoElement,
  signal: AbortSignal,
  skewMs: () => number | null,
  set: (picture: Picture) => void,
): Promise<Looking> {
  const { cloud, keys, roster } = household.ready();
  const core = await loadCore();
  const params = { path: { home: household.id } };
  const nonce = random(16);
  const { head } = await said(cloud.api.POST('/v1/homes/{home}/head', { params, body: { nonce: base64url(nonce) } }));
  const { kem, kemPublic } = await shortLived();
  signal.throwIfAborted();
  // Whoever may start a camera is asked as for a permission.
  const signer = household.signer(keys);
  const envelope = await sign(roster.look(roster.checkHead(head, nonce).look, kemPublic, signer), keys);
  // Nobody would see it: then no camera starts.
  signal.throwIfAborted();
  const shown = await said(cloud.api.POST('/v1/homes/{home}/looks', { params, body: { look: envelope.bytes } }));
  // The cloud tells the home that nobody fetches it.
  signal.throwIfAborted();
  if (shown.state !== 'shown') throw new Trouble(shown.code ?? 'home_silent');
  // Named by what was signed here, and not by what the cloud says.
  const id = envelope.hash.slice(0, 32);
  let isTried = false;
  const source: Source = {
    id,
    path: `/v1/homes/${household.id}/looks/${id}/live`,
    kid: core.kidOf(signer),
    kem,
    // One connection: what it does not bring never comes.
    comes: () => {
      const comes = isTried ? 'lost' : 'yes';
      isTried = true;
      return Promise.resolve(comes);
    },
  };
  const end = following((tell) => new Live(cloud, source, roster, video, tell), skewMs, set);
  return { untilMs: Date.now() + shown.seconds * 1_000, end };
}
