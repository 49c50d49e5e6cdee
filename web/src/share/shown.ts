/** A recording that somebody shared, for whoever holds the link: no key, no account. Checked and opened here. */
import { bytes, said, stranger } from '../core/cloud.ts';
import { loadCore } from '../core/core.ts';
import type { Clip } from '../resident/model.ts';

export interface Offer {
  /** What the maker's device is called, in the maker's words. */
  by: string;
  /** When the cloud stops showing it. */
  untilMs: number;
  open(progress: (done: number) => void): Promise<Clip>;
}

/** The secret is in the address behind the `#`, and is taken out of it at once: addresses are remembered and synced. */
export function secretHere(): string | null {
  const secret = location.hash.slice(1);
  if (secret) history.replaceState(null, '', location.pathname);
  return secret || null;
}

export async function offered(secret: string): Promise<Offer> {
  const core = await loadCore();
  const link = new core.ShareLink(secret);
  const share = link.number;
  const found = await said(stranger.GET('/v1/shares/{share}', { params: { path: { share } } }));
  const { by } = link.open(found.sealed);
  return {
    by,
    untilMs: found.until_ms,
    open: async (progress) => {
      const clip = link.open(found.sealed);
      for (const [place, { part, header }] of found.parts.entries()) {
        const params = { path: { share, part } };
        const index = await said(stranger.GET('/v1/shares/{share}/parts/{part}/index', { params }));
        const sealed = new Uint8Array(index.bytes);
        for (let at = 0; at < index.bytes; ) {
          const step = await bytes(`/v1/shares/${share}/parts/${part}/chunks`, at, index.bytes);
          sealed.set(step, at);
          at += step.length;
          progress((place + at / index.bytes) / found.parts.length);
        }
        clip.part(header, sealed, Uint32Array.from(index.chunks, (chunk) => chunk.length));
      }
      const made = clip.finish(found.manifest);
      const { beganMs, durationMs, gaps } = made.about();
      const url = URL.createObjectURL(new Blob([new Uint8Array(made.mp4())], { type: 'video/mp4' }));
      made.free();
      // What happened at the door, the door's log says: it was not shared.
      return { url, beganMs, durationMs, gaps, moments: [] };
    },
  };
}
