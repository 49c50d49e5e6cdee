/** The WebAssembly core: `crates/browser`, loaded once. */
import load, * as core from './wasm/browser.js';
import address from './wasm/browser_bg.wasm?url';

export type Core = typeof core;
export type { Change, Draft, Envelope, Home as RosterHome, LogCheck, Made, Told, Wrapped } from './wasm/browser.js';

let loading: Promise<Core> | undefined;

export function loadCore(): Promise<Core> {
  loading ??= load({ module_or_path: address }).then(() => core);
  return loading;
}

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
