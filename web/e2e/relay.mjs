/**
 * A network between a browser and the cloud, made worse on request: slow, narrow, lossy, or silent for a while.
 *
 * Bytes keep their order, as TCP gives them; a lost segment therefore holds up everything behind it until it was sent
 * again. Real packets are not dropped: loopback has no packets worth the name.
 */
import { connect, createServer } from 'node:net';

/** Of a segment on the wire: what a lost packet loses. */
const SEGMENT_BYTES = 1_400;
/** A sender notices a loss after a round trip and a half, about. */
const ROUND_TRIPS_LOST = 1.5;

/**
 * Starts a relay to `port`. `now` may be changed at any time: `delayMs` one way, `bytesPerS` each way (Infinity: wide),
 * `loss` of segments from 0 to 1, `silent`: nothing passes, and nothing is lost; `deaf`: nothing comes back to the browser;
 * `gone`: there is no network, whoever connects is turned away.
 */
export async function relay(port) {
  const now = { delayMs: 0, bytesPerS: Infinity, loss: 0, silent: false, deaf: false, gone: false };
  const sockets = new Set();
  const server = createServer((near) => {
    if (now.gone) return near.destroy();
    const far = connect(port, '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    lane(near, far, now, () => now.silent);
    lane(far, near, now, () => now.silent || now.deaf);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return {
    now,
    port: server.address().port,
    /** Ends every connection, and takes no new one until `mend`. */
    cut() {
      now.gone = true;
      for (const socket of sockets) socket.destroy();
    },
    mend() {
      now.gone = now.silent = now.deaf = false;
    },
    end() {
      this.mend();
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function lane(from, to, now, isHeld) {
  const queue = [];
  let freeMs = 0;
  let timer = null;
  const flush = () => {
    timer = null;
    while (queue.length > 0 && !isHeld() && queue[0].atMs <= performance.now()) {
      const { bytes } = queue.shift();
      if (bytes) to.write(bytes);
      else to.end();
    }
    if (queue.length > 0) timer = setTimeout(flush, isHeld() ? 5 : Math.max(1, queue[0].atMs - performance.now()));
  };
  const send = (bytes) => {
    const segments = Math.ceil((bytes?.length ?? 1) / SEGMENT_BYTES);
    let lost = 0;
    for (let i = 0; i < segments; i += 1) if (Math.random() < now.loss) lost += 1;
    const sentMs = Math.max(freeMs, performance.now()) + ((bytes?.length ?? 0) / now.bytesPerS) * 1_000;
    freeMs = sentMs + lost * ROUND_TRIPS_LOST * 2 * now.delayMs;
    queue.push({ atMs: freeMs + now.delayMs, bytes });
    if (!timer) flush();
  };
  from.on('data', send);
  from.on('end', () => send(null));
  from.on('close', () => (to.destroyed || queue.length > 0 ? undefined : to.end()));
}
