/**
 * One zip of some files, stored and not packed: what is sealed does not get smaller. The layout is that of PKWARE's
 * APPNOTE.TXT, sections 4.3.7, 4.3.12 and 4.3.16.
 */
import { Trouble } from '../core/trouble.ts';

export interface ZipFile {
  name: string;
  bytes: Uint8Array<ArrayBuffer>;
}

/** Larger ones would need other records, and no phone that could hold them. Bytes. */
const BYTES_MAX = 0xffff_ffff;
/** Names are UTF-8. */
const UTF8 = 0x0800;
/** The first of January 1980: the format has no zero. */
const NO_DATE = 0x0021;

const CRC = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? 0xedb8_8320 ^ (rest >>> 1) : rest >>> 1;
  return rest;
});

export function crc32(bytes: Uint8Array): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) crc = (CRC[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffff_ffff) >>> 0;
}

/** Numbers of 16 or 32 bits, little-endian: `2` and `4` are their bytes. */
function record(...fields: [2 | 4, number][]): Uint8Array<ArrayBuffer> {
  const out = new DataView(new ArrayBuffer(fields.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of fields) {
    if (size === 2) out.setUint16(at, value, true);
    else out.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(out.buffer);
}

export function zip(files: ZipFile[]): Blob {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const { name, bytes } of files) {
    const named = new TextEncoder().encode(name);
    const size = bytes.length;
    const about: [2 | 4, number][] = [
      [2, 20], [2, UTF8], [2, 0], [2, 0], [2, NO_DATE], [4, crc32(bytes)], [4, size], [4, size], [2, named.length], [2, 0],
    ];
    parts.push(record([4, 0x0403_4b50], ...about), named, bytes);
    directory.push(record([4, 0x0201_4b50], [2, 20], ...about, [2, 0], [2, 0], [2, 0], [4, 0], [4, at]), named);
    at += 30 + named.length + size;
  }
  const size = directory.reduce((sum, one) => sum + one.length, 0);
  if (at + size > BYTES_MAX) throw new Trouble('too_large');
  const end = record([4, 0x0605_4b50], [2, 0], [2, 0], [2, files.length], [2, files.length], [4, size], [4, at], [2, 0]);
  return new Blob([...parts, ...directory, end], { type: 'application/zip' });
}
