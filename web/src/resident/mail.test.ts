import { beforeEach, expect, test, vi } from 'vitest';
import type { Cloud } from '../core/cloud.ts';
import { renew, writeTo } from './mail.ts';

const { kept, language } = vi.hoisted(() => ({ kept: new Map<string, unknown>(), language: { now: 'de' } }));
vi.mock('../words/words.svelte.ts', () => ({ language }));
vi.mock('../core/cloud.ts', () => ({ said: (answer: unknown) => answer }));
vi.mock('../core/store.ts', () => ({
  recall: async (name: string) => kept.get(name),
  remember: async (name: string, value: unknown) => void kept.set(name, value),
}));

/** Keeps what it is told, with the digits confirmed. */
function aCloud() {
  const told: { language: string }[] = [];
  const api = {
    GET: async () => ({ on: true, address: { ...told.at(-1), confirmed: true } }),
    POST: async (_path: string, { body }: { body: { language: string } }) => void told.push(body),
  };
  return { cloud: { api } as unknown as Cloud, told };
}

beforeEach(() => {
  kept.clear();
  language.now = 'de';
});

test('mails follow the language of the app, and are told nothing twice', async () => {
  const { cloud, told } = aCloud();
  await writeTo(cloud, 'home', { address: 'a@example.org', kinds: ['alarm'], quiet: null });
  await renew(cloud, 'home');
  expect(told).toHaveLength(1);
  language.now = 'en';
  await renew(cloud, 'home');
  await renew(cloud, 'home');
  expect(told.map((one) => one.language)).toEqual(['de', 'en']);
});

test('quiet hours that are in UTC what they were are told once', async () => {
  const { cloud, told } = aCloud();
  await writeTo(cloud, 'home', { address: 'a@example.org', kinds: [], quiet: { fromMin: 1_320, untilMin: 420 } });
  await renew(cloud, 'home');
  expect(told).toHaveLength(1);
});

test('an address that another device chose stays as it is', async () => {
  const { cloud, told } = aCloud();
  await writeTo(cloud, 'home', { address: 'a@example.org', kinds: [], quiet: null });
  told.push({ ...told[0], address: 'b@example.org', language: 'de' } as never);
  language.now = 'en';
  await renew(cloud, 'home');
  expect(told).toHaveLength(2);
});
