/**
 * A photo of where a parcel was left, as it goes out: drawn anew from its pixels, so that position, time, maker and whatever else
 * a camera writes beside a picture stay here; small enough for a slow network.
 */
import { loadCore, random } from '../core/core.ts';
import type { Errands } from '../core/wasm/browser.js';
import { Trouble } from '../core/trouble.ts';

/** Of the longer side: `PHOTO_SIDE_PX_MAX` of crate `protocol`. */
const SIDE_PX = 1_280;
/** Of the JPEG: below `PHOTO_BYTES_MAX` of crate `protocol`, with room for 16 wrapped keys. */
const BYTES = 500 * 1_024;
/** Tried one after the other until it is small enough. */
const QUALITIES = [0.82, 0.65, 0.45, 0.25];

/** As large as it may be, never larger than it is. */
export function fitted(width: number, height: number): { width: number; height: number } {
  const scale = Math.min(1, SIDE_PX / Math.max(width, height));
  const side = (px: number): number => Math.max(1, Math.round(px * scale));
  return { width: side(width), height: side(height) };
}

/** The picture alone, upright. */
export async function drawn(file: Blob): Promise<Blob> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' }).catch((thrown: unknown) => {
    throw new Trouble('photo_not_a_picture', String(thrown));
  });
  const canvas = document.createElement('canvas');
  Object.assign(canvas, fitted(bitmap.width, bitmap.height));
  const context = canvas.getContext('2d');
  // What a picture leaves see-through would become black.
  if (context) context.fillStyle = '#fff';
  context?.fillRect(0, 0, canvas.width, canvas.height);
  context?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  for (const quality of QUALITIES) {
    const jpeg = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', quality));
    if (!jpeg) throw new Trouble('photo_not_a_picture');
    if (jpeg.size <= BYTES) return bare(jpeg);
  }
  throw new Trouble('photo_too_large');
}

/** The core leaves out once more what is not needed to show it: some browsers write a colour profile of their own. */
async function bare(jpeg: Blob): Promise<Blob> {
  const core = await loadCore();
  const bytes = core.barePhoto(new Uint8Array(await jpeg.arrayBuffer()));
  return new Blob([new Uint8Array(bytes)], { type: 'image/jpeg' });
}

/** For the holders of these keys and nobody else. */
export async function sealed(errands: Errands, picture: Blob, keys: string[]): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  return new Uint8Array(errands.sealPhoto(bytes, keys, random(32)));
}
