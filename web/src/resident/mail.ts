/** Mail to this device's person: what the cloud keeps of it, in local time. */
import { said, type Cloud } from '../core/cloud.ts';
import { forget, recall, remember } from '../core/store.ts';
import { language } from '../words/words.svelte.ts';
import { sameHours, toLocal, toUtc, type Hours } from './hours.ts';
import type { Mail } from './model.ts';

/** What was chosen, in local time: the cloud's minutes are UTC, and a zone's distance to it changes. */
const CHOSEN = 'resident/mail';

interface Chosen {
  address: string;
  kinds: string[];
  quiet: Hours | null;
}

const path = (home: string): { path: { home: string } } => ({ path: { home } });

export async function shown(cloud: Cloud, home: string): Promise<Mail> {
  const { on, address } = await ask(cloud, home);
  return {
    on,
    address: address?.address ?? null,
    confirmed: address?.confirmed ?? false,
    kinds: address?.kinds ?? null,
    quiet: toLocal(address?.quiet),
  };
}

/** An address that is new is sent six digits, and counts once they were confirmed. */
export async function writeTo(cloud: Cloud, home: string, chosen: Chosen): Promise<Mail> {
  await put(cloud, home, chosen);
  await remember(CHOSEN, chosen);
  return shown(cloud, home);
}

export async function confirm(cloud: Cloud, home: string, code: string): Promise<Mail> {
  await said(cloud.api.POST('/v1/homes/{home}/mail-address/confirm', { params: path(home), body: { code } }));
  return shown(cloud, home);
}

export async function writeNoMore(cloud: Cloud, home: string): Promise<Mail> {
  await said(cloud.api.DELETE('/v1/homes/{home}/mail-address', { params: path(home) }));
  await forget(CHOSEN);
  return shown(cloud, home);
}

/** Says anew what has changed by itself: the distance to UTC, in summer or on a journey, or the language of this app. */
export async function renew(cloud: Cloud, home: string): Promise<void> {
  const chosen = await recall<Chosen>(CHOSEN);
  if (!chosen) return;
  const { address: kept } = await ask(cloud, home);
  if (!kept?.confirmed || kept.address !== chosen.address) return;
  const isSame = kept.language === language.now && sameHours(kept.quiet, toUtc(chosen.quiet));
  if (!isSame) await put(cloud, home, chosen);
}

function ask(cloud: Cloud, home: string) {
  return said(cloud.api.GET('/v1/homes/{home}/mail-address', { params: path(home) }));
}

async function put(cloud: Cloud, home: string, { address, kinds, quiet }: Chosen): Promise<void> {
  const body = { address, language: language.now, kinds, quiet: toUtc(quiet) };
  await said(cloud.api.POST('/v1/homes/{home}/mail-address', { params: path(home), body }));
}
