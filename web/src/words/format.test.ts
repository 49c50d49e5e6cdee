import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { format } from './format';

const at = (day: number, hour: number, minute = 0): number => new Date(2026, 10, day, hour, minute).getTime();

describe('when one may come', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    vi.setSystemTime(at(27, 9));
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it.each([
    [at(28, 10), at(28, 14), 'Morgen 10–14 Uhr', 'Tomorrow 10–14'],
    [at(28, 21), at(29, 1), 'Morgen 21–1 Uhr', 'Tomorrow 21–1'],
    [at(27, 22, 30), at(28, 0), 'Heute 22:30–00:00 Uhr', 'Today 22:30–00:00'],
    [at(27, 10), at(28, 10), 'Heute, 10:00 – morgen, 10:00', 'Today, 10:00 – tomorrow, 10:00'],
  ])('names a second day only after a day', (fromMs, untilMs, de, en) => {
    expect(format('de').window({ fromMs, untilMs })).toBe(de);
    expect(format('en').window({ fromMs, untilMs })).toBe(en);
  });
});
