/** The keys of a household as the phones that people hold: a passkey and the device key beside it came together. Pure. */
import type { Device } from './model.ts';

/** What the core adds to the name of a passkey. */
const PASSKEY_SUFFIX = ' (passkey)';

export interface Phone {
  name: string;
  /** What its person may do. */
  rank: Device['rank'];
  thisDevice: boolean;
  /** The passkey first. */
  keys: Device[];
}

/** Another phone may have the same name, but did not come with the same list of keys. */
export function phoneOf(device: Device, devices: Device[]): Device[] {
  return devices.filter((one) => one.since === device.since && nameOf(one) === nameOf(device));
}

/** Those that somebody holds, this one first; the recovery sheet is none. */
export function phones(devices: Device[]): Phone[] {
  const seen = new Set<string>();
  const all: Phone[] = [];
  for (const device of devices) {
    if (device.rank === 'recovery' || seen.has(device.kid)) continue;
    const keys = phoneOf(device, devices).sort((a, b) => Number(b.passkey) - Number(a.passkey));
    for (const { kid } of keys) seen.add(kid);
    const rank = keys.find(({ rank }) => rank !== 'companion')?.rank ?? 'companion';
    all.push({ name: nameOf(device), rank, thisDevice: keys.some(({ thisDevice }) => thisDevice), keys });
  }
  return all.sort((a, b) => Number(b.thisDevice) - Number(a.thisDevice));
}

/** What the person at this device may do; null: this device is not on the list. */
export function rankHere(devices: Device[]): Device['rank'] | null {
  return phones(devices).find(({ thisDevice }) => thisDevice)?.rank ?? null;
}

/** What people call a phone, whichever of its keys is named. */
export function bareName(name: string): string {
  return name.endsWith(PASSKEY_SUFFIX) ? name.slice(0, -PASSKEY_SUFFIX.length) : name;
}

export function nameOf({ name, passkey }: Device): string {
  return passkey ? bareName(name) : name;
}
