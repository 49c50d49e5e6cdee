/** The handset's camera, for as long as a screen shows it: frames to the decoder, labels and stickers out. */
import { decoder, type Read } from './decoder.ts';
import { recognise, type Found } from './labels.ts';
import { Recent } from './recent.ts';

/** Why there is no picture. */
export type NoCamera = 'denied' | 'none' | 'busy';

export interface Watching {
  /** Null: this camera has no light that can be switched. */
  torch: ((on: boolean) => Promise<void>) | null;
  stop(): void;
}

export class CameraError extends Error {
  constructor(readonly why: NoCamera) {
    super(why);
  }
}

/** How often a symbol without a check of its own must be read alike, in frames that follow each other. */
const UNCHECKED_READS = 2;

async function camera(): Promise<MediaStream> {
  // Not there at all outside a secure context.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (!devices) throw new CameraError('none');
  try {
    return await devices.getUserMedia({
      audio: false,
      video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 }, height: { ideal: 720 } },
    });
  } catch (error) {
    const name = error instanceof DOMException ? error.name : '';
    if (name === 'NotAllowedError' || name === 'SecurityError') throw new CameraError('denied');
    throw new CameraError(name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'none');
  }
}

function torchOf(track: MediaStreamTrack): Watching['torch'] {
  const can = track.getCapabilities?.() as (MediaTrackCapabilities & { torch?: boolean }) | undefined;
  if (!can?.torch) return null;
  return (on) => track.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] });
}

/** Drops what ITF gave once only: a misread digit that fits the check digit does not come twice. */
class Twice {
  #last = new Map<string, number>();

  sure(reads: Read[]): Read[] {
    const now = new Map<string, number>();
    for (const read of reads) {
      if (read.symbology === 'ITF') now.set(read.text, (this.#last.get(read.text) ?? 0) + 1);
    }
    this.#last = now;
    return reads.filter((read) => read.symbology !== 'ITF' || (now.get(read.text) ?? 0) >= UNCHECKED_READS);
  }
}

/** Shows the camera in `video` and calls `found` for each label that comes into view. */
export function watch(video: HTMLVideoElement, found: (found: Found) => void): Promise<Watching> {
  const recent = new Recent();
  return frames(video, (reads) => tell(reads, recent, found));
}

/** Shows the camera in `video` and calls `seen` with what is read of each frame. */
export async function frames(video: HTMLVideoElement, seen: (reads: Read[]) => void): Promise<Watching> {
  const reader = decoder();
  const stream = await camera();
  const track = stream.getVideoTracks()[0];
  let running = true;
  const stop = (): void => {
    running = false;
    for (const each of stream.getTracks()) each.stop();
    video.srcObject = null;
  };
  if (!track) {
    stop();
    throw new CameraError('none');
  }
  video.srcObject = stream;
  await video.play().catch(() => undefined);

  const twice = new Twice();
  const frame = async (): Promise<void> => {
    if (!running) return;
    if (!reader.busy && video.videoWidth > 0) {
      const bitmap = await createImageBitmap(video).catch(() => null);
      if (bitmap && running) {
        void reader.read(bitmap).then((reads) => {
          if (running) seen(twice.sure(reads));
        });
      }
    }
    video.requestVideoFrameCallback(() => void frame());
  };
  video.requestVideoFrameCallback(() => void frame());
  return { torch: torchOf(track), stop };
}

function tell(reads: Read[], recent: Recent, found: (found: Found) => void): void {
  for (const read of reads) {
    const what = recognise(read.text, read.symbology, read.identifier);
    if (what && recent.isNew(what.text, performance.now())) found(what);
  }
}
