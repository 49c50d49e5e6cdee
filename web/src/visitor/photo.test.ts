import { expect, test } from 'vitest';
import { fitted } from './photo.ts';

test('a photo has at most 1280 pixels a side, keeps its shape, and is never made larger', () => {
  expect(fitted(4_000, 3_000)).toEqual({ width: 1_280, height: 960 });
  expect(fitted(3_000, 4_000)).toEqual({ width: 960, height: 1_280 });
  expect(fitted(1_280, 1_280)).toEqual({ width: 1_280, height: 1_280 });
  expect(fitted(640, 480)).toEqual({ width: 640, height: 480 });
  expect(fitted(20_000, 3)).toEqual({ width: 1_280, height: 1 });
});
