/** Alarms that the door's own log has raised and not taken back. */

export interface Alarm {
  code: string;
  atMs: number;
  /** Of the event in the door log. */
  counter: number;
}

/** An event of the log, as far as it is about alarms. */
interface Event {
  what: string;
  code?: string | null | undefined;
  atMs: number;
  counter: number;
}

/** What stands after one more event; the oldest first, each kind once. A box that starts says anew what is so. */
export function after(alarms: Alarm[], { what, code, atMs, counter }: Event): Alarm[] {
  if (what === 'booted') return [];
  if (!code || (what !== 'alarm' && what !== 'alarm_over')) return alarms;
  const others = alarms.filter((one) => one.code !== code);
  return what === 'alarm' ? [...others, { code, atMs, counter }] : others;
}
