import { expect, test } from 'vitest';
import { reasonOf, young } from './report.ts';

test('a report says what the person was told or chose, and nothing more', () => {
  expect(reasonOf('not_here_today')).toBe('not_possible');
  expect(reasonOf('i_do_not_go_in')).toBe('not_going_in');
  expect(reasonOf('too_big')).toBe('too_big');
  expect(reasonOf('blocked')).toBe('blocked');
  expect(reasonOf('gave_up')).toBe('gave_up');
});

test('a report waits two days for a network', () => {
  const day = 86_400_000;
  const kept = [{ atMs: 0 }, { atMs: 1 }];
  expect(young(kept, 2 * day)).toEqual([{ atMs: 1 }]);
  expect(young(kept, 2 * day - 1)).toEqual(kept);
});
