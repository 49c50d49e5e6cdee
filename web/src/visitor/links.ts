/** What a link into this page asks for. Everything stands after the `#`, so no server reads it. */
import { stickerOf } from '../scan/labels.ts';

export type Link =
  | { to: 'stop'; id: string }
  | { to: 'door'; tag: string }
  | { to: 'enrol'; secret: string }
  | { to: 'guest'; secret: string; untilMs: number }
  | null;

/** `#/v/<stop>` opens a stop, `#/door/<32 hex>` is the door's sticker, `#/enrol/<secret>` is a service's link,
 * `#/guest/<secret>.<s>` a resident's, which ends at that second since 1970, to the base of 36. */
export function linkOf(hash: string): Link {
  const found = /^#\/(v|door|enrol|guest)\/([A-Za-z0-9._~-]{1,256})$/.exec(hash);
  const word = found?.[2];
  if (!word) return null;
  if (found[1] === 'v') return { to: 'stop', id: word };
  if (found[1] === 'enrol') return { to: 'enrol', secret: word };
  if (found[1] === 'guest') {
    const [secret, until] = word.split('.');
    const untilMs = Number.parseInt(until ?? '', 36) * 1_000;
    return secret && Number.isFinite(untilMs) ? { to: 'guest', secret, untilMs } : null;
  }
  const tag = stickerOf(word);
  return tag === null ? null : { to: 'door', tag };
}
