/** A photo as a phone takes it, with what phones write beside it; and what becomes of it. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Stands in every photo of these tests, as the name of a place would. */
export const POSITION = 'GPS 52.5163 N 13.3777 E';
/** Of the whole picture. */
export const ORANGE = [240, 130, 20];

/** A JPEG of one colour with Exif data, larger than a photo that is sent. */
export async function photograph(page) {
  const plain = await page.evaluate(async (colour) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1_600, height: 1_200 });
    const g = canvas.getContext('2d');
    g.fillStyle = `rgb(${colour})`;
    g.fillRect(0, 0, 1_600, 1_200);
    const blob = await new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9));
    return [...new Uint8Array(await blob.arrayBuffer())];
  }, ORANGE);
  const body = Buffer.from(`Exif\0\0${POSITION}`, 'latin1');
  const length = body.length + 2;
  const segment = Buffer.concat([Buffer.from([0xff, 0xe1, length >> 8, length & 0xff]), body]);
  const buffer = Buffer.concat([Buffer.from(plain.slice(0, 2)), segment, Buffer.from(plain.slice(2)), Buffer.from(POSITION)]);
  return { name: 'parcel.jpg', mimeType: 'image/jpeg', buffer };
}

/** An HPKE key of nobody's, as a tour would name it. */
export function strangersKey(page) {
  return page.evaluate(async () => {
    const { publicKey } = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, false, ['deriveBits']);
    const point = new Uint8Array(await crypto.subtle.exportKey('raw', publicKey));
    return btoa(String.fromCharCode(...point)).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
  });
}

/** Keeps what a page makes addresses for, so that its bytes can be looked at: the page's policy lets nobody fetch them. */
export function keepBlobs(context) {
  return context.addInitScript(() => {
    const make = URL.createObjectURL;
    globalThis.blobs = new Map();
    URL.createObjectURL = (blob) => {
      const url = make.call(URL, blob);
      globalThis.blobs.set(url, blob);
      return url;
    };
  });
}

/** The picture as it stands on the page: its size, its colour in the middle by its pixels, and its bytes. */
export async function shown(image) {
  await image.evaluate((img) => img.decode());
  const seen = await image.evaluate(async (img) => {
    const canvas = Object.assign(document.createElement('canvas'), { width: 1, height: 1 });
    const g = canvas.getContext('2d');
    g.drawImage(img, img.naturalWidth / 2, img.naturalHeight / 2, 1, 1, 0, 0, 1, 1);
    const bytes = new Uint8Array(await globalThis.blobs.get(img.src).arrayBuffer());
    return { size: [img.naturalWidth, img.naturalHeight], colour: [...g.getImageData(0, 0, 1, 1).data.slice(0, 3)], bytes: [...bytes] };
  });
  return { ...seen, bytes: Buffer.from(seen.bytes) };
}

export function isOrange(colour) {
  for (const [at, part] of colour.entries()) assert.ok(Math.abs(part - ORANGE[at]) < 12, `the colour is ${colour}`);
}

export function isBare(bytes) {
  assert.ok(!bytes.includes('Exif') && !bytes.includes(POSITION), 'the position went along');
}

/** Every file below a folder. */
export function files(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => ({ name: one.name, bytes: readFileSync(join(one.parentPath, one.name)) }));
}
