/** Who looked through the camera, by the door's own log, with the names of this home's own list of devices. */
import type { Device, Looked } from './model.ts';
import { nameOf, phones } from './phones.ts';

/** An event of the log: whose key, when, and which event it is. */
export interface Look {
  kid: string;
  atMs: number;
  counter: number;
}

/** As many are kept; a minute that was looked longer is one line with the one before. */
const KEPT = 50;
/** Looks of one device that follow each other so soon are one, ms: a minute, and the time to press. */
const SAME_MS = 90_000;

/** The newest last. */
export function kept(looks: Look[], next: Look): Look[] {
  return [...looks, next].slice(-KEPT);
}

/** Newest first, and looking longer told once, from when it began. */
export function lookedBy(looks: Look[], devices: Device[]): Looked[] {
  const lines: (Looked & { lastMs: number; kid: string })[] = [];
  for (const { kid, atMs, counter } of looks) {
    const last = lines.find((line) => line.kid === kid);
    if (last && atMs - last.lastMs <= SAME_MS) {
      last.lastMs = atMs;
      continue;
    }
    const device = devices.find((one) => one.kid === kid);
    lines.unshift({ kid, lastMs: atMs, atMs, counter, name: device ? nameOf(device) : null, thisDevice: device?.thisDevice ?? false });
  }
  return lines.map(({ name, thisDevice, atMs, counter }) => ({ name, thisDevice, atMs, counter }));
}

/** Who is told besides this device: everybody of the household, by their phones. */
export function others(devices: Device[]): string[] {
  const theirs = phones(devices).filter(({ thisDevice }) => !thisDevice);
  return [...new Set(theirs.map(({ name }) => name))];
}
