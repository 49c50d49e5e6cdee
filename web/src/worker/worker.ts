/**
 * The service worker: starts the app without a network, and says what was pushed.
 *
 * A build of the app is kept whole, each file checked against the hash that the build has for it, and served until the
 * next build is kept whole and takes over. The API is never answered from here.
 */
import { notification } from './notice.ts';

/** Filled in when the app is built: path and SHA-256 (hexadecimal) of every file but this one, and who needs it. */
declare const VESTIBULE_FILES: Record<string, string>;
declare const VESTIBULE_PARTS: Record<Part, string[]>;
/** Names the build. */
declare const VESTIBULE_BUILD: string;

declare const self: WorkerScope;

interface Waits extends Event {
  waitUntil(work: Promise<unknown>): void;
}
interface Fetched extends Waits {
  request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Page {
  url: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}
interface WorkerScope {
  clients: {
    claim(): Promise<void>;
    matchAll(of: { type: 'window'; includeUncontrolled: boolean }): Promise<Page[]>;
    openWindow(url: string): Promise<unknown>;
  };
  registration: { showNotification(title: string, how: object): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(what: 'install' | 'activate', hear: (event: Waits) => void): void;
  addEventListener(what: 'fetch', hear: (event: Fetched) => void): void;
  addEventListener(what: 'message', hear: (event: Waits & MessageEvent) => void): void;
  addEventListener(what: 'push', hear: (event: Waits & { data: { json(): unknown } | null }) => void): void;
  addEventListener(
    what: 'notificationclick',
    hear: (event: Waits & { notification: { data: { to: string }; close(): void } }) => void,
  ): void;
}

const PREFIX = 'app-';
const OWN = PREFIX + VESTIBULE_BUILD;
/** Written by the page: which language it speaks. */
const SAID = 'said';
const LANGUAGE = '/said/language';
/** Where the build's own name, as people compare it, is kept. */
const BUILD = '/said/build';
/** Builds that are kept: open pages may still run the one before. */
const BUILDS_MAX = 2;

type Part = 'resident' | 'visitor' | 'breakin' | 'share';
const PAGES: Record<Part, string> = { resident: '/', visitor: '/v/', breakin: '/try/', share: '/s/' };

const utf8 = new TextEncoder();
const windows = { type: 'window', includeUncontrolled: true } as const;

function partOf(url: string): Part {
  const { pathname } = new URL(url);
  return (['visitor', 'breakin', 'share'] as const).find((part) => `${pathname}/`.startsWith(PAGES[part])) ?? 'resident';
}

function bytesOf(hex: string): Uint8Array {
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

async function sha256(bytes: BufferSource): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The address under which a file is asked for. */
function address(path: string): string {
  return `/${path.replace(/(^|\/)index\.html$/, '$1')}`;
}

/** A file of this build and no other: the browser refuses what does not have its hash. */
async function load(path: string): Promise<Response> {
  const integrity = `sha256-${btoa(String.fromCharCode(...bytesOf(VESTIBULE_FILES[path] ?? '')))}`;
  const response = await fetch(address(path), { integrity, cache: 'no-cache', credentials: 'omit' });
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response;
}

async function keep(): Promise<void> {
  const cache = await caches.open(OWN);
  const paths = new Set((await parts()).flatMap((part) => VESTIBULE_PARTS[part]));
  await Promise.all(
    [...paths].map(async (path) => {
      const at = address(path);
      // A name with a hash in it is the same file in every build.
      const same = path.startsWith('assets/') ? await caches.match(at) : undefined;
      await cache.put(at, same ?? (await load(path)));
    }),
  );
  await cache.put(BUILD, new Response(await build()));
}

/** Whose files this phone needs: of the pages that are open, and of those that were kept before. */
async function parts(): Promise<Part[]> {
  const open = await self.clients.matchAll(windows);
  const before = await Promise.all((await caches.keys()).filter(isBuild).map((name) => caches.open(name)));
  const needed: Part[] = [];
  for (const part of Object.keys(PAGES) as Part[]) {
    const was = await Promise.all(before.map((cache) => cache.match(PAGES[part])));
    if (was.some(Boolean) || open.some(({ url }) => partOf(url) === part)) needed.push(part);
  }
  return needed;
}

function isBuild(name: string): boolean {
  return name.startsWith(PREFIX);
}

/** What `GET /v1/app` calls this build, worked out here: as `sha256sum` over all files, and over its own list. */
async function build(): Promise<string> {
  const own = await fetch('/worker.js', { cache: 'no-cache', credentials: 'omit' });
  const files = { ...VESTIBULE_FILES, 'worker.js': await sha256(await own.arrayBuffer()) };
  const lines = Object.entries(files).sort(([a], [b]) => (a < b ? -1 : 1));
  return sha256(utf8.encode(lines.map(([path, hash]) => `${hash}  ${path}\n`).join('')));
}

async function forgetOld(): Promise<void> {
  const builds = (await caches.keys()).filter((name) => isBuild(name) && name !== OWN);
  await Promise.all(builds.slice(0, Math.max(0, builds.length + 1 - BUILDS_MAX)).map((name) => caches.delete(name)));
}

self.addEventListener('install', (event) => event.waitUntil(keep()));

self.addEventListener('activate', (event) => event.waitUntil(forgetOld().then(() => self.clients.claim())));

self.addEventListener('message', (event) => {
  // It takes over when a page says so, and a page says so when no visit is under way.
  if (event.data === 'take over') event.waitUntil(self.skipWaiting());
  if (event.data === 'build') {
    const told = caches.open(OWN).then(async (cache) => (await cache.match(BUILD))?.text());
    event.waitUntil(told.then((name) => event.ports[0]?.postMessage(name ?? null)));
  }
});

self.addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  const isPage = request.mode === 'navigate' && ['/', '/v', '/v/', '/try', '/try/'].includes(pathname);
  if (isPage) event.respondWith(page(request, partOf(request.url)));
  else if (Object.hasOwn(VESTIBULE_FILES, pathname.slice(1)) || pathname.startsWith('/assets/')) {
    event.respondWith(file(request, pathname));
  }
});

/** A page of this build; the browser looks for a newer worker, and so a newer build, by itself each time. */
async function page(request: Request, part: Part): Promise<Response> {
  const cache = await caches.open(OWN);
  const kept = await cache.match(PAGES[part]);
  if (kept) return kept;
  // Another app of this origin, for the first time: from now on it is kept as well.
  const fetched = await fetch(request);
  void Promise.all(VESTIBULE_PARTS[part].map(async (one) => cache.put(address(one), await load(one)))).catch(() => undefined);
  return fetched;
}

async function file(request: Request, path: string): Promise<Response> {
  const cache = await caches.open(OWN);
  // A page of the build before may still ask for its own files.
  const kept = (await cache.match(path)) ?? (path.startsWith('/assets/') ? await caches.match(path) : undefined);
  return kept ?? fetch(request);
}

async function language(): Promise<string> {
  const said = await caches.open(SAID).then((cache) => cache.match(LANGUAGE));
  return (await said?.text()) ?? navigator.language;
}

self.addEventListener('push', (event) => {
  let payload: unknown = null;
  try {
    payload = event.data?.json();
  } catch {
    // Not JSON: shown as some notice.
  }
  const show = async (): Promise<void> => {
    const { sentence, to, urgent, tag } = notification(payload, await language());
    await self.registration.showNotification(sentence, {
      icon: '/icons/door-192.png',
      badge: '/icons/badge-96.png',
      tag,
      renotify: true,
      requireInteraction: urgent,
      data: { to },
    });
  };
  event.waitUntil(show());
});

self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const { to } = event.notification.data;
  const show = async (): Promise<void> => {
    const open = (await self.clients.matchAll(windows)).find(({ url }) => partOf(url) === 'resident');
    if (!open) return void (await self.clients.openWindow(`/${to}`));
    open.postMessage({ go: to });
    await open.focus();
  };
  event.waitUntil(show());
});
