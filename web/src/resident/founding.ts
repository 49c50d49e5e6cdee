/**
 * A new home's first pairing, from the phone's side: keys, the signed first roster, the recovery key on paper, and the
 * wait until the box took it. See `crates/letterbox`.
 */
import { Cloud } from '../core/cloud.ts';
import { hex, random, type Core, type RosterHome } from '../core/core.ts';
import { makeKeys, sign, type Keys } from '../core/keys.ts';
import { look, post } from '../core/letters.ts';
import { recall, remember } from '../core/store.ts';
import { Trouble, troubleOf } from '../core/trouble.ts';
import type { Founding } from './model.ts';

/** The roster that was sent and is not pinned yet, in IndexedDB: this page may be closed while the box is slow. */
const SENT = 'resident/founding';
/** What the sticker at the door says, in IndexedDB: guests of this device then need not look for it. */
export const DOOR_TAG = 'resident/door_tag';
/** How often the cloud is asked whether it knows the home yet, ms. */
const ASK_MS = 2_000;
/** As long as the box waits, ms. */
const LINK_LIFE_MS = 86_400_000;

export async function found(
  core: Core,
  secret: string,
  name: string,
  progress: (now: Founding) => Promise<void> | void,
): Promise<{ keys: Keys; roster: RosterHome }> {
  const box = new core.Letterbox(secret);
  const letter = await look(box.number, 'reply');
  // The box leaves its letter before it shows the link.
  if (letter === null) throw new Trouble('link_expired');
  const invitation = box.readInvitation(letter);
  const { doorFingerprint, doorTag } = invitation;

  const keys = await makeKeys('resident', name);
  if (!keys.passkey) throw new Trouble('passkey_missing');
  const recovery = random(32);
  const { credential } = keys.passkey;
  const draft = core.firstRoster(invitation, credential, keys.device, keys.kemPublic, name, recovery);
  // Signed before the key is on paper: whatever fails after that no longer makes the paper worthless.
  const { bytes } = await sign(draft, keys);
  await progress({ step: 'sheet', recovery: hex(recovery), doorFingerprint });
  recovery.fill(0);

  const roster = core.Home.pinned([bytes]);
  await remember(SENT, [bytes]);
  await remember(DOOR_TAG, doorTag);
  // Sealed once: the same letter may be left again, another one may not.
  const pairing = box.pairing(random(12), [bytes]);
  await again(() => post(box.number, 'request', pairing));
  const names = roster.describe().residents.map((one) => ({ name: one.name, fingerprint: one.fingerprint }));
  await progress({ step: 'compare', doorFingerprint, keys: names });
  const deadline = Date.now() + LINK_LIFE_MS;
  while (!(await again(() => isKnown(keys)))) {
    if (Date.now() > deadline) throw new Trouble('link_expired');
    await rest();
  }
  return { keys, roster };
}

/** The home that this browser sent the first roster of before it was closed, if the box took it since. */
export async function resume(core: Core, keys: Keys): Promise<RosterHome | null> {
  const sent = await recall<string[]>(SENT);
  if (!sent) return null;
  const roster = core.Home.pinned(sent);
  if (!roster.describe().residents.some(({ kid }) => kid === keys.kid)) return null;
  try {
    return (await isKnown(keys)) ? roster : null;
  } catch {
    return null;
  }
}

/** Whether the cloud lets these keys in: the box registers the home once it has pinned the roster. */
export async function isKnown(keys: Keys): Promise<boolean> {
  try {
    await new Cloud(keys, 'resident').token();
    return true;
  } catch (thrown) {
    if (troubleOf(thrown).code === 'key_unknown') return false;
    throw thrown;
  }
}

/** Tries again as long as the network is gone. */
async function again<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      if (troubleOf(thrown).code !== 'offline') throw thrown;
      await rest();
    }
  }
}

function rest(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ASK_MS));
}
