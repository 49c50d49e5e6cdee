import { expect, test } from 'vitest';
import { PictureAge, skewOf } from './door-clock.ts';

const HOUR_MS = 3_600_000;
const door = { fromMs: 10_000_000, untilMs: 10_002_000 };

test('clocks that agree, within what a word takes, agree', () => {
  expect(skewOf(door, 9_999_500, 10_000_300)).toBe(0);
  expect(skewOf(door, 10_002_900, 10_003_100)).toBe(0);
});

test('an hour is an hour, either way', () => {
  expect(skewOf(door, 10_001_000 + HOUR_MS, 10_001_200 + HOUR_MS)).toBe(HOUR_MS - 1_000);
  expect(skewOf(door, 10_001_000 - HOUR_MS, 10_001_200 - HOUR_MS)).toBe(1_200 - HOUR_MS + 1_000 - 1_000);
});

test('a door without a clock says nothing of this one', () => {
  expect(skewOf({ fromMs: 0, untilMs: null }, 5, 6)).toBeNull();
});

test('a picture that stands grows old, whatever this device\'s clock says', () => {
  const age = new PictureAge();
  expect(age.of(null, 0, 0, 0)).toBeNull();
  // The phone is an hour behind, and nobody knows it yet.
  expect(age.of(HOUR_MS, null, 0, 50)).toBe(0);
  expect(age.of(HOUR_MS, null, 5_000, 5_050)).toBe(5_000);
  expect(age.of(HOUR_MS + 40, null, 5_100, 5_150)).toBe(0);
});

test('an old picture that moves is old', () => {
  const age = new PictureAge();
  age.of(1_000, 0, 8_000, 0);
  expect(age.of(1_040, 0, 8_040, 40)).toBe(7_000);
  // The same, on a phone that is known to be an hour ahead.
  expect(new PictureAge().of(1_040, HOUR_MS, 8_040 + HOUR_MS, 40)).toBe(7_000);
});
