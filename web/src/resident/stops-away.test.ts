import { expect, test } from 'vitest';
import { isNews } from './stops-away.ts';

test('what was said of the tour is news for half an hour', () => {
  const said = { stops: 3, saidMs: 1_000 };
  expect(isNews(said, 1_000 + 30 * 60_000 - 1)).toBe(true);
  expect(isNews(said, 1_000 + 30 * 60_000)).toBe(false);
  expect(isNews(null, 0)).toBe(false);
});
