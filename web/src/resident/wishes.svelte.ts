/** What somebody is about to choose: of what a device is told, and in which hours of alarms alone. */
import { clockOf, minuteOf, type Hours } from './hours.ts';

/** Kinds of the cloud, as people choose them. */
export const CHOICES = [
  { name: 'asks', kinds: ['announced'] },
  { name: 'near', kinds: ['stops_away'] },
  { name: 'atDoor', kinds: ['rang', 'arriving'] },
  { name: 'opened', kinds: ['opened'] },
  { name: 'done', kinds: ['secured'] },
  { name: 'refused', kinds: ['refused', 'missed'] },
  { name: 'wrong', kinds: ['alarm', 'incident'] },
  { name: 'looked', kinds: ['looked'] },
  { name: 'blocked', kinds: ['revocation_confirmed'] },
  { name: 'expires', kinds: ['clip_expires'] },
] as const;
/** Whoever has not chosen yet. */
const FIRST = ['announced', 'stops_away', 'rang', 'arriving', 'secured', 'refused', 'missed', 'looked', 'alarm', 'incident', 'clip_expires'];
const NIGHT: Hours = { fromMin: 22 * 60, untilMin: 7 * 60 };

/** As the cloud keeps them: null if it keeps nothing. */
export interface KeptWishes {
  kinds: string[] | null;
  quiet: Hours | null;
}

export class Wishes {
  chosen = $state<string[]>([]);
  isQuiet = $state(false);
  /** As a field for a time holds it. */
  from = $state('');
  until = $state('');

  /** Null while they are no hours. */
  readonly hours = $derived.by((): Hours | null => {
    const [fromMin, untilMin] = [minuteOf(this.from), minuteOf(this.until)];
    return fromMin === null || untilMin === null || fromMin === untilMin ? null : { fromMin, untilMin };
  });
  /** They can be kept as they are. */
  readonly isWhole = $derived(this.chosen.length > 0 && (!this.isQuiet || this.hours !== null));

  take(kept: KeptWishes): void {
    this.chosen = [...(kept.kinds ?? FIRST)];
    this.isQuiet = kept.quiet !== null;
    this.from = clockOf((kept.quiet ?? NIGHT).fromMin);
    this.until = clockOf((kept.quiet ?? NIGHT).untilMin);
  }

  has(kinds: readonly string[]): boolean {
    return kinds.every((kind) => this.chosen.includes(kind));
  }

  choose(kinds: readonly string[], isOn: boolean): void {
    const rest = this.chosen.filter((kind) => !kinds.includes(kind));
    this.chosen = isOn ? [...rest, ...kinds] : rest;
  }

  now(): { kinds: string[]; quiet: Hours | null } {
    return { kinds: [...this.chosen], quiet: this.isQuiet ? this.hours : null };
  }

  differ(kept: KeptWishes): boolean {
    const { kinds, quiet } = this.now();
    const isSame = quiet?.fromMin === kept.quiet?.fromMin && quiet?.untilMin === kept.quiet?.untilMin;
    return !isSame || kinds.sort().join() !== [...(kept.kinds ?? [])].sort().join();
  }
}
