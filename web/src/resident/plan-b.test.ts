import { expect, test } from 'vitest';
import type { PlanB } from './model.ts';
import { counted, moved, placeAfter } from './plan-b.ts';

const ALL: PlanB[] = ['neighbour', 'locker', 'again'];

test('a rung goes up, down and to the ends, and never past them', () => {
  expect(moved(ALL, 0, 1)).toEqual(['locker', 'neighbour', 'again']);
  expect(moved(ALL, 2, 0)).toEqual(['again', 'neighbour', 'locker']);
  expect(moved(ALL, 0, 2)).toEqual(['locker', 'again', 'neighbour']);
  expect(moved(ALL, 0, -1)).toEqual(ALL);
  expect(moved(ALL, 2, 3)).toEqual(ALL);
  expect(moved(ALL, 7, 0)).toEqual(ALL);
});

test('one rung always counts, and none twice', () => {
  expect(counted(ALL, 'locker', false)).toEqual(['neighbour', 'again']);
  expect(counted(['locker'], 'locker', false)).toEqual(['locker']);
  expect(counted(ALL, 'doorstep', true)).toEqual([...ALL, 'doorstep']);
  expect(counted(ALL, 'locker', true)).toEqual(ALL);
});

test('a dragged row takes a place once it covers half of the row there', () => {
  const heights = [60, 60, 100, 60];
  expect(placeAfter(heights, 0, 29)).toBe(0);
  expect(placeAfter(heights, 0, 30)).toBe(1);
  expect(placeAfter(heights, 0, 60 + 49)).toBe(1);
  expect(placeAfter(heights, 0, 60 + 50)).toBe(2);
  expect(placeAfter(heights, 0, 5_000)).toBe(3);
  expect(placeAfter(heights, 3, -50)).toBe(2);
  expect(placeAfter(heights, 3, -49)).toBe(3);
  expect(placeAfter(heights, 3, -5_000)).toBe(0);
});
