/** What becomes of recordings afterwards, for the screens. A recording has the name of its visit. */

export interface Recording {
  visit: string;
  beganMs: number;
  /** `running`: not complete yet. */
  state: 'running' | 'kept' | 'held' | 'deleted';
  /** When it is deleted; null: it was. */
  deletesMs: number | null;
  /** Who keeps it for a claim, since when, and until when at most. */
  held: { by: Who; sinceMs: number; untilMs: number } | null;
  /** Who deleted it and when; `by` is null if its time was over, after so many hours. */
  deleted: { atMs: number; by: Who | null; afterH: number | null } | null;
}

/** A device by this home's own list; null: not on it now. */
export type Who = { name: string | null; fingerprint: string };

export interface Recorded {
  /** Hours, and who chose them; null: nobody did. */
  hours: number;
  setBy: Who | null;
  /** Newest first. */
  recordings: Recording[];
}

export interface Recordings {
  all(): Promise<Recorded>;
  /** Null: this visit was not recorded. */
  of(visit: string): Promise<Recording | null>;
  /** Needs an owner's passkey. Counts for what is there, too. */
  keepFor(hours: number): Promise<void>;
  /** For a claim: it stays until it is released. */
  hold(visit: string): Promise<void>;
  /** Needs an owner's passkey. */
  release(visit: string): Promise<void>;
  /** Needs an owner's passkey. */
  remove(visit: string): Promise<void>;
  /** Everything that proves a delivery, as a zip that `vestibule verify` takes. */
  folder(visit: string, progress: (done: number) => void, signal: AbortSignal): Promise<Blob>;
  /** Needs an owner's passkey. The link; its secret is kept nowhere. */
  share(visit: string, hours: ShareHours): Promise<string>;
  shares(visit?: string): Promise<SharedLink[]>;
  withdraw(share: string): Promise<void>;
}

/** A link to one recording. */
export interface SharedLink {
  share: string;
  visit: string;
  by: Who;
  madeMs: number;
  untilMs: number;
  withdrawnMs: number | null;
  /** It shows the recording now. */
  counts: boolean;
}

export const SHARE_HOURS = [1, 24, 168] as const;
export type ShareHours = (typeof SHARE_HOURS)[number];

/** Hours that can be chosen. */
export const HOURS = [1, 24, 48, 72, 168, 336, 744];

const HOUR_MS = 3_600_000;

/** Those that would be deleted soon if recordings were kept for so many hours. */
export function overdue({ hours, recordings }: Recorded, wished: number, nowMs: number): Recording[] {
  const shorterMs = (hours - wished) * HOUR_MS;
  return recordings.filter(({ state, deletesMs }) => state === 'kept' && deletesMs !== null && deletesMs - shorterMs <= nowMs);
}
