/** What may still be said of the door: its word counts for a minute, then we do not know. */
import { clock } from '../parts/clock.svelte.ts';
import type { DoorNow, DoorShape } from './model.ts';

const FRESH_MS = 60_000;

export interface SeenDoor {
  shape: DoorShape;
  /** Age of the door's own word, ms; null: none that still counts. */
  ageMs: number | null;
  /** Null: not known. */
  nobodyCanOpen: boolean | null;
  blocked: boolean;
}

/** Reads the ticking clock: call it from a derived value. */
export function seenDoor(door: DoorNow): SeenDoor {
  const age = door.checkedMs === null ? null : Math.max(0, clock.now - door.checkedMs);
  if (age === null || age > FRESH_MS || door.shape === 'unknown') {
    return { shape: 'unknown', ageMs: null, nobodyCanOpen: null, blocked: door.blocked };
  }
  return { shape: door.shape, ageMs: age, nobodyCanOpen: door.nobodyCanOpen, blocked: door.blocked };
}
