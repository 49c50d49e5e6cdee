/**
 * The WebAssembly core: `crates/browser`, loaded once. Pages that a stranger sees first do without it: it is as large as
 * everything else together, and on a slow phone seconds away.
 */
import load, * as functions from './wasm/browser.js';
import { Trouble } from './trouble.ts';
import address from './wasm/browser_bg.wasm?url';

export type Core = typeof functions;
export type { Change, Draft, Envelope, Home as RosterHome, LogCheck, Made, Told, Wrapped } from './wasm/browser.js';

let loading: Promise<Core> | undefined;

export function loadCore(): Promise<Core> {
  loading ??= load({ module_or_path: address }).then(
    () => functions,
    (error: unknown) => {
      // Asked for again by whoever tries again.
      loading = undefined;
      // What fetch throws without a network.
      throw error instanceof TypeError ? new Trouble('offline', error.message) : error;
    },
  );
  return loading;
}

/** The core before it is there: whoever uses it has waited for [`loadCore`]. */
export const core: Core = functions;

/** Fresh random bytes. */
export function random(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length));
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

export function fromBase64url(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}
