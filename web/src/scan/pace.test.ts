import { describe, expect, test } from 'vitest';
import { Burst } from './burst.ts';
import { AGAIN_AFTER_MS, Recent } from './recent.ts';

function keys(burst: Burst, text: string, fromMs: number, gapMs: number): string | null {
  let last: string | null = null;
  [...text, 'Enter'].forEach((key, i) => {
    last = burst.key(key, fromMs + i * gapMs).text;
  });
  return last;
}

describe('a hardware scanner', () => {
  test('is a fast burst ended by Enter', () => expect(keys(new Burst(), 'RR123456785DE', 1000, 8)).toBe('RR123456785DE'));
  test('may be as slow as 30 ms a key', () => expect(keys(new Burst(), 'RR123456785DE', 1000, 30)).toBe('RR123456785DE'));
  test('is not fingers', () => expect(keys(new Burst(), 'RR123456785DE', 1000, 120)).toBeNull());
  test('keeps its label whole when the handset is busy for a moment', () => {
    const burst = new Burst();
    let at = 1000;
    for (const key of 'RR123456785DE') burst.key(key, (at += key === '1' ? 250 : 8));
    expect(burst.key('Enter', at + 8).text).toBe('RR123456785DE');
  });
  test('is not Enter alone', () => expect(keys(new Burst(), '', 1000, 5)).toBeNull());
  test('is not three keys', () => expect(keys(new Burst(), 'abc', 1000, 5)).toBeNull());

  test('starts anew after a pause', () => {
    const burst = new Burst();
    burst.key('x', 1000);
    burst.key('y', 1010);
    expect(keys(burst, '563102430313', 2000, 10)).toBe('563102430313');
  });

  test('sends Shift between its letters', () => {
    const burst = new Burst();
    let at = 1000;
    for (const key of ['Shift', 'R', 'Shift', 'R', '1', '2', '3']) burst.key(key, (at += 5));
    expect(burst.key('Enter', at + 5).text).toBe('RR123');
  });

  test('says which keys belong to it, and leaves the first one alone', () => {
    const burst = new Burst();
    expect(burst.key('a', 1000).inside).toBe(false);
    expect(burst.key(' ', 1010).inside).toBe(true);
    expect(burst.key('Enter', 5000).inside).toBe(false);
  });
});

describe('the same label again', () => {
  test('within two seconds is one sighting', () => {
    const recent = new Recent();
    expect(recent.isNew('a', 0)).toBe(true);
    expect(recent.isNew('a', AGAIN_AFTER_MS - 1)).toBe(false);
    expect(recent.isNew('b', AGAIN_AFTER_MS - 1)).toBe(true);
  });

  test('held in view for long is one sighting', () => {
    const recent = new Recent();
    const sightings = Array.from({ length: 100 }, (_, i) => recent.isNew('a', i * 100));
    expect(sightings.filter(Boolean)).toHaveLength(1);
  });

  test('two seconds after it was last in view is another', () => {
    const recent = new Recent();
    recent.isNew('a', 0);
    recent.isNew('a', 500);
    expect(recent.isNew('a', 500 + AGAIN_AFTER_MS)).toBe(true);
  });
});
