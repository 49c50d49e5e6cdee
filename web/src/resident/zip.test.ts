import { expect, test } from 'vitest';
import { crc32, zip } from './zip.ts';

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

test('the checksum is the one of the standard', () => {
  expect(crc32(bytes('123456789'))).toBe(0xcbf4_3926);
  expect(crc32(bytes(''))).toBe(0);
});

test('each file lies where the directory says, as it was', async () => {
  const files = [
    { name: 'recording/part-0.chunks', bytes: bytes('sealed') },
    { name: 'grün', bytes: bytes('') },
  ];
  const all = new Uint8Array(await zip(files).arrayBuffer());
  const view = new DataView(all.buffer);
  const end = all.length - 22;
  expect(view.getUint32(end, true)).toBe(0x0605_4b50);
  expect(view.getUint16(end + 10, true)).toBe(2);
  let at = view.getUint32(end + 16, true);
  for (const file of files) {
    expect(view.getUint32(at, true)).toBe(0x0201_4b50);
    const length = view.getUint16(at + 28, true);
    expect(new TextDecoder().decode(all.slice(at + 46, at + 46 + length))).toBe(file.name);
    const begins = view.getUint32(at + 42, true);
    expect(view.getUint32(begins, true)).toBe(0x0403_4b50);
    const from = begins + 30 + length;
    expect(all.slice(from, from + view.getUint32(at + 24, true))).toEqual(file.bytes);
    at += 46 + length;
  }
  expect(at).toBe(end);
});
