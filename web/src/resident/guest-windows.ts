/**
 * When a guest may come: what a person chooses by the clock on their wall, as the windows that are signed. Pure; local times
 * are those of this device's time zone, with its summer time.
 */
import { SPAN_MS_MAX, weekday, type Span } from './span.ts';

/** Days as `YYYY-MM-DD`, times as `HH:MM`. A time until which is not after the one from which is on the next day. */
export type When =
  | { how: 'once'; day: string; from: string; until: string }
  | { how: 'daily'; first: string; last: string; from: string; until: string }
  /** 0 is Monday. */
  | { how: 'weekly'; weekdays: number[]; first: string; last: string; from: string; until: string };

/** Why no windows follow: something is not filled in, all of it is over, or it is too long a time. */
export type Wrong = 'incomplete' | 'over' | 'too_long';

/** More days are not counted out: longer than any permission. */
const DAYS_MAX = 400;

/** The windows of a wish, ascending, those left out that ended already. */
export function windowsOf(when: When, nowMs: number): Span[] | Wrong {
  const first = dayOf(when.how === 'once' ? when.day : when.first);
  const last = dayOf(when.how === 'once' ? when.day : when.last);
  const from = timeOf(when.from);
  const until = timeOf(when.until);
  if (!first || !last || !from || !until) return 'incomplete';
  if (when.how === 'weekly' && when.weekdays.length === 0) return 'incomplete';
  // Midnight to midnight is a day; anything else that is not after its beginning ends on the day after.
  const over = minutes(until) <= minutes(from) ? 1 : 0;
  const windows: Span[] = [];
  for (let n = 0; n <= DAYS_MAX; n += 1) {
    const day = at(first, n, [0, 0]);
    if (day > at(last, 0, [0, 0])) break;
    if (when.how === 'weekly' && !when.weekdays.includes(weekdayOf(first, n))) continue;
    const span = { fromMs: at(first, n, from), untilMs: at(first, n + over, until) };
    // An hour that the change to summer time leaves out is no time to come in.
    if (span.untilMs > span.fromMs && span.untilMs > nowMs) windows.push(span);
  }
  const [begin, end] = [windows[0], windows.at(-1)];
  if (!begin || !end) return 'over';
  // One a day at most, so that they are fewer than a permission may name.
  return end.untilMs - begin.fromMs > SPAN_MS_MAX ? 'too_long' : windows;
}

/** The window that is open now, or the next one. Null: there is none any more. */
export function nextOf(windows: Span[], nowMs: number): Span | null {
  return windows.find(({ untilMs }) => untilMs > nowMs) ?? null;
}

/** `YYYY-MM-DD` of a moment, here. */
export function dayText(ms: number): string {
  const day = new Date(ms);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${day.getFullYear()}-${two(day.getMonth() + 1)}-${two(day.getDate())}`;
}

type Day = [year: number, month: number, day: number];
type Time = [hour: number, minute: number];

function weekdayOf([year, month, day]: Day, later: number): number {
  return weekday(Date.UTC(year, month, day + later));
}

function dayOf(text: string): Day | null {
  const found = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (!found) return null;
  const day: Day = [Number(found[1]), Number(found[2]) - 1, Number(found[3])];
  // The 31st of February is no day, though `Date` would take it.
  return dayText(at(day, 0, [12, 0])) === text ? day : null;
}

function timeOf(text: string): Time | null {
  const found = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text);
  return found ? [Number(found[1]), Number(found[2])] : null;
}

function minutes([hour, minute]: Time): number {
  return hour * 60 + minute;
}

/** A time on the clock, some days later: days have 23 to 25 hours, so that they are counted and not added up. */
function at([year, month, day]: Day, later: number, [hour, minute]: Time): number {
  return new Date(year, month, day + later, hour, minute).getTime();
}
