/** Quiet hours: minutes of the day where the person is, and in UTC, as a cloud keeps them. */

/** From a minute of the day (0 to 1439) until another; they may go over midnight. */
export interface Hours {
  fromMin: number;
  untilMin: number;
}

const DAY_MIN = 24 * 60;

/** As a cloud keeps them. */
export interface HoursUtc {
  from_min: number;
  until_min: number;
}

/** Their distance changes, in summer or on a journey: what was chosen is kept in local time, and said anew. */
export function toUtc(quiet: Hours | null): HoursUtc | null {
  if (!quiet) return null;
  const { fromMin, untilMin } = shifted(quiet, new Date().getTimezoneOffset());
  return { from_min: fromMin, until_min: untilMin };
}

export function toLocal(quiet: HoursUtc | null | undefined): Hours | null {
  return quiet ? shifted({ fromMin: quiet.from_min, untilMin: quiet.until_min }, -new Date().getTimezoneOffset()) : null;
}

export function sameHours(one: HoursUtc | null | undefined, other: HoursUtc | null | undefined): boolean {
  return one?.from_min === other?.from_min && one?.until_min === other?.until_min;
}

/** By minutes to add to each, as `Date.getTimezoneOffset` gives them from here to UTC. */
export function shifted({ fromMin, untilMin }: Hours, byMin: number): Hours {
  const turn = (minute: number): number => (((minute + byMin) % DAY_MIN) + DAY_MIN) % DAY_MIN;
  return { fromMin: turn(fromMin), untilMin: turn(untilMin) };
}

/** `22:05`, as fields for a time take it. */
export function clockOf(minute: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

/** Null if it is no time, as while somebody writes one. */
export function minuteOf(clock: string): number | null {
  const [, hours, minutes] = /^(\d{2}):(\d{2})/.exec(clock) ?? [];
  return hours === undefined || minutes === undefined ? null : Number(hours) * 60 + Number(minutes);
}
