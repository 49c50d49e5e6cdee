/** Recordings of homes that nobody lives in. Never part of the shipped page. */
import type { Recorded, Recording, Recordings, SharedLink } from './recorded.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

function phone(): string {
  return document.documentElement.lang === 'de' ? 'Telefon' : 'phone';
}

function recording(visit: string, agoMs: number, over: Partial<Recording> = {}): Recording {
  const beganMs = Date.now() - agoMs;
  return { visit, beganMs, state: 'kept', deletesMs: beganMs + 72 * HOUR, held: null, deleted: null, ...over };
}

function held(visit: string, agoMs: number): Recording {
  const by = { name: phone(), fingerprint: '7305 1184' };
  const untilMs = Date.now() - agoMs + 92 * DAY;
  return recording(visit, agoMs, { state: 'held', deletesMs: untilMs, held: { by, sinceMs: Date.now() - 2 * HOUR, untilMs } });
}

function gone(visit: string, agoMs: number, isByHand: boolean): Recording {
  const by = isByHand ? { name: null, fingerprint: '88d0 17fa' } : null;
  const deleted = { atMs: Date.now() - agoMs + 72 * HOUR, by, afterH: isByHand ? null : 72 };
  return recording(visit, agoMs, { state: 'deleted', deletesMs: null, deleted });
}

/** What `of` answers for each visit, and the list. */
export function recordings(over: { of?: Recording | null; recorded?: Recorded } & Partial<Pick<Recordings, 'folder' | 'shares'>> = {}): Recordings {
  const listed = [
    recording('v1', 3 * HOUR),
    held('v2', 30 * HOUR),
    gone('v4', 4 * DAY, false),
    gone('v5', 6 * DAY, true),
  ];
  return {
    all: async () => over.recorded ?? { hours: 72, setBy: { name: phone(), fingerprint: '7305 1184' }, recordings: listed },
    of: async (visit) => (over.of !== undefined ? over.of : (listed.find((one) => one.visit === visit) ?? recording(visit, 3 * HOUR))),
    keepFor: async (hours) => ({ hours, setBy: { name: phone(), fingerprint: '7305 1184' } }),
    hold: async () => heldOne(),
    release: async (visit) => recording(visit, 3 * HOUR),
    remove: async () => deletedOne(),
    share: async () => ({ share: 'c', link: 'https://vestibule.example/s/#Zk3mP9xQ7tLw2vNc8RyB4s' }),
    shares: over.shares ?? (async () => []),
    withdraw: async () => {},
    folder: over.folder ?? (async () => new Blob()),
  };
}

export const heldOne = (): Recording => held('v1', 30 * HOUR);
export const expiredOne = (): Recording => gone('v1', 4 * DAY, false);
export const deletedOne = (): Recording => gone('v1', 4 * DAY, true);

export function links(): SharedLink[] {
  const by = { name: phone(), fingerprint: '7305 1184' };
  const link = { share: 'a', visit: 'v1', by, untilMs: Date.now() + 23 * HOUR, counts: true };
  return [link, { ...link, share: 'b', untilMs: Date.now() + 5 * DAY }];
}
