/**
 * This browser's subscription to push messages: what its push service gave out, and whether it may be asked at all.
 * What is told, and when, is the cloud's to keep; this file knows only the browser.
 */
import { Trouble } from './trouble.ts';

/** `install`: an iPhone or iPad, where only an app on the home screen is told anything. */
export type Able = 'yes' | 'unsupported' | 'install' | 'denied';

/** What a cloud needs to reach this browser. Text is base64url. */
export interface Subscription {
  endpoint: string;
  p256dh: string;
  auth: string;
}

/** How long the app may take to be kept here: without its worker nobody hears a push, ms. */
const WORKER_MS = 5_000;

/** Whether this browser can be told anything, as far as is known without asking its person. */
export async function able(): Promise<Able> {
  if (!('Notification' in window && 'PushManager' in window && 'serviceWorker' in navigator)) {
    return isApple() && !matchMedia('(display-mode: standalone)').matches ? 'install' : 'unsupported';
  }
  if (Notification.permission === 'denied') return 'denied';
  return (await worker()) ? 'yes' : 'unsupported';
}

/** iPads call themselves Macs; Macs have no touch screen. */
function isApple(): boolean {
  const { userAgent, maxTouchPoints } = navigator;
  return /iPhone|iPad|iPod/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1);
}

async function worker(): Promise<ServiceWorkerRegistration | null> {
  const late = new Promise<null>((resolve) => setTimeout(() => resolve(null), WORKER_MS));
  return Promise.race([navigator.serviceWorker.ready, late]);
}

export function isGranted(): boolean {
  return 'Notification' in window && Notification.permission === 'granted';
}

/** Asks the person. Must be the first thing after they pressed something: browsers allow no other moment. */
export async function askPerson(): Promise<boolean> {
  return (await Notification.requestPermission()) === 'granted';
}

/** The endpoint that this browser has for this key of a cloud; null if none. `key`: 65 bytes as base64url. */
export async function endpoint(key: string): Promise<string | null> {
  const registration = await worker();
  const found = await registration?.pushManager.getSubscription();
  return found && isFor(found, key) ? found.endpoint : null;
}

/** Subscribes to this key of a cloud. A subscription to another is given up: a browser has one. */
export async function subscribe(key: string): Promise<Subscription> {
  const registration = await worker();
  if (!registration) throw new Trouble('push_failed', 'no worker');
  try {
    const { pushManager } = registration;
    const before = await pushManager.getSubscription();
    if (before && !isFor(before, key)) await before.unsubscribe();
    const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    return { endpoint: made.endpoint, p256dh: text(made.getKey('p256dh')), auth: text(made.getKey('auth')) };
  } catch (thrown) {
    // The browser's own push service did not answer, or refused.
    throw new Trouble('push_failed', String(thrown));
  }
}

export async function unsubscribe(): Promise<void> {
  const registration = await worker();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
}

function isFor(subscription: PushSubscription, key: string): boolean {
  const { applicationServerKey } = subscription.options;
  // Not every browser says which key it was; then it is taken to be ours.
  return !applicationServerKey || text(applicationServerKey) === key;
}

function text(bytes: ArrayBuffer | null): string {
  const characters = String.fromCharCode(...new Uint8Array(bytes ?? new ArrayBuffer(0)));
  return btoa(characters).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
