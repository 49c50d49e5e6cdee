/** Reads symbols out of frames, away from the page's thread. One message in, one message out. */
import { prepareZXingModule, readBarcodes, type ReadResult } from 'zxing-wasm/reader';
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';
import type { Read, Ready } from './decoder.ts';

const scope = self as unknown as { postMessage(message: Read[] | Ready): void; onmessage: unknown };

const ready = prepareZXingModule({
  // The package's own file, from our own origin: nothing is loaded from elsewhere.
  overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasmUrl : prefix + path) },
  fireImmediately: true,
});
ready.then(
  () => scope.postMessage({ ready: true }),
  () => scope.postMessage({ ready: false }),
);

let canvas: OffscreenCanvas | null = null;

/** The frame's pixels, turned about its middle. */
function pixels(frame: ImageBitmap, degrees: number): ImageData | null {
  canvas ??= new OffscreenCanvas(frame.width, frame.height);
  if (canvas.width !== frame.width || canvas.height !== frame.height) {
    canvas.width = frame.width;
    canvas.height = frame.height;
  }
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.resetTransform();
  if (degrees !== 0) {
    context.clearRect(0, 0, frame.width, frame.height);
    context.translate(frame.width / 2, frame.height / 2);
    context.rotate((degrees * Math.PI) / 180);
    context.translate(-frame.width / 2, -frame.height / 2);
  }
  context.drawImage(frame, 0, 0);
  return context.getImageData(0, 0, frame.width, frame.height);
}

async function symbols(image: ImageData, tryHarder: boolean): Promise<ReadResult[]> {
  const results = await readBarcodes(image, {
    formats: ['Code128', 'ITF', 'QRCode', 'DataMatrix'],
    tryHarder,
    tryRotate: true,
    tryInvert: false,
    maxNumberOfSymbols: 8,
    textMode: 'Plain',
  });
  return results.filter((result) => result.isValid);
}

/**
 * Bars are found when they stand within some 13 degrees of upright or level; a frame with nothing in it is searched
 * once more, turned. Turning is cheaper than the library's thorough search, which takes five times as long and does not
 * turn; that one comes round for labels that are faint. What found something is tried first in the next frame, too.
 */
const AGAIN: readonly (number | 'thorough')[] = [25, -25, 45, 'thorough'];
let way = 0;

async function read(frame: ImageBitmap): Promise<Read[]> {
  await ready;
  const image = pixels(frame, 0);
  if (!image) return [];
  let results = await symbols(image, false);
  if (results.length === 0) {
    const again = AGAIN[way] ?? 'thorough';
    const second = again === 'thorough' ? image : pixels(frame, again);
    if (second) results = await symbols(second, again === 'thorough');
    if (results.length === 0) way = (way + 1) % AGAIN.length;
  }
  frame.close();
  return results.map((result) => ({
    text: result.text,
    symbology: result.symbology as Read['symbology'],
    identifier: result.symbologyIdentifier,
  }));
}

scope.onmessage = (event: MessageEvent<ImageBitmap>) => {
  read(event.data).then(
    (found) => scope.postMessage(found),
    () => scope.postMessage([]),
  );
};
