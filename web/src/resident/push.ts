/** Push messages to this device: what the cloud keeps of it, brought together with what the browser says. */
import { said, type Cloud } from '../core/cloud.ts';
import type { components } from '../core/schema.d.ts';
import { forget, recall, remember } from '../core/store.ts';
import * as browser from '../core/subscription.ts';
import { sameHours, toLocal, toUtc, type Hours } from './hours.ts';
import type { Push } from './model.ts';

/** What this device wants to be told, in local time: the cloud's minutes are UTC, and a zone's distance to it changes. */
const WISHES = 'resident/push';

interface Wishes {
  kinds: string[];
  quiet: Hours | null;
}
type Kept = components['schemas']['PushSubscriptionJson'];

export async function shown(cloud: Cloud, home: string): Promise<Push> {
  const { key, kept } = await ask(cloud, home);
  const wishes = kept && { kinds: kept.kinds, quiet: toLocal(kept.quiet) };
  const like = { kinds: wishes?.kinds ?? null, quiet: wishes?.quiet ?? null };
  if (key === null) return { state: 'off_here', ...like };
  const able = await browser.able();
  if (able !== 'yes') return { state: able, ...like };
  const isOn = browser.isGranted() && kept !== null && (await browser.endpoint(key)) === kept.endpoint;
  return { state: isOn ? 'on' : 'off', ...like };
}

/** Asks the person, then the browser's push service, then tells the cloud. */
export async function tellMe(cloud: Cloud, home: string, wishes: Wishes): Promise<Push> {
  if (!(await browser.askPerson())) return shown(cloud, home);
  const { key } = await ask(cloud, home);
  if (key !== null) {
    await put(cloud, home, key, wishes);
    await remember(WISHES, wishes);
  }
  return shown(cloud, home);
}

export async function tellNoMore(cloud: Cloud, home: string): Promise<Push> {
  // The cloud first: a browser that has unsubscribed is still called until somebody finds out.
  await said(cloud.api.DELETE('/v1/homes/{home}/push-subscriptions', { params: { path: { home } } }));
  await forget(WISHES);
  await browser.unsubscribe();
  return shown(cloud, home);
}

/** Says anew what has changed by itself: the distance to UTC, in summer or on a journey, or the browser's subscription. */
export async function renew(cloud: Cloud, home: string): Promise<void> {
  const wishes = await recall<Wishes>(WISHES);
  if (!wishes || !browser.isGranted()) return;
  const { key, kept } = await ask(cloud, home);
  if (key === null) return;
  if (kept && sameHours(kept.quiet, toUtc(wishes.quiet)) && (await browser.endpoint(key)) === kept.endpoint) return;
  await put(cloud, home, key, wishes);
}

async function ask(cloud: Cloud, home: string): Promise<{ key: string | null; kept: Kept | null }> {
  const params = { path: { home } };
  const { key, subscription } = await said(cloud.api.GET('/v1/homes/{home}/push-subscriptions', { params }));
  return { key: key ?? null, kept: subscription ?? null };
}

async function put(cloud: Cloud, home: string, key: string, { kinds, quiet }: Wishes): Promise<void> {
  const subscription = await browser.subscribe(key);
  const body = { ...subscription, kinds, quiet: toUtc(quiet) };
  await said(cloud.api.POST('/v1/homes/{home}/push-subscriptions', { params: { path: { home } }, body }));
}
