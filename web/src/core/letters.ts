/** Letters through the cloud's letterboxes: see `crates/letterbox`. */
import { stranger, said } from './cloud.ts';
import { Trouble } from './trouble.ts';

/** How long the cloud holds a question open, s. */
const WAIT_S = 20;
const AGAIN_MS = 2_000;

type Slot = 'request' | 'reply';

export async function post(id: string, slot: Slot, letter: string): Promise<void> {
  await said(
    stranger.PUT('/v1/letterboxes/{id}/{slot}', { params: { path: { id, slot } }, body: { letter } }),
  );
}

/** The letter that lies in the box now, if one does. */
export async function look(id: string, slot: Slot): Promise<string | null> {
  const found = await said(stranger.GET('/v1/letterboxes/{id}/{slot}', { params: { path: { id, slot } } }));
  return found?.letter ?? null;
}

/** Waits until a letter lies in the box. */
export async function wait(id: string, slot: Slot, signal: AbortSignal): Promise<string> {
  for (;;) {
    signal.throwIfAborted();
    try {
      const params = { path: { id, slot }, query: { wait_s: WAIT_S } };
      const found = await said(stranger.GET('/v1/letterboxes/{id}/{slot}', { params, signal }));
      if (found) return found.letter;
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      const code = thrown instanceof Trouble ? thrown.code : '';
      if (code === 'offline') await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      else throw thrown;
    }
  }
}
