/** The page's side of the home to break into: `crates/breakin` in a worker, with keys made of fresh random bytes. */
import { trusted } from '../core/trusted.ts';
import type { Attempt, Outcome } from '../core/wasm/breakin.js';
import wasm from '../core/wasm/breakin_bg.wasm?url';
import workerUrl from './playground.worker.ts?worker&url';

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

/** From when until when the permission of tomorrow counts, seconds since 1970. */
export interface Hung {
  windowFrom: number;
  windowUntil: number;
}

/** What the worker is asked; answered in this order. */
export type Asked =
  | { hang: { wasm: string; random: Uint8Array; nowS: number } }
  | { attempt: Attempt }
  | { reset: true };
export type Said = { answered: Hung | Outcome | null } | { failed: string };

export interface Playground extends Hung {
  tryDoor(attempt: Attempt): Promise<Outcome>;
  reset(): Promise<void>;
}

const SEED_BYTES = 32;

/** Hangs the door. Fails if it cannot be loaded here. */
export async function raise(): Promise<Playground> {
  const worker = new Worker(trusted(workerUrl), { type: 'module' });
  const waiting: { done(answered: unknown): void; failed(why: Error): void }[] = [];
  worker.onmessage = ({ data }: MessageEvent<Said>) => {
    const first = waiting.shift();
    if ('failed' in data) first?.failed(new Error(data.failed));
    else first?.done(data.answered);
  };
  worker.onerror = () => {
    for (const { failed } of waiting.splice(0)) failed(new Error('the worker ended'));
  };
  const ask = <T>(asked: Asked): Promise<T> =>
    new Promise((done, failed) => {
      waiting.push({ done: done as (answered: unknown) => void, failed });
      worker.postMessage(asked);
    });
  const random = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  try {
    const hung = await ask<Hung>({ hang: { wasm: new URL(wasm, location.href).href, random, nowS: Math.floor(Date.now() / 1_000) } });
    return { ...hung, tryDoor: (attempt) => ask({ attempt }), reset: () => ask({ reset: true }) };
  } catch (thrown) {
    worker.terminate();
    throw thrown;
  }
}
