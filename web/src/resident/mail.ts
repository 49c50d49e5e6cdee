/** Mail to this device's person: what the cloud keeps of it, in local time. */
import { said, type Cloud } from '../core/cloud.ts';
import { forget, recall, remember } from '../core/store.ts';
import { language } from '../words/words.svelte.ts';
import { shifted, type Hours } from './hours.ts';
import type { Mail } from './model.ts';

/** What was chosen, in local time: the cloud's minutes are UTC, and a zone's distance to it changes. */
const CHOSEN = 'resident/mail';

interface Chosen {
  address: string;
  kinds: string[];
  quiet: Hours | null;
}

const path = (home: string): { path: { home: string } } => ({ path: { home } });
/** Minutes from the local time to UTC, now. */
const toUtc = (): number => new Date().getTimezoneOffset();

export async function shown(cloud: Cloud, home: string): Promise<Mail> {
  const { on, address } = await said(cloud.api.GET('/v1/homes/{home}/mail-address', { params: path(home) }));
  const quiet = address?.quiet ? shifted({ fromMin: address.quiet.from_min, untilMin: address.quiet.until_min }, -toUtc()) : null;
  return {
    on,
    address: address?.address ?? null,
    confirmed: address?.confirmed ?? false,
    kinds: address?.kinds ?? null,
    quiet,
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

/** Says the quiet hours anew if the distance to UTC changed, in summer or on a journey. */
export async function renew(cloud: Cloud, home: string): Promise<void> {
  const chosen = await recall<Chosen>(CHOSEN);
  if (!chosen?.quiet) return;
  const kept = await shown(cloud, home);
  const isSame = kept.quiet?.fromMin === chosen.quiet.fromMin && kept.quiet.untilMin === chosen.quiet.untilMin;
  if (kept.confirmed && kept.address === chosen.address && !isSame) await put(cloud, home, chosen);
}

async function put(cloud: Cloud, home: string, { address, kinds, quiet }: Chosen): Promise<void> {
  const utc = quiet && shifted(quiet, toUtc());
  const body = { address, language: language.now, kinds, quiet: utc && { from_min: utc.fromMin, until_min: utc.untilMin } };
  await said(cloud.api.POST('/v1/homes/{home}/mail-address', { params: path(home), body }));
}
