/** Who opened or watched a recording, as the cloud noted it, with the names of this home's own list of devices. */
import { said, type Cloud } from '../core/cloud.ts';
import { loadCore } from '../core/core.ts';
import type { Device, Watch } from './model.ts';
import { nameOf } from './phones.ts';

export async function watches(cloud: Cloud, home: string, recording: string, devices: Device[]): Promise<Watch[]> {
  const core = await loadCore();
  const params = { path: { home, recording } };
  const listed = await said(cloud.api.GET('/v1/homes/{home}/recordings/{recording}/watches', { params }));
  return listed.watches.map(({ kid, how, at_ms: atMs }) => {
    const device = devices.find((one) => one.kid === kid);
    return {
      name: device ? nameOf(device) : null,
      thisDevice: device?.thisDevice ?? false,
      fingerprint: device?.fingerprint ?? core.fingerprint(kid),
      how: how === 'live' || how === 'link' ? how : ('opened' as const),
      atMs,
    };
  });
}
