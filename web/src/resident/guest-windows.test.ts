import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nextOf, windowsOf, type When, type Wrong } from './guest-windows.ts';
import type { Span } from './span.ts';

const HOUR_MS = 3_600_000;
const before = process.env.TZ;
beforeAll(() => {
  process.env.TZ = 'Europe/Berlin';
});
afterAll(() => {
  process.env.TZ = before;
});

const NOW = Date.UTC(2026, 2, 12, 9, 0);
const utc = (spans: Span[] | Wrong): string[] | Wrong =>
  typeof spans === 'string'
    ? spans
    : spans.map(({ fromMs, untilMs }) => `${new Date(fromMs).toISOString().slice(0, 16)} ${new Date(untilMs).toISOString().slice(0, 16)}`);
const daily = (first: string, last: string, from = '10:00', until = '12:00'): When => ({ how: 'daily', first, last, from, until });

describe('windows', () => {
  test('once, by the clock on the wall', () => {
    const when: When = { how: 'once', day: '2026-03-12', from: '10:30', until: '12:00' };
    expect(utc(windowsOf(when, NOW))).toEqual(['2026-03-12T09:30 2026-03-12T11:00']);
  });

  test('over midnight', () => {
    const when: When = { how: 'once', day: '2026-03-12', from: '22:00', until: '06:00' };
    expect(utc(windowsOf(when, NOW))).toEqual(['2026-03-12T21:00 2026-03-13T05:00']);
  });

  test('whole days follow each other without overlap', () => {
    expect(utc(windowsOf(daily('2026-03-13', '2026-03-14', '00:00', '00:00'), NOW))).toEqual([
      '2026-03-12T23:00 2026-03-13T23:00',
      '2026-03-13T23:00 2026-03-14T23:00',
    ]);
  });

  test('the hours stay when summer time begins, and shift against UTC', () => {
    expect(utc(windowsOf(daily('2026-03-28', '2026-03-30'), NOW))).toEqual([
      '2026-03-28T09:00 2026-03-28T11:00',
      '2026-03-29T08:00 2026-03-29T10:00',
      '2026-03-30T08:00 2026-03-30T10:00',
    ]);
  });

  test('an hour that is left out in spring gives no window', () => {
    expect(utc(windowsOf(daily('2026-03-28', '2026-03-30', '02:00', '03:00'), NOW))).toEqual([
      '2026-03-28T01:00 2026-03-28T02:00',
      '2026-03-30T00:00 2026-03-30T01:00',
    ]);
  });

  test('an hour that comes twice in autumn is one window of two hours', () => {
    const [span] = windowsOf({ how: 'once', day: '2026-10-25', from: '02:00', until: '03:00' }, NOW) as Span[];
    expect((span?.untilMs ?? 0) - (span?.fromMs ?? 0)).toBe(2 * HOUR_MS);
  });

  test('weekdays, over the change of the clocks', () => {
    const when: When = { how: 'weekly', weekdays: [4, 6], first: '2026-03-25', last: '2026-04-03', from: '08:00', until: '09:00' };
    expect(utc(windowsOf(when, NOW))).toEqual([
      '2026-03-27T07:00 2026-03-27T08:00',
      '2026-03-29T06:00 2026-03-29T07:00',
      '2026-04-03T06:00 2026-04-03T07:00',
    ]);
  });

  test('what ended is left out, what runs stays', () => {
    expect(utc(windowsOf(daily('2026-03-11', '2026-03-12', '09:00', '11:00'), NOW))).toEqual(['2026-03-12T08:00 2026-03-12T10:00']);
    expect(windowsOf(daily('2026-03-10', '2026-03-11'), NOW)).toBe('over');
  });

  test('at most 92 days', () => {
    expect(windowsOf(daily('2026-05-01', '2026-07-31'), NOW)).toHaveLength(92);
    expect(windowsOf(daily('2026-05-01', '2026-08-01'), NOW)).toBe('too_long');
    expect(windowsOf(daily('2026-05-01', '2029-08-01'), NOW)).toBe('too_long');
  });

  test.each([
    daily('', '2026-05-01'),
    daily('2026-02-31', '2026-05-01'),
    daily('2026-05-01', '2026-05-02', '24:00'),
    { how: 'weekly', weekdays: [], first: '2026-05-01', last: '2026-05-09', from: '08:00', until: '09:00' } as When,
  ])('%j says nothing', (when) => expect(windowsOf(when, NOW)).toBe('incomplete'));

  test('an end before the beginning is over', () => expect(windowsOf(daily('2026-05-02', '2026-05-01'), NOW)).toBe('over'));
});

test('the next is the one that is open, or the one after', () => {
  const [one, two] = [{ fromMs: 10, untilMs: 20 }, { fromMs: 30, untilMs: 40 }];
  expect([5, 19, 20, 39, 40].map((now) => nextOf([one, two], now))).toEqual([one, one, two, two, null]);
});
