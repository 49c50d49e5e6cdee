/** The cloud, as one person of this browser sees it. It is asked and told; what it says about a door is checked elsewhere. */
import createClient, { type Client } from 'openapi-fetch';
import { loadCore } from './core.ts';
import { sign, type Keys, type Person } from './keys.ts';
import type { paths } from './schema.d.ts';
import { Trouble } from './trouble.ts';

/** A token is asked for anew this long before it runs out, ms. */
const TOKEN_MARGIN_MS = 60_000;
/** A sign-in that has no answer after this is tried again by whoever wanted it: the network may have died, ms. */
const SIGN_IN_MS = 10_000;

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

export class Cloud {
  readonly api: Client<paths>;
  #keys: Keys;
  #person: Person;
  #credential: string;
  #token: { text: string; untilMs: number; homes: string[] } | null = null;
  #signingIn: Promise<string> | null = null;

  /** Signs in with the device's key; with a passkey, if `credential` is one, for what only an owner may do. */
  constructor(keys: Keys, person: Person, credential = keys.device) {
    this.#keys = keys;
    this.#person = person;
    this.#credential = credential;
    this.api = createClient<paths>({ baseUrl: location.origin, fetch: (request) => this.#fetch(request) });
  }

  async #fetch(request: Request): Promise<Response> {
    const again = request.clone();
    request.headers.set('authorization', `Bearer ${await this.token()}`);
    const response = await reach(request);
    if (response.status !== 401) return response;
    // The cloud was restarted, or its clock differs: once more with a new token.
    this.#token = null;
    again.headers.set('authorization', `Bearer ${await this.token()}`);
    return reach(again);
  }

  /** A token that still lives for a while. */
  async token(): Promise<string> {
    if (this.#token && Date.now() < this.#token.untilMs) return this.#token.text;
    this.#signingIn ??= this.#signIn().finally(() => (this.#signingIn = null));
    return this.#signingIn;
  }

  /** The homes whose list of keys names this one, as the cloud says. */
  async homes(): Promise<string[]> {
    await this.token();
    return this.#token?.homes ?? [];
  }

  async #signIn(): Promise<string> {
    const core = await loadCore();
    const nonce = await said(stranger.POST('/v1/sign-in/nonce', { body: {}, signal: AbortSignal.timeout(SIGN_IN_MS) }));
    const draft = core.signIn(nonce.audience, nonce.nonce, this.#person, this.#credential);
    const envelope = await sign(draft, this.#keys);
    const body = { sign_in: envelope.bytes, credential: this.#credential };
    const token = await said(stranger.POST('/v1/sign-in', { body, signal: AbortSignal.timeout(SIGN_IN_MS) }));
    const homes = token.homes.map(({ home }) => home);
    this.#token = { text: token.token, untilMs: Date.now() + token.expires_s * 1_000 - TOKEN_MARGIN_MS, homes };
    return token.token;
  }

  /** Opens a WebSocket as this person. */
  async stream(path: string): Promise<WebSocket> {
    const url = new URL(path, location.origin);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url, ['vestibule.v1', `bearer.${await this.token()}`]);
    socket.binaryType = 'arraybuffer';
    return socket;
  }

  /** Bytes of a path, as this person. */
  bytes(path: string, from: number, to: number): Promise<Uint8Array> {
    return bytes(path, from, to, (request) => this.#fetch(request));
  }

  /** Puts bytes at a path. */
  async put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const headers = { 'content-type': 'application/octet-stream' };
    const response = await this.#fetch(new Request(new URL(path, location.origin), { method: 'PUT', headers, body: bytes }));
    if (!response.ok) throw troubleIn(await response.json().catch(() => null), response.status);
  }
}

/** For what needs no sign-in. */
export const stranger = createClient<paths>({ baseUrl: location.origin, fetch: reach });

async function reach(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (thrown) {
    throw new Trouble('offline', String(thrown));
  }
}

/** Bytes of a path, from one on; as many as the cloud gives at once, and never none. */
export async function bytes(path: string, from: number, to: number, ask = reach): Promise<Uint8Array> {
  const headers = { range: `bytes=${from}-${to - 1}` };
  const response = await ask(new Request(new URL(path, location.origin), { headers }));
  if (!response.ok) throw troubleIn(await response.json().catch(() => null), response.status);
  const step = new Uint8Array(await response.arrayBuffer());
  if (step.length === 0) throw new Trouble('recording_short');
  return step;
}

/** The answer's content, or its problem as trouble. */
export async function said<T>(asked: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await asked;
  if (response.ok) return data as T;
  throw troubleIn(error, response.status);
}

function troubleIn(body: unknown, status: number): Trouble {
  const told = (body ?? {}) as { code?: string; detail?: string };
  // Whoever stands before the cloud says that it cannot be reached.
  const unsaid = [502, 503, 504].includes(status) ? 'offline' : `http_${status}`;
  return new Trouble(told.code ?? unsaid, told.detail);
}
