import { expect, test } from 'vitest';
import type { GuestVisit } from './model.ts';
import { nextVisit, refused, whyNot, windowNow } from './visit-time.ts';

const MINUTE_MS = 60_000;
const [one, two] = [{ fromMs: 1_000, untilMs: 2_000 }, { fromMs: 5_000, untilMs: 6_000 }];
const visit = (over: Partial<GuestVisit> = {}): GuestVisit => ({
  windows: [one, two],
  usesPerWindow: 1,
  openedMs: [],
  whyNot: null,
  onCamera: true,
  tag: null,
  sinceMs: 0,
  ...over,
});

test('inside a window it can be tried, to the first millisecond and not the last', () => {
  expect([999, 1_000, 1_999, 2_000, 5_500, 6_000].map((now) => whyNot(visit(), now))).toEqual(['later', null, null, 'later', null, 'over']);
});

test('what this phone opened in this window counts, and in no other', () => {
  expect(whyNot(visit({ openedMs: [1_200] }), 1_500)).toBe('used');
  expect(whyNot(visit({ openedMs: [1_200] }), 5_500)).toBeNull();
  expect(whyNot(visit({ openedMs: [1_200], usesPerWindow: 2 }), 1_500)).toBeNull();
});

test('taken back is said before anything else', () => {
  expect(whyNot(visit({ whyNot: 'revoked' }), 3_000)).toBe('revoked');
  expect(whyNot(visit({ whyNot: 'revoked', openedMs: [1_200] }), 1_500)).toBe('revoked');
});

test('a silent home and an unknown reason are no yes, another clock is', () => {
  expect(['home_offline', 'uses_spent', 'grant_unknown', 'outside_window'].map((code) => whyNot(visit({ whyNot: code }), 1_500))).toEqual([
    'silent',
    'used',
    'unknown',
    null,
  ]);
});

test('a door that said no to a new phone may only be waiting', () => {
  expect(refused(visit({ sinceMs: 1_000 }), 1_500)).toBe('soon');
  expect(refused(visit({ windows: [{ fromMs: 0, untilMs: 90 * MINUTE_MS }] }), 20 * MINUTE_MS)).toBe('unknown');
});

test('the next visit, and the one that counts now', () => {
  expect([500, 1_500, 5_500].map((now) => nextVisit(visit(), now))).toEqual([one, two, null]);
  expect([500, 1_500, 2_000, 6_000].map((now) => windowNow(visit(), now))).toEqual([one, one, two, null]);
});
