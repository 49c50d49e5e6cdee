/**
 * A person's keys in this browser. Secrets stay in WebCrypto, not extractable, and in the passkey: they sign and unwrap,
 * and neither this page nor anything else can read them.
 */
import { Aes256Gcm, CipherSuite, DhkemP256HkdfSha256, HkdfSha256 } from '@hpke/core';
import { base64url, loadCore, random, type Draft, type Envelope, type Wrapped } from './core.ts';
import { keysUnder, recall, remember } from './store.ts';
import { Trouble } from './trouble.ts';

export interface Keys {
  /** Credential of the plain key, as the core takes it. */
  device: string;
  kid: string;
  signing: CryptoKey;
  kem: CryptoKeyPair;
  kemPublic: Uint8Array<ArrayBuffer>;
  passkey: Passkey | null;
}

/** A key that parts of recordings are wrapped to: this device's, or one that was read from a recovery sheet. */
export interface Opener {
  kid: string;
  kem: CryptoKeyPair;
}

export interface Passkey {
  id: Uint8Array<ArrayBuffer>;
  credential: string;
}

export type Person = 'resident' | 'visitor';

/** How long a person may take with a passkey prompt, ms. */
const PROMPT_MS = 120_000;
const P256 = { name: 'ECDSA', namedCurve: 'P-256' };
const ECDH = { name: 'ECDH', namedCurve: 'P-256' };
const suite = new CipherSuite({
  kem: new DhkemP256HkdfSha256(),
  kdf: new HkdfSha256(),
  aead: new Aes256Gcm(),
});

export function keysOf(person: Person): Promise<Keys | undefined> {
  return recall<Keys>(keysUnder(person));
}

/** Makes keys, with a passkey if it has a name, and keeps them. */
export async function makeKeys(person: Person, passkeyName: string | null): Promise<Keys> {
  const core = await loadCore();
  const signing = await crypto.subtle.generateKey(P256, false, ['sign', 'verify']);
  const kem = await crypto.subtle.generateKey(ECDH, false, ['deriveBits']);
  const point = async (key: CryptoKey) => new Uint8Array(await crypto.subtle.exportKey('raw', key));
  const device = core.deviceCredential(await point(signing.publicKey));
  const keys: Keys = {
    device,
    kid: core.kidOf(device),
    signing: signing.privateKey,
    kem,
    kemPublic: await point(kem.publicKey),
    passkey: passkeyName === null ? null : await makePasskey(passkeyName),
  };
  await remember(keysUnder(person), keys);
  return keys;
}

/** The keys of a recovery sheet, for as long as this page needs them; not extractable either. */
export async function sheetKeys(secret: Uint8Array<ArrayBuffer>): Promise<Keys> {
  const core = await loadCore();
  const sheet = core.sheetOf(secret);
  const point = copy(sheet.point);
  const [x, y] = [base64url(point.slice(1, 33)), base64url(point.slice(33))];
  const jwk = { kty: 'EC', crv: 'P-256', d: base64url(secret), x, y };
  const [signing, privateKey, publicKey] = await Promise.all([
    crypto.subtle.importKey('jwk', jwk, P256, false, ['sign']),
    crypto.subtle.importKey('jwk', jwk, ECDH, false, ['deriveBits']),
    crypto.subtle.importKey('raw', point, ECDH, true, []),
  ]);
  const kem = { privateKey, publicKey };
  return { device: core.deviceCredential(point), kid: sheet.kid, signing, kem, kemPublic: point, passkey: null };
}

async function makePasskey(name: string): Promise<Passkey> {
  const core = await loadCore();
  const made = await prompt(() =>
    navigator.credentials.create({
      publicKey: {
        rp: { id: location.hostname, name: 'Vestibule' },
        user: { id: random(16), name, displayName: name },
        challenge: random(32),
        pubKeyCredParams: [{ alg: -7, type: 'public-key' }],
        authenticatorSelection: { residentKey: 'preferred', userVerification: 'required' },
        timeout: PROMPT_MS,
      },
    }),
  );
  const response = made.response as AuthenticatorAttestationResponse;
  const key = response.getPublicKey();
  if (!key || response.getPublicKeyAlgorithm() !== -7) throw new Trouble('passkey_unsuitable');
  // SubjectPublicKeyInfo of P-256 ends in the uncompressed point. The flags follow the 32 bytes of the relying party's hash.
  const point = new Uint8Array(key).slice(-65);
  const flags = new Uint8Array(response.getAuthenticatorData())[32] ?? 0;
  const backupEligible = (flags & 0x08) !== 0;
  return {
    id: new Uint8Array(made.rawId),
    credential: core.passkeyCredential(point, location.hostname, location.origin, backupEligible),
  };
}

/** Signs with the key that the draft was made for. A passkey asks the person. */
export async function sign(draft: Draft, keys: Keys): Promise<Envelope> {
  if (!draft.isPasskey) {
    const algorithm = { name: 'ECDSA', hash: 'SHA-256' };
    const bytes = new Uint8Array(draft.toBeSigned);
    return draft.sign(new Uint8Array(await crypto.subtle.sign(algorithm, keys.signing, bytes)));
  }
  const { passkey } = keys;
  if (!passkey) throw new Trouble('passkey_missing');
  const core = await loadCore();
  const answered = await prompt(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: new Uint8Array(draft.challenge),
        rpId: location.hostname,
        allowCredentials: [{ id: passkey.id, type: 'public-key' }],
        userVerification: 'required',
        timeout: PROMPT_MS,
      },
    }),
  );
  const response = answered.response as AuthenticatorAssertionResponse;
  const part = (buffer: ArrayBuffer) => new Uint8Array(buffer);
  return draft.sign(
    core.passkeySignature(
      part(response.authenticatorData),
      part(response.clientDataJSON),
      part(response.signature),
    ),
  );
}

async function prompt(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  if (!('PublicKeyCredential' in window)) throw new Trouble('passkey_unsupported');
  let credential;
  try {
    credential = await ask();
  } catch (thrown) {
    const name = thrown instanceof DOMException ? thrown.name : '';
    if (name === 'NotAllowedError' || name === 'AbortError') throw new Trouble('passkey_cancelled');
    if (name === 'SecurityError') throw new Trouble('passkey_origin', String(thrown));
    throw new Trouble('passkey_failed', String(thrown));
  }
  if (!(credential instanceof PublicKeyCredential)) throw new Trouble('passkey_cancelled');
  return credential;
}

/** A key that lives as long as whoever holds it: in no storage, not extractable. */
export async function shortLived(): Promise<{ kem: CryptoKeyPair; kemPublic: Uint8Array }> {
  const kem = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
  return { kem, kemPublic: new Uint8Array(await crypto.subtle.exportKey('raw', kem.publicKey)) };
}

/** Takes a key out of its wrapping. */
export async function unwrap(kem: CryptoKeyPair, wrapped: Wrapped): Promise<Uint8Array> {
  return openSealed(kem, copy(wrapped.enc), copy(wrapped.ct), copy(wrapped.info), copy(wrapped.aad));
}

/** The same, with the one of these keys that it is wrapped to. */
export async function unwrapBy(openers: Opener[], wrapped: Wrapped): Promise<Uint8Array> {
  const opener = openers.find(({ kid }) => kid === wrapped.kid);
  if (!opener) throw new Trouble('not_for_you');
  return unwrap(opener.kem, wrapped);
}

/** Opens what was sealed to this device for one purpose: encapsulated key (65 bytes), then ciphertext. */
export function unseal(keys: Keys, purpose: string, sealed: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const info = new TextEncoder().encode(purpose);
  return openSealed(keys.kem, sealed.slice(0, 65), sealed.slice(65), info, new Uint8Array());
}

async function openSealed(
  kem: CryptoKeyPair,
  enc: Uint8Array<ArrayBuffer>,
  ct: Uint8Array<ArrayBuffer>,
  info: Uint8Array<ArrayBuffer>,
  aad: Uint8Array<ArrayBuffer>,
): Promise<Uint8Array> {
  try {
    const recipient = await suite.createRecipientContext({
      recipientKey: kem,
      enc: enc.buffer,
      info: info.buffer,
    });
    return new Uint8Array(await recipient.open(ct.buffer, aad.buffer));
  } catch (thrown) {
    throw new Trouble('does_not_open', String(thrown));
  }
}

/** WebAssembly's memory may move: what goes to WebCrypto is a copy of its own. */
function copy(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}
