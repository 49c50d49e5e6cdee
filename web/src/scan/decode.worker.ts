/** Reads symbols out of frames, away from the page's thread. One message in, one message out. */
import { prepareZXingModule, readBarcodes } from 'zxing-wasm/reader';
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

function pixels(frame: ImageBitmap): ImageData | null {
  canvas ??= new OffscreenCanvas(frame.width, frame.height);
  if (canvas.width !== frame.width || canvas.height !== frame.height) {
    canvas.width = frame.width;
    canvas.height = frame.height;
  }
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) return null;
  context.drawImage(frame, 0, 0);
  return context.getImageData(0, 0, frame.width, frame.height);
}

async function read(frame: ImageBitmap): Promise<Read[]> {
  await ready;
  const image = pixels(frame);
  frame.close();
  if (!image) return [];
  const results = await readBarcodes(image, {
    formats: ['Code128', 'ITF', 'QRCode', 'DataMatrix'],
    tryHarder: true,
    tryRotate: true,
    tryInvert: false,
    maxNumberOfSymbols: 8,
    textMode: 'Plain',
  });
  return results
    .filter((result) => result.isValid)
    .map((result) => ({
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
