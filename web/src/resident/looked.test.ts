import { expect, test } from 'vitest';
import { kept, lookedBy, others, type Look } from './looked.ts';
import type { Device } from './model.ts';

const device = (kid: string, name: string, over: Partial<Device> = {}): Device => ({
  kid,
  fingerprint: '0000 0000',
  name,
  rank: 'owner',
  passkey: false,
  since: 1,
  thisDevice: false,
  ...over,
});
const devices = [
  device('a', 'phone (passkey)', { passkey: true, thisDevice: true }),
  device('b', 'phone', { rank: 'companion', thisDevice: true }),
  device('c', 'tablet (passkey)', { passkey: true, rank: 'member' }),
  device('d', 'tablet', { rank: 'companion' }),
  device('e', 'recovery', { rank: 'recovery' }),
];

test('looking longer is one line, from when it began, and the newest line is the first', () => {
  const at = [0, 55_000, 110_000, 900_000];
  const looks = at.map((atMs, counter) => ({ kid: 'c', atMs, counter }));
  expect(lookedBy(looks, devices)).toEqual([
    { name: 'tablet', thisDevice: false, atMs: 900_000, counter: 3 },
    { name: 'tablet', thisDevice: false, atMs: 0, counter: 0 },
  ]);
});

test('who looks between is another line, and a key that left has no name', () => {
  const looks = [
    { kid: 'a', atMs: 0, counter: 1 },
    { kid: 'gone', atMs: 10_000, counter: 2 },
    { kid: 'a', atMs: 60_000, counter: 3 },
  ];
  expect(lookedBy(looks, devices)).toEqual([
    { name: null, thisDevice: false, atMs: 10_000, counter: 2 },
    { name: 'phone', thisDevice: true, atMs: 0, counter: 1 },
  ]);
});

test('the others are told, each device once, and no printed key', () => {
  expect(others(devices)).toEqual(['tablet']);
});

test('only the newest are kept', () => {
  let looks: Look[] = [];
  for (let atMs = 0; atMs < 60; atMs += 1) looks = kept(looks, { kid: 'a', atMs, counter: atMs + 1 });
  expect([looks.length, looks[0]?.atMs]).toEqual([50, 10]);
});
