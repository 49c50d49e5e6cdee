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

/** For how many hours recordings are kept, and who chose that; null: nobody did. */
export interface Kept {
  hours: number;
  setBy: Who | null;
}

export interface Recorded extends Kept {
  /** Newest first. */
  recordings: Recording[];
}

export interface Recordings {
  all(): Promise<Recorded>;
  /** Null: this visit was not recorded. */
  of(visit: string): Promise<Recording | null>;
  /** Needs an owner's passkey. Counts for what is there, too: when each is deleted is to be asked anew. */
  keepFor(hours: number): Promise<Kept>;
  /** For a claim: it stays until it is released. Answers what it is now, as do the next two. */
  hold(visit: string): Promise<Recording>;
  /** Needs an owner's passkey. */
  release(visit: string): Promise<Recording>;
  /** Needs an owner's passkey. */
  remove(recording: Recording): Promise<Recording>;
  /** Everything that proves a delivery, as a zip that `vestibule verify` takes. */
  folder(visit: string, progress: (done: number) => void, signal: AbortSignal): Promise<Blob>;
  /** Needs an owner's passkey. */
  share(visit: string, hours: ShareHours): Promise<NewLink>;
  shares(visit?: string): Promise<SharedLink[]>;
  withdraw(share: string): Promise<void>;
}

/** A link that was just made; its secret is kept nowhere. */
export interface NewLink {
  share: string;
  link: string;
}

/** A link to one recording. */
export interface SharedLink {
  share: string;
  visit: string;
  by: Who;
  untilMs: number;
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
