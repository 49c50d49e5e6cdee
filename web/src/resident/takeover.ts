/**
 * Every phone was lost: the recovery sheet is read back in, and with somebody at the box it brings this phone in, in place of
 * all others. See the specification, section 9.
 */
import { Cloud, said } from '../core/cloud.ts';
import type { Core, RosterHome } from '../core/core.ts';
import { makeKeys, sheetKeys, sign, type Keys } from '../core/keys.ts';
import { remember } from '../core/store.ts';
import { Trouble, troubleOf } from '../core/trouble.ts';
import { isKnown } from './founding.ts';
import { Household, SHEET } from './household.svelte.ts';
import type { OpenSheet } from './keyring.ts';
import { phones } from './phones.ts';
import { chain } from './rosters.ts';

/** How long the cloud may take to read in the door's log that the new list counts, ms. */
const IN_FORCE_MS = 20_000;
const ASK_MS = 300;

type Settle = (keys: Keys, roster: RosterHome) => Promise<void>;

/** Finds the home of a sheet. Nothing is signed yet. */
export async function openSheet(core: Core, secret: Uint8Array<ArrayBuffer>, settle: Settle): Promise<OpenSheet> {
  const sheet = await sheetKeys(secret);
  const cloud = new Cloud(sheet, 'resident');
  const home = await homeOf(cloud);
  const present = (await chain(core, cloud, home)).at(-1);
  if (!present) throw new Trouble('sheet_other');
  present.readSheet(secret);
  const { residents, doorFingerprint } = present.describe();
  const goes = phones(residents.map((one) => ({ ...one, thisDevice: false }))).map(({ name }) => name);
  let keys: Keys | null = null;
  /** Kept unless the box refused it: only one list can come after the present one. */
  let sent: { bytes: string; hash: string; isKept: boolean } | null = null;
  return {
    doorFingerprint,
    goes,
    takeOver: async (name) => {
      // Whoever was not at the box yet tries again with the same keys.
      keys ??= await makeKeys('resident', name);
      if (!keys.passkey) throw new Trouble('passkey_missing');
      if (sent === null) {
        const draft = present.takeOver(keys.device, keys.passkey.credential, keys.kemPublic, name, secret);
        const { bytes, hash } = await sign(draft, sheet);
        sent = { bytes, hash, isKept: false };
      } else if (!sent.isKept) {
        // The answer was lost, and it may count by now.
        sent.isKept = await isKnown(keys);
      }
      if (!sent.isKept) {
        const { state, code } = await send(cloud, home, sent.bytes);
        if (state === 'refused') {
          sent = null;
          throw new Trouble(code ?? 'roster_refused');
        }
        if (state !== 'kept') throw new Trouble('change_unconfirmed');
        sent.isKept = true;
      }
      const roster = present.after([sent.bytes]);
      await inForce(new Household(core, keys, roster), sent.hash);
      // Recordings of before are sealed to the sheet: of its key, this phone keeps the part that opens them.
      await remember(SHEET, { kid: sheet.kid, kem: sheet.kem });
      await settle(keys, roster);
      secret.fill(0);
    },
  };
}

/** What the home made of it. */
async function send(cloud: Cloud, home: string, envelope: string) {
  const sent = { params: { path: { home } }, body: { roster: [envelope] } };
  return (await said(cloud.api.POST('/v1/homes/{home}/rosters', sent))).kept_by_home;
}

/** That the cloud lets the new keys in is its word; that they count is the door's. */
async function inForce(household: Household, hash: string): Promise<void> {
  const { log } = household;
  const deadline = Date.now() + IN_FORCE_MS;
  while (!(await isKnown(household.ready().keys))) {
    if (Date.now() > deadline) throw new Trouble('change_unconfirmed');
    await new Promise((resolve) => setTimeout(resolve, ASK_MS));
  }
  if (!(await log.confirmed(() => log.kept.roster === hash))) throw new Trouble('change_unconfirmed');
}

async function homeOf(cloud: Cloud): Promise<string> {
  try {
    const [home] = await cloud.homes();
    if (home) return home;
  } catch (thrown) {
    if (troubleOf(thrown).code !== 'key_unknown') throw thrown;
  }
  throw new Trouble('sheet_other');
}
