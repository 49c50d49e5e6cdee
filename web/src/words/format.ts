/** Numbers, times and spans of time, as people of a language write them. */

export type Tag = 'de' | 'en';

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

interface Span {
  fromMs: number;
  untilMs: number;
}

export interface Format {
  number(value: number): string;
  /** `10:42`. */
  time(ms: number): string;
  /** `10:42:07`. */
  seconds(ms: number): string;
  /** `heute`, `morgen`, `Mo., 23. Nov.`: in the middle of a sentence. */
  day(ms: number): string;
  /** The same at its beginning. */
  Day(ms: number): string;
  /** `1. März`, and the year if it is another. */
  date(ms: number): string;
  /** `heute, 10:42`. */
  moment(ms: number): string;
  /** `4 s`, `3 min`, `2 Std.`. */
  span(ms: number): string;
  /** `0,3 s`. */
  tenths(ms: number): string;
  /** `1:07`, a place in a recording. */
  place(ms: number): string;
  /** `10–14 Uhr`. */
  hours(span: Span): string;
  /** `Heute 10–14 Uhr`, `Heute 22–2 Uhr`; of a day and more, both days. */
  window(span: Span): string;
  list(items: string[]): string;
  /** `Mo–Sa`, `Mo, Mi und Fr`: 0 is Monday. */
  days(days: number[]): string;
  /** `Mo`. */
  dayName(day: number): string;
  /** `8–20 Uhr`, from minutes since midnight. */
  clockHours(fromMinute: number, untilMinute: number): string;
}

function startOfDay(ms: number): number {
  return new Date(ms).setHours(0, 0, 0, 0);
}

function isWhole(ms: number): boolean {
  return new Date(ms).getMinutes() === 0;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

export function format(tag: Tag): Format {
  const locale = tag === 'de' ? 'de-DE' : 'en-GB';
  const clock = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit' });
  const clockSeconds = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  const weekday = new Intl.DateTimeFormat(locale, { weekday: 'short', day: 'numeric', month: 'short' });
  const dayOfYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long' });
  const dayOfAnyYear = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric' });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' });
  const plain = new Intl.NumberFormat(locale);
  const oneTenth = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const and = new Intl.ListFormat(locale, { type: 'conjunction' });

  const name = new Intl.DateTimeFormat(locale, { weekday: 'short', timeZone: 'UTC' });
  // The first of January 2024 was a Monday.
  const dayName = (day: number): string => name.format(Date.UTC(2024, 0, 1 + day));
  const days = (list: number[]): string => {
    const runs: number[][] = [];
    for (const day of list) {
      const run = runs.at(-1);
      if (run && run.at(-1) === day - 1) run.push(day);
      else runs.push([day]);
    }
    const told = runs.flatMap((run) =>
      run.length > 2 ? [`${dayName(run[0] ?? 0)}–${dayName(run.at(-1) ?? 0)}`] : run.map(dayName),
    );
    return and.format(told);
  };
  const minutes = (of: number): string =>
    `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`;
  const clockHours = (fromMinute: number, untilMinute: number): string => {
    const short = fromMinute % 60 === 0 && untilMinute % 60 === 0;
    const text = short ? `${fromMinute / 60}–${untilMinute / 60}` : `${minutes(fromMinute)}–${minutes(untilMinute)}`;
    return tag === 'de' ? `${text} Uhr` : text;
  };

  const day = (ms: number): string => {
    const days = Math.round((startOfDay(ms) - startOfDay(Date.now())) / (24 * HOUR_MS));
    return Math.abs(days) <= 1 ? relative.format(days, 'day') : weekday.format(ms);
  };
  const bare = (ms: number): string => (isWhole(ms) ? String(new Date(ms).getHours()) : clock.format(ms));
  const hours = ({ fromMs, untilMs }: Span): string => {
    const short = isWhole(fromMs) && isWhole(untilMs);
    const text = short ? `${bare(fromMs)}–${bare(untilMs)}` : `${clock.format(fromMs)}–${clock.format(untilMs)}`;
    return tag === 'de' ? `${text} Uhr` : text;
  };

  return {
    number: (value) => plain.format(value),
    time: (ms) => clock.format(ms),
    seconds: (ms) => clockSeconds.format(ms),
    day,
    Day: (ms) => capital(day(ms)),
    date: (ms) =>
      new Date(ms).getFullYear() === new Date().getFullYear() ? dayOfYear.format(ms) : dayOfAnyYear.format(ms),
    moment: (ms) => `${capital(day(ms))}, ${clock.format(ms)}`,
    span: (ms) => {
      if (ms < 100 * SECOND_MS) return `${plain.format(Math.max(0, Math.floor(ms / SECOND_MS)))} s`;
      if (ms < 100 * MINUTE_MS) return `${plain.format(Math.floor(ms / MINUTE_MS))} min`;
      return `${plain.format(Math.floor(ms / HOUR_MS))} h`;
    },
    tenths: (ms) => `${oneTenth.format(Math.max(0, ms) / SECOND_MS)} s`,
    place: (ms) => {
      const all = Math.max(0, Math.floor(ms / SECOND_MS));
      return `${Math.floor(all / 60)}:${String(all % 60).padStart(2, '0')}`;
    },
    hours,
    // A night needs no second day: 22–2 is understood.
    window: (span) =>
      span.untilMs - span.fromMs < 24 * HOUR_MS || startOfDay(span.fromMs) === startOfDay(span.untilMs - 1)
        ? `${capital(day(span.fromMs))} ${hours(span)}`
        : `${capital(day(span.fromMs))}, ${clock.format(span.fromMs)} – ${day(span.untilMs)}, ${clock.format(span.untilMs)}`,
    list: (items) => and.format(items),
    days,
    dayName,
    clockHours,
  };
}
