import { describe, expect, test } from 'vitest';
import { daysOf, endsSoon, expand, hoursAround, NoHours, sameAgain, usually, weekly, type Weekly } from './standing.ts';
import { SPAN_MS_MAX, WINDOWS_MAX } from './span.ts';

const BERLIN = 'Europe/Berlin';
const HOUR_MS = 3_600_000;
const at = (iso: string): number => Date.parse(iso);
const usual: Weekly = { days: [0, 1, 2, 3, 4, 5], fromHour: 8, untilHour: 20, forDays: 92 };

function refused(wish: Partial<Weekly>): string | null {
  try {
    expand({ ...usual, ...wish }, at('2026-03-12T11:00:00+01:00'), BERLIN);
    return null;
  } catch (thrown) {
    return thrown instanceof NoHours ? thrown.code : String(thrown);
  }
}

describe('weekly hours become windows', () => {
  test('on the chosen days, at the chosen hours, in order', () => {
    const windows = expand({ ...usual, days: [0, 3], forDays: 8 }, at('2026-03-12T11:00:00+01:00'), BERLIN);
    expect(windows).toEqual([
      { fromMs: at('2026-03-12T08:00:00+01:00'), untilMs: at('2026-03-12T20:00:00+01:00') },
      { fromMs: at('2026-03-16T08:00:00+01:00'), untilMs: at('2026-03-16T20:00:00+01:00') },
      { fromMs: at('2026-03-19T08:00:00+01:00'), untilMs: at('2026-03-19T20:00:00+01:00') },
    ]);
  });

  test('the first is not over', () => {
    const first = (start: string) => expand(usual, at(start), BERLIN)[0]?.fromMs;
    expect(first('2026-03-12T19:59:59+01:00')).toBe(at('2026-03-12T08:00:00+01:00'));
    expect(first('2026-03-12T20:00:00+01:00')).toBe(at('2026-03-13T08:00:00+01:00'));
    // Saturday evening: Sunday is not chosen.
    expect(first('2026-03-14T21:00:00+01:00')).toBe(at('2026-03-16T08:00:00+01:00'));
  });

  test('by the wall clock, also after it was put forward', () => {
    const windows = expand({ ...usual, days: [5, 6], forDays: 4 }, at('2026-03-27T12:00:00+01:00'), BERLIN);
    expect(windows.map(({ fromMs }) => fromMs)).toEqual([at('2026-03-28T08:00:00+01:00'), at('2026-03-29T08:00:00+02:00')]);
  });

  test('and back', () => {
    const windows = expand({ ...usual, days: [5, 6], forDays: 4 }, at('2026-10-23T12:00:00+02:00'), BERLIN);
    expect(windows.map(({ untilMs }) => untilMs)).toEqual([at('2026-10-24T20:00:00+02:00'), at('2026-10-25T20:00:00+01:00')]);
  });

  test('the hour that spring skips is none, and the one that autumn has twice is whole', () => {
    const night = (day: string) => expand({ days: [6], fromHour: 2, untilHour: 3, forDays: 8 }, at(day), BERLIN);
    const [spring] = night('2026-03-29T00:00:00+01:00');
    expect(spring?.fromMs).toBe(at('2026-04-05T02:00:00+02:00'));
    const [autumn] = night('2026-10-25T00:00:00+02:00');
    expect(autumn).toEqual({ fromMs: at('2026-10-25T02:00:00+02:00'), untilMs: at('2026-10-25T03:00:00+01:00') });
    expect((autumn?.untilMs ?? 0) - (autumn?.fromMs ?? 0)).toBe(2 * HOUR_MS);
  });

  test('a whole day ends at the next midnight, also where days are short', () => {
    const days = expand({ days: [6, 0], fromHour: 0, untilHour: 24, forDays: 2 }, at('2026-03-29T10:00:00+02:00'), BERLIN);
    expect(days).toEqual([
      { fromMs: at('2026-03-29T00:00:00+01:00'), untilMs: at('2026-03-30T00:00:00+02:00') },
      { fromMs: at('2026-03-30T00:00:00+02:00'), untilMs: at('2026-03-31T00:00:00+02:00') },
    ]);
  });

  test('never more than 92 days from the first moment to the last, and never more than 128 windows', () => {
    const every = { days: [0, 1, 2, 3, 4, 5, 6], fromHour: 0, untilHour: 24, forDays: 92 };
    for (let day = 0; day < 365; day += 5) {
      const windows = expand(every, at('2026-01-01T00:00:00+01:00') + day * 24 * HOUR_MS, BERLIN);
      const span = (windows.at(-1)?.untilMs ?? 0) - (windows[0]?.fromMs ?? 0);
      expect(span).toBeLessThanOrEqual(SPAN_MS_MAX);
      expect(windows.length).toBeGreaterThanOrEqual(91);
      expect(windows.length).toBeLessThanOrEqual(WINDOWS_MAX);
      for (const [index, { fromMs }] of windows.entries()) {
        if (index > 0) expect(fromMs).toBeGreaterThanOrEqual(windows[index - 1]?.untilMs ?? 0);
      }
    }
    // Over the end of summer time 92 whole days are an hour too long.
    expect(expand(every, at('2026-08-20T12:00:00+02:00'), BERLIN)).toHaveLength(91);
    expect(expand(usual, at('2026-11-23T12:00:00+01:00'), BERLIN)).toHaveLength(79);
  });

  test('hours past midnight, no days and more than 92 days are refused', () => {
    expect(refused({ fromHour: 20, untilHour: 8 })).toBe('past_midnight');
    expect(refused({ fromHour: 8, untilHour: 8 })).toBe('past_midnight');
    expect(refused({ fromHour: 8, untilHour: 25 })).toBe('past_midnight');
    expect(refused({ days: [] })).toBe('no_days');
    expect(refused({ days: [6], forDays: 2 })).toBe('no_days');
    expect(refused({ forDays: 93 })).toBe('too_long');
    expect(refused({ forDays: 92 })).toBe(null);
  });
});

describe('windows become weekly hours', () => {
  test('the same that they were made of, over a change of the clock', () => {
    const windows = expand(usual, at('2026-02-01T12:00:00+01:00'), BERLIN);
    expect(weekly(windows, BERLIN)).toEqual([{ days: [0, 1, 2, 3, 4, 5], fromMinute: 480, untilMinute: 1_200 }]);
    const whole = expand({ ...usual, fromHour: 0, untilHour: 24 }, at('2026-02-02T12:00:00+01:00'), BERLIN);
    expect(weekly(whole, BERLIN)).toEqual([{ days: [0, 1, 2, 3, 4, 5], fromMinute: 0, untilMinute: 1_440 }]);
  });

  test('no window lies outside what is told', () => {
    const odd = { fromMs: at('2026-03-15T03:00:00+01:00'), untilMs: at('2026-03-15T04:30:00+01:00') };
    const windows = [...expand({ ...usual, forDays: 3 }, at('2026-03-12T12:00:00+01:00'), BERLIN), odd];
    expect(weekly(windows, BERLIN)).toEqual([
      { days: [3, 4, 5], fromMinute: 480, untilMinute: 1_200 },
      { days: [6], fromMinute: 180, untilMinute: 270 },
    ]);
  });

  test('what goes past midnight, or has many hours, is not told as weekly hours', () => {
    const night = { fromMs: at('2026-03-12T22:00:00+01:00'), untilMs: at('2026-03-13T02:00:00+01:00') };
    expect(weekly([night], BERLIN)).toBe(null);
    const four = [0, 1, 2, 3].map((n) => ({
      fromMs: at('2026-03-12T08:00:00+01:00') + n * 24 * HOUR_MS,
      untilMs: at('2026-03-12T10:00:00+01:00') + n * 25 * HOUR_MS,
    }));
    expect(weekly(four, BERLIN)).toBe(null);
  });
});

test('the days and hours that an announcement touches', () => {
  const over = { fromMs: at('2026-03-14T22:15:00+01:00'), untilMs: at('2026-03-15T02:15:00+01:00') };
  expect(daysOf(over, BERLIN)).toEqual([5, 6]);
  expect(hoursAround(over, BERLIN)).toBe(null);
  const noon = { fromMs: at('2026-03-15T10:59:00+01:00'), untilMs: at('2026-03-15T14:59:00+01:00') };
  expect(daysOf(noon, BERLIN)).toEqual([6]);
  expect(hoursAround(noon, BERLIN)).toEqual({ fromHour: 10, untilHour: 15 });
});

test('a standing permission ends soon in its last two weeks, unless another goes on after it', () => {
  const one = (until: string, over = {}) => ({
    state: 'kept' as const,
    letter: {
      fingerprint: '4816 2309',
      service: 'delivery',
      parcels: null,
      windows: [{ fromMs: 0, untilMs: 1 }, { fromMs: at(until) - HOUR_MS, untilMs: at(until) }],
      ...over,
    },
  });
  const now = at('2026-03-12T12:00:00Z');
  const soon = one('2026-03-26T11:59:00Z');
  expect(endsSoon(soon, [soon], now)).toBe(true);
  expect(endsSoon(one('2026-03-26T12:00:00Z'), [], now)).toBe(false);
  expect(endsSoon(one('2026-03-12T11:00:00Z'), [], now)).toBe(false);
  expect(endsSoon({ ...soon, state: 'revoked' }, [], now)).toBe(false);
  const after = one('2026-06-20T12:00:00Z');
  expect(endsSoon(soon, [soon, after], now)).toBe(false);
  expect(endsSoon(soon, [soon, { ...after, state: 'revoked' }], now)).toBe(true);
  expect(endsSoon(soon, [soon, one('2026-06-20T12:00:00Z', { fingerprint: '2290 6471' })], now)).toBe(true);
});

test('what is usual takes in when the service asks for', () => {
  const sunday = { fromMs: at('2026-03-15T10:59:00+01:00'), untilMs: at('2026-03-15T14:59:00+01:00') };
  expect(usually(sunday, BERLIN)).toMatchObject({ days: [0, 1, 2, 3, 4, 5, 6], fromHour: 8, untilHour: 20, forDays: 92, perDay: 1 });
  const late = { fromMs: at('2026-03-13T19:00:00+01:00'), untilMs: at('2026-03-13T23:00:00+01:00') };
  expect(usually(late, BERLIN)).toMatchObject({ days: [0, 1, 2, 3, 4, 5], fromHour: 19, untilHour: 23 });
});

test('a permission goes on with the terms that it had', () => {
  const had: Weekly = { days: [1, 6], fromHour: 9, untilHour: 24, forDays: 30 };
  const windows = expand(had, at('2026-03-12T11:00:00+01:00'), BERLIN);
  const letter = { windows, usesPerWindow: 2, doorOpenS: 90, occupied: 'refuse' as const, noticeS: 0 };
  expect(sameAgain(letter, BERLIN)).toEqual({ ...had, perDay: 2, doorOpenS: 90, occupied: 'refuse', noticeS: 0 });
  const quarter = { ...letter, windows: expand({ ...had, forDays: 92 }, at('2026-03-12T11:00:00+01:00'), BERLIN) };
  expect(sameAgain(quarter, BERLIN).forDays).toBe(92);
});
