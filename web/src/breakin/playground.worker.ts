/** The home to break into, away from the page's thread: its keys and signatures take a phone a while. One message in, one out. */
import load, { Playground } from '../core/wasm/breakin.js';
import type { Asked, Hung, Outcome, Said } from './playground.ts';

const scope = self as unknown as { postMessage(message: Said): void; onmessage: (event: MessageEvent<Asked>) => void };

let home: Playground | undefined;

async function answer(asked: Asked): Promise<Hung | Outcome | null> {
  if ('hang' in asked) {
    await load({ module_or_path: asked.hang.wasm });
    home = new Playground(asked.hang.random, asked.hang.nowS);
    return { windowFrom: home.windowFrom, windowUntil: home.windowUntil };
  }
  if (!home) throw new Error('no door hangs yet');
  if ('attempt' in asked) return home.tryDoor(asked.attempt);
  home.reset();
  return null;
}

// One after the other, since the first one loads.
let before: Promise<unknown> = Promise.resolve();
scope.onmessage = ({ data }) => {
  before = before.then(() =>
    answer(data).then(
      (answered) => scope.postMessage({ answered }),
      (thrown: unknown) => scope.postMessage({ failed: String(thrown) }),
    ),
  );
};
