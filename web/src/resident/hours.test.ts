import { expect, test } from 'vitest';
import { clockOf, minuteOf, shifted } from './hours.ts';

const night = { fromMin: 22 * 60, untilMin: 7 * 60 };

test.each([
  ['Berlin in summer', -120, { fromMin: 20 * 60, untilMin: 5 * 60 }],
  ['Berlin in winter', -60, { fromMin: 21 * 60, untilMin: 6 * 60 }],
  ['New York in winter', 300, { fromMin: 3 * 60, untilMin: 12 * 60 }],
  ['Kathmandu', -345, { fromMin: 16 * 60 + 15, untilMin: 75 }],
  ['Auckland in summer', -780, { fromMin: 9 * 60, untilMin: 18 * 60 }],
])('a night in %s', (_where, offset, utc) => {
  expect(shifted(night, offset)).toEqual(utc);
  expect(shifted(utc, -offset)).toEqual(night);
});
test('a minute is written as a clock shows it, and read back', () => {
  for (const minute of [0, 5, 75, 719, 1_439]) expect(minuteOf(clockOf(minute))).toBe(minute);
  expect(clockOf(75)).toBe('01:15');
  expect(minuteOf('')).toBeNull();
  expect(minuteOf('7:00')).toBeNull();
});
