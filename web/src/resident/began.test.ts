import { expect, test, vi } from 'vitest';
import type { Core, RosterHome } from '../core/core.ts';
import type { Keys } from '../core/keys.ts';
import { Household } from './household.svelte.ts';

/** The door's log, as the cloud shows it: what is withheld says nothing. */
let log: [what: string, code: string][] = [];

vi.mock('../core/store.ts', () => ({ recall: async () => undefined, remember: async () => undefined }));
vi.mock('../core/cloud.ts', () => {
  const GET = async (_path: string, { params }: { params: { query: { from: number } } }) => ({
    data: { events: log.map((_one, at) => ({ event: String(at), counter: at + 1 })).slice(params.query.from - 1), next: null },
  });
  return {
    said: async (asked: Promise<{ data: unknown }>) => (await asked).data,
    Cloud: class {
      api = { GET };
    },
  };
});
vi.mock('../core/core.ts', () => ({
  base64url: String,
  random: () => new Uint8Array(16),
  loadCore: async () => ({
    LogCheck: {
      excerpt: () => ({
        next: ({ event }: { event: string }) => {
          const [what, code] = log[Number(event)] ?? [];
          return { what, code, counter: Number(event) + 1, atMs: 1_000 };
        },
        free: () => undefined,
      }),
    },
  }),
}));

/** A phone whose household's list of keys is that of epoch 3, and ended what was signed before `grantsFrom`. */
function phone(grantsFrom: number): Household {
  const view = { home: 'home', door: 'door', doorFingerprint: 'd', epoch: 3, grantsFrom, hash: 'h3', residents: [] };
  const roster = { describe: () => view } as unknown as RosterHome;
  return new Household({} as Core, { kid: 'mine', passkey: null } as unknown as Keys, roster);
}

test('what a phone kept of a household before is forgotten once a list that the door keeps has ended all of it', async () => {
  log = [['grant_kept', 'theirs'], ['looked', 'them'], ['roster_kept', 'h3']];
  const household = phone(3);
  await household.log.readOn();
  expect(Object.keys(household.log.kept.grants)).toEqual(['theirs']);
  log = [['private', ''], ['private', ''], ['roster_kept', 'h3'], ['grant_kept', 'ours']];
  expect(await household.beganAnew(3)).toBe(true);
  const { grants, looks, roster, counter } = household.log.kept;
  expect([Object.keys(grants), looks, roster, counter]).toEqual([['ours'], [], 'h3', 4]);
  expect(await household.beganAnew(3)).toBe(false);
});

test('a cloud that says so has nothing overlooked that may count', async () => {
  log = [['grant_kept', 'ours'], ['roster_kept', 'h3']];
  const notEnded = phone(2);
  await notEnded.log.readOn();
  expect(await notEnded.beganAnew(3)).toBe(false);
  log = [['grant_kept', 'ours'], ['roster_kept', 'h2']];
  const notKept = phone(3);
  await notKept.log.readOn();
  expect(await notKept.beganAnew(3)).toBe(false);
  for (const one of [notEnded, notKept]) expect(Object.keys(one.log.kept.grants)).toEqual(['ours']);
});
