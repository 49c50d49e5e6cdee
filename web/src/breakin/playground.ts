/** The home to break into: `crates/breakin`, with keys made of fresh random bytes. */
import load, { Playground } from '../core/wasm/breakin.js';
import address from '../core/wasm/breakin_bg.wasm?url';

export type {
  Answer,
  Arrival,
  At,
  Attempt,
  Camera,
  Device,
  First,
  Order,
  Outcome,
  Parcel,
  Permission,
  Radio,
  Stop,
  Time,
} from '../core/wasm/breakin.js';

const SEED_BYTES = 32;

export async function raise(): Promise<Playground> {
  await load({ module_or_path: address });
  return new Playground(crypto.getRandomValues(new Uint8Array(SEED_BYTES)), Math.floor(Date.now() / 1_000));
}

export type { Playground };
