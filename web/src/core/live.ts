/**
 * The live picture: sealed chunks come in over a WebSocket, are checked and opened by the core one after the other, and go
 * to Media Source Extensions. Decode times are contiguous; when a picture was really taken is kept beside it, so that
 * the page can say how old what it shows is.
 */
import { said, type Cloud } from './cloud.ts';
import { loadCore, type RosterHome } from './core.ts';
import { unwrap, type Keys } from './keys.ts';
import { Trouble, troubleOf } from './trouble.ts';

/** Further behind than this, playback jumps to the newest picture: playing faster makes some players rebuffer. s. */
const BEHIND_S_MAX = 0.3;
/** Where it jumps to: this far before the newest picture, s. One frame at 25/s. */
const EDGE_S = 0.04;
/** Pictures that were shown are dropped from memory after this, s. */
const KEPT_S = 20;
/** A lost connection is tried again after this, ms. */
const AGAIN_MS = 500;

/** As many are looked through for the one that is wanted: up to four visits run at once. */
const RECORDINGS = 10;

/** Where sealed chunks come from, and what opens them. */
export interface Source {
  /** Its name in the signed header, 32 hexadecimal digits. */
  id: string;
  /** Path of its WebSocket. */
  path: string;
  /** Whose copy of the key is ours. */
  kid: string;
  kem: CryptoKeyPair;
  /** Whether anything comes now: `no` may yet become `yes`; of `lost` nothing more comes, and whether it is over is not known. */
  comes(): Promise<'yes' | 'no' | 'over' | 'lost'>;
}

/** A home's recording. It has the name of its visit. Whether it is live is asked at once, while a page for it is made. */
export function recording(cloud: Cloud, home: string, id: string, keys: Keys): Source {
  const params = { path: { home }, query: { limit: RECORDINGS } };
  // Asked first: to knock at a recording that is not live is an error in every browser's console.
  const ask = async () => {
    const { recordings } = await said(cloud.api.GET('/v1/homes/{home}/recordings', { params }));
    const mine = recordings.find((one) => one.recording === id);
    if (mine?.state === 'closed') return 'over';
    return mine?.state === 'live' ? 'yes' : 'no';
  };
  let asked: ReturnType<typeof ask> | null = ask();
  // Whoever waits for it hears of it.
  asked.catch(() => undefined);
  return {
    id,
    path: `/v1/homes/${home}/recordings/${id}/live`,
    kid: keys.kid,
    kem: keys.kem,
    comes() {
      const answer = asked ?? ask();
      asked = null;
      return answer;
    },
  };
}

export interface LiveState {
  /** Capture time of what is on the screen, on the home's clock. */
  shownMs: number | null;
  /** Capture time of the newest picture that came. */
  newestMs: number | null;
  gaps: { fromMs: number; toMs: number }[];
  ended: boolean;
  trouble: string | null;
}

interface Placed {
  /** Where the picture ends on the player's time line, s. */
  endS: number;
  capturedMs: number;
}

type AnyMediaSource = MediaSource & { streaming?: boolean };

function newMediaSource(video: HTMLVideoElement): AnyMediaSource {
  const Managed = (window as { ManagedMediaSource?: typeof MediaSource }).ManagedMediaSource;
  const Source = window.MediaSource ?? Managed;
  if (!Source) throw new Trouble('no_mse');
  // iPhones have the managed kind only, and give it no data while it might go to another screen.
  if (Source === Managed) video.disableRemotePlayback = true;
  return new Source();
}

export class Live {
  readonly #cloud: Cloud;
  readonly #source: Source;
  readonly #home: RosterHome;
  readonly #video: HTMLVideoElement;
  readonly #tell: (state: LiveState) => void;
  #state: LiveState = { shownMs: null, newestMs: null, gaps: [], ended: false, trouble: null };
  #socket: WebSocket | null = null;
  #stopped = false;
  #url: string | null = null;
  #buffer: SourceBuffer | null = null;
  #placed: Placed[] = [];

  constructor(
    cloud: Cloud,
    source: Source,
    home: RosterHome,
    video: HTMLVideoElement,
    tell: (state: LiveState) => void,
  ) {
    this.#cloud = cloud;
    this.#source = source;
    this.#home = home;
    this.#video = video;
    this.#tell = tell;
    void this.#run();
    this.#follow();
  }

  stop(): void {
    this.#stopped = true;
    this.#socket?.close();
    // The element may be of the next picture by now. Else its last one goes: it would look like a picture of now.
    if (this.#url !== null && this.#video.src === this.#url) {
      this.#video.removeAttribute('src');
      this.#video.load();
    }
    this.#forgetPlayer();
  }

  async #run(): Promise<void> {
    while (!this.#stopped && !this.#state.ended) {
      try {
        const comes = await this.#source.comes();
        if (comes === 'lost') return;
        if (comes === 'over') this.#change({ ended: true });
        if (comes === 'yes') await this.#connection();
      } catch (thrown) {
        const trouble = troubleOf(thrown);
        this.#change({ trouble: trouble.code });
        // Whatever it was, the next connection may be better, and nobody should look at a picture that stands. Only what
        // this browser cannot do stays so.
        if (['no_mse', 'codec_unknown'].includes(trouble.code)) return;
      }
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  }

  /** One connection, from its first message to its last; messages are taken strictly one after the other. */
  async #connection(): Promise<void> {
    const core = await loadCore();
    const { id, path, kid, kem } = this.#source;
    const watch = new core.Watch(this.#home, id, kid);
    const socket = await this.#cloud.stream(path);
    if (this.#stopped) return socket.close();
    this.#socket = socket;
    try {
      for await (const message of messages(socket)) {
        const seen = watch.take(message);
        switch (seen.kind) {
          case core.SeenKind.Part: {
            const { wrapped } = seen;
            if (wrapped) watch.key(await unwrap(kem, wrapped));
            break;
          }
          case core.SeenKind.Init:
            await this.#begin(seen.codec, seen.data());
            break;
          case core.SeenKind.Frame:
            await this.#append(seen.data(), seen.fromMs, seen.isKeyframe);
            break;
          case core.SeenKind.Gap:
            this.#change({ gaps: [...this.#state.gaps, { fromMs: seen.fromMs, toMs: seen.toMs }] });
            break;
          case core.SeenKind.End:
            this.#change({ ended: true });
            return;
          case core.SeenKind.Nothing:
        }
        seen.free();
        if (this.#stopped) return;
      }
      throw new Trouble('live_lost');
    } finally {
      watch.free();
      socket.close();
    }
  }

  async #begin(codec: string, init: Uint8Array): Promise<void> {
    this.#forgetPlayer();
    const type = `video/mp4; codecs="${codec}"`;
    const source = newMediaSource(this.#video);
    this.#url = URL.createObjectURL(source);
    this.#video.src = this.#url;
    await happened(source, 'sourceopen');
    if (this.#stopped) return;
    source.duration = Infinity;
    try {
      this.#buffer = source.addSourceBuffer(type);
    } catch (thrown) {
      throw new Trouble('codec_unknown', String(thrown));
    }
    await this.#add(init);
  }

  async #append(fragment: Uint8Array, capturedMs: number, isKeyframe: boolean): Promise<void> {
    const isFirst = this.#placed.length === 0;
    // A player needs a keyframe to begin with.
    if (!this.#buffer || (isFirst && !isKeyframe)) return;
    await this.#add(fragment);
    const { buffered } = this.#buffer ?? {};
    if (!buffered || buffered.length === 0) return;
    const endS = buffered.end(buffered.length - 1);
    this.#placed.push({ endS, capturedMs });
    this.#change({ newestMs: capturedMs, trouble: null });
    const behind = endS - this.#video.currentTime;
    if (isFirst || behind > BEHIND_S_MAX || behind < 0) this.#video.currentTime = Math.max(0, endS - EDGE_S);
    if (this.#video.paused && !this.#stopped) {
      // Muted pictures may play by themselves; where even that is refused, the newest one still shows.
      void this.#video.play().catch(() => undefined);
    }
    await this.#dropOld();
  }

  async #add(bytes: Uint8Array): Promise<void> {
    const buffer = this.#buffer;
    if (!buffer || this.#stopped) return;
    const done = happened(buffer, 'updateend');
    buffer.appendBuffer(new Uint8Array(bytes));
    await done;
  }

  async #dropOld(): Promise<void> {
    const until = this.#video.currentTime - KEPT_S;
    const first = this.#placed[0];
    if (!this.#buffer || !first || first.endS > until - KEPT_S) return;
    this.#placed = this.#placed.filter((one) => one.endS > until);
    const done = happened(this.#buffer, 'updateend');
    this.#buffer.remove(0, until);
    await done;
  }

  /** Which picture is on the screen. */
  #follow(): void {
    const look = (mediaTimeS: number) => {
      if (this.#stopped) return;
      // The picture that is shown at a time is the first one that ends after it.
      const shown = this.#placed.find((one) => one.endS > mediaTimeS + 0.001);
      if (shown && shown.capturedMs !== this.#state.shownMs) this.#change({ shownMs: shown.capturedMs });
      next();
    };
    const next = () => {
      if ('requestVideoFrameCallback' in this.#video) {
        this.#video.requestVideoFrameCallback((_now, frame) => look(frame.mediaTime));
      } else {
        setTimeout(() => look((this.#video as HTMLVideoElement).currentTime), 100);
      }
    };
    next();
  }

  #forgetPlayer(): void {
    this.#buffer = null;
    this.#placed = [];
    if (this.#url) URL.revokeObjectURL(this.#url);
    this.#url = null;
  }

  #change(change: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...change };
    this.#tell(this.#state);
  }
}

function happened(target: EventTarget, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    target.addEventListener(name, () => resolve(), { once: true });
    target.addEventListener('error', () => reject(new Trouble('player_failed', name)), { once: true });
  });
}

/**
 * Messages in order, until the socket closes. With `silenceMs`, also until nothing at all came for so long: a page does not
 * hear of a network that died. Empty messages say only that it has not.
 */
export async function* messages(socket: WebSocket, silenceMs?: number): AsyncGenerator<Uint8Array> {
  const waiting: Uint8Array[] = [];
  let wake = () => {};
  let closed = false;
  const end = (): void => {
    closed = true;
    wake();
  };
  let watch: ReturnType<typeof setTimeout> | undefined;
  const heard = (): void => {
    clearTimeout(watch);
    if (silenceMs === undefined || closed) return;
    watch = setTimeout(() => {
      // A closing handshake would wait for the same dead network.
      end();
      socket.close();
    }, silenceMs);
  };
  heard();
  socket.onmessage = (event: MessageEvent<ArrayBuffer | string>) => {
    heard();
    const { data } = event;
    const bytes = typeof data === 'string' ? new TextEncoder().encode(data) : new Uint8Array(data);
    waiting.push(bytes);
    wake();
  };
  socket.onclose = socket.onerror = end;
  try {
    for (;;) {
      const next = waiting.shift();
      if (next) yield next;
      else if (closed) return;
      else await new Promise<void>((resolve) => (wake = resolve));
    }
  } finally {
    clearTimeout(watch);
  }
}
