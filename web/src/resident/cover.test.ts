import { expect, test } from 'vitest';
import { answer, type Asked, type Covering } from './cover.ts';

const asked: Asked = { provider: 'post', service: 'delivery', commitments: ['a', 'b'], window: { fromMs: 100, untilMs: 200 } };
const standing: Covering = {
  hash: 'h1',
  provider: 'post',
  commitments: [],
  service: 'delivery',
  windows: [
    { fromMs: 0, untilMs: 50 },
    { fromMs: 120, untilMs: 300 },
  ],
  usesPerWindow: 2,
  counts: true,
  usedMs: [],
};
const by = (over: Partial<Covering>, nowMs = 110) => answer([{ ...standing, ...over }], asked, nowMs);

test('a standing permission answers in the time that both have', () => {
  expect(by({})).toEqual({ by: 'h1', window: { fromMs: 120, untilMs: 200 } });
});

test('not of another service, another kind, or a guest', () => {
  expect(by({ provider: 'other' })).toBe(null);
  expect(by({ provider: null })).toBe(null);
  expect(by({ service: 'cleaning' })).toBe(null);
});

test('not where their times do not meet, or no longer', () => {
  expect(by({ windows: [{ fromMs: 200, untilMs: 300 }] })).toBe(null);
  expect(by({ windows: [{ fromMs: 0, untilMs: 100 }] })).toBe(null);
  expect(by({}, 199)).not.toBe(null);
  expect(by({}, 200)).toBe(null);
});

test('not if it does not count', () => {
  expect(by({ counts: false })).toBe(null);
});

test('not when the day is used up, by the door’s log; other days do not matter', () => {
  expect(by({ usedMs: [121, 20, 30] })).not.toBe(null);
  expect(by({ usedMs: [120, 299] })).toBe(null);
  expect(by({ usedMs: [119, 300] })).not.toBe(null);
});

test('parcels that were answered by name are not asked again, whatever became of it', () => {
  const named = { service: null, commitments: ['a', 'b', 'c'], counts: false, windows: [] };
  expect(by(named)).toBe('named');
  expect(by({ ...named, commitments: ['a'] })).toBe(null);
  expect(by({ ...named, provider: 'other' })).toBe(null);
});

test('a cloud that calls it answered changes nothing: without a permission it waits', () => {
  expect(answer([], asked, 110)).toBe(null);
});
