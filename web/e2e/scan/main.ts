/** Reads what the camera sees, and tells when a label came into view: while it is, the film's corner is green. */
import { watch } from '../../src/scan/camera.ts';
import { decoder } from '../../src/scan/decoder.ts';
import type { Found } from '../../src/scan/labels.ts';

const video = document.getElementById('camera') as HTMLVideoElement;
const probe = document.createElement('canvas');
probe.width = probe.height = 1;
const pen = probe.getContext('2d', { willReadFrequently: true });

const log = { ready: false, frames: 0, inView: [] as number[], found: [] as { atMs: number; found: Found }[] };
Object.assign(window, { log });

let green = false;
function look(): void {
  log.frames += 1;
  pen?.drawImage(video, 8, 8, 1, 1, 0, 0, 1, 1);
  const [red = 0, high = 0, blue = 0] = pen?.getImageData(0, 0, 1, 1).data ?? [];
  const now = high > 160 && red < 110 && blue < 110;
  if (now && !green) log.inView.push(performance.now());
  green = now;
  video.requestVideoFrameCallback(look);
}
video.requestVideoFrameCallback(look);

log.ready = await decoder().ready;
await watch(video, (found) => log.found.push({ atMs: performance.now(), found }));
