/**
 * Always, on these terms: weekly hours become explicit windows, for a signature names moments and no rules; and windows
 * become weekly hours again, for people to read. Pure: time and zone are arguments.
 */

import { counts } from './counting.ts';
import type { Permission } from './model.ts';
import { SPAN_MS_MAX, WINDOWS_MAX, weekday, type Span } from './span.ts';

/** Weekly hours by the wall clock of one place. */
export interface Weekly {
  /** 0 is Monday, 6 is Sunday; ascending. */
  days: number[];
  /** Full hours: 0 to 23. */
  fromHour: number;
  /** Full hours: 1 to 24, on the same day. */
  untilHour: number;
  /** Days from the first, 1 to 92. */
  forDays: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Why hours make no permission. */
export class NoHours extends Error {
  constructor(readonly code: 'no_days' | 'past_midnight' | 'too_long') {
    super(code);
  }
}

/** Made once for each zone: to make one takes longer than all it then does. */
const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const made = clocks.get(zone);
  if (made) return made;
  const clock = new Intl.DateTimeFormat('en-u-nu-latn', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  clocks.set(zone, clock);
  return clock;
}

/** What a wall clock in a zone shows, as if that were UTC. ms */
function wall(ms: number, zone: string): number {
  const parts = clockOf(zone).formatToParts(ms);
  const of = (type: string): number => Number(parts.find((part) => part.type === type)?.value);
  return Date.UTC(of('year'), of('month') - 1, of('day'), of('hour'), of('minute'), of('second'));
}

/**
 * When a wall clock shows this. What it skips in spring is when it has skipped; what it shows twice in autumn is the first
 * time. ms
 */
function moment(shown: number, zone: string): number {
  const offset = (ms: number): number => wall(ms, zone) - ms;
  // Clocks are put forward or back at most once within two days.
  const [before, after] = [offset(shown - DAY_MS), offset(shown + DAY_MS)];
  const isShown = (ms: number): boolean => wall(ms, zone) === shown;
  return !isShown(shown - before) && isShown(shown - after) ? shown - after : shown - before;
}

/**
 * The windows of weekly hours, from a moment on: those that are not over then, for so many days. A window that has begun is
 * whole, as the hours say. Throws `NoHours`.
 */
export function expand({ days, fromHour, untilHour, forDays }: Weekly, startMs: number, zone: string): Span[] {
  if (days.length === 0) throw new NoHours('no_days');
  if (!(fromHour >= 0 && fromHour < untilHour && untilHour <= 24)) throw new NoHours('past_midnight');
  if (!(forDays >= 1 && forDays * DAY_MS <= SPAN_MS_MAX)) throw new NoHours('too_long');
  const today = Math.floor(wall(startMs, zone) / DAY_MS) * DAY_MS;
  const windows: Span[] = [];
  for (let day = 0; day < forDays; day += 1) {
    const shown = today + day * DAY_MS;
    if (!days.includes(weekday(shown))) continue;
    const at = (hour: number): number => moment(shown + hour * 60 * MINUTE_MS, zone);
    const one = { fromMs: at(fromHour), untilMs: at(untilHour) };
    // An hour that the clock skips is none.
    if (one.untilMs <= startMs || one.untilMs <= one.fromMs) continue;
    const first = windows[0] ?? one;
    // An autumn has an hour more: then the last day is left out.
    if (one.untilMs - first.fromMs > SPAN_MS_MAX || windows.length >= WINDOWS_MAX) break;
    windows.push(one);
  }
  if (windows.length === 0) throw new NoHours('no_days');
  return windows;
}

/** The same hours on some weekdays; minutes since midnight. */
export interface Hours {
  days: number[];
  fromMinute: number;
  untilMinute: number;
}

/**
 * Windows as weekly hours: each window lies on one of the days, within its hours. Null: they make no few such hours, and
 * must be told otherwise.
 */
export function weekly(windows: Span[], zone: string): Hours[] | null {
  const found: Hours[] = [];
  for (const { fromMs, untilMs } of windows) {
    const [from, until] = [wall(fromMs, zone), wall(untilMs, zone)];
    const midnight = Math.floor(from / DAY_MS) * DAY_MS;
    const fromMinute = (from - midnight) / MINUTE_MS;
    const untilMinute = (until - midnight) / MINUTE_MS;
    if (untilMinute <= fromMinute || untilMinute > 24 * 60) return null;
    const same = found.find((one) => one.fromMinute === fromMinute && one.untilMinute === untilMinute);
    const day = weekday(from);
    if (!same) found.push({ days: [day], fromMinute, untilMinute });
    else if (!same.days.includes(day)) same.days.push(day);
  }
  for (const { days } of found) days.sort((a, b) => a - b);
  return found.length <= 3 ? found : null;
}

/** The weekdays that a stretch of time touches. */
export function daysOf({ fromMs, untilMs }: Span, zone: string): number[] {
  const days = new Set<number>();
  for (let day = Math.floor(wall(fromMs, zone) / DAY_MS); day * DAY_MS < wall(untilMs, zone) && days.size < 7; day += 1) {
    days.add(weekday(day * DAY_MS));
  }
  return [...days].sort((a, b) => a - b);
}

/** The full hours around a stretch of time within one day; null if it is not within one. */
export function hoursAround({ fromMs, untilMs }: Span, zone: string): { fromHour: number; untilHour: number } | null {
  const [from, until] = [wall(fromMs, zone), wall(untilMs, zone)];
  const midnight = Math.floor(from / DAY_MS) * DAY_MS;
  const fromHour = Math.floor((from - midnight) / (60 * MINUTE_MS));
  const untilHour = Math.ceil((until - midnight) / (60 * MINUTE_MS));
  return untilHour <= 24 ? { fromHour, untilHour } : null;
}

/** What a person decides about a permission that stands. */
interface Wishes extends Weekly {
  perDay: number;
  doorOpenS: number;
  occupied: 'ask' | 'refuse' | 'allow';
  noticeS: number;
}

/** What is usual: Monday to Saturday from 8 to 20, and when the service asks for. */
export function usually(asked: Span | null, zone: string): Wishes {
  const wanted = asked ? daysOf(asked, zone) : [];
  const around = asked && hoursAround(asked, zone);
  const hours = around && (around.fromHour < 8 || around.untilHour > 20) ? around : { fromHour: 8, untilHour: 20 };
  const days = [0, 1, 2, 3, 4, 5, 6].filter((day) => day < 6 || wanted.includes(day));
  return { days, ...hours, forDays: 92, perDay: 1, doorOpenS: 60, occupied: 'ask', noticeS: 900 };
}

/** The terms of a permission that goes on; what was not signed as weekly hours becomes what is usual. */
export function sameAgain(
  letter: Omit<Wishes, keyof Weekly | 'perDay'> & { windows: Span[]; usesPerWindow: number },
  zone: string,
): Wishes {
  const { windows, usesPerWindow: perDay, doorOpenS, occupied, noticeS } = letter;
  const [hours, ...others] = weekly(windows, zone) ?? [];
  const kept = usually(null, zone);
  const whole = hours && others.length === 0 && hours.fromMinute % 60 === 0 && hours.untilMinute % 60 === 0;
  const same = whole ? { days: hours.days, fromHour: hours.fromMinute / 60, untilHour: hours.untilMinute / 60 } : kept;
  const spanMs = (windows.at(-1)?.untilMs ?? 0) - (windows[0]?.fromMs ?? 0);
  return { ...kept, ...same, forDays: spanMs > 31 * DAY_MS ? 92 : 30, perDay, doorOpenS, occupied, noticeS };
}

/** How long before its end a permission is to be renewed, ms. */
const ENDS_SOON_MS = 14 * DAY_MS;

interface Standing {
  letter: { fingerprint: string; service: string | null; parcels: number | null; windows: Span[] };
  state: Permission['state'];
}

/** A permission for whatever a service brings, on several days. */
export function isStanding({ letter }: Standing): boolean {
  return letter.service !== null && letter.parcels === null && letter.windows.length > 1;
}

function endOf({ letter }: Standing): number {
  return letter.windows.at(-1)?.untilMs ?? 0;
}

/** A standing permission that counts, ends soon, and that no other of its service goes on after. */
export function endsSoon(one: Standing, all: Standing[], nowMs: number): boolean {
  const goesOn = (other: Standing): boolean =>
    counts(other) &&
    isStanding(other) &&
    other.letter.fingerprint === one.letter.fingerprint &&
    other.letter.service === one.letter.service &&
    endOf(other) > endOf(one);
  return counts(one) && isStanding(one) && endOf(one) - nowMs < ENDS_SOON_MS && endOf(one) > nowMs && !all.some(goesOn);
}

/** The zone of this device's clock. */
export function zoneHere(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
