/** What people type or scan of a recovery sheet: groups of four digits, as they stand on it. Pure. */

/** 32 bytes. */
const DIGITS = 64;
const GROUP = 4;

/** The key on the sheet; or the group that cannot be right, counted from 1; or how many digits there are of 64. */
export type SheetText = { secret: Uint8Array<ArrayBuffer> } | { group: number } | { digits: number };

export function readSheetText(text: string): SheetText {
  // On paper, a letter that is no digit is taken for the digit that looks like it.
  const digits = text.toLowerCase().replace(/[\s.,;:–-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1');
  const wrong = digits.search(/[^0-9a-f]/);
  if (wrong >= 0) return { group: Math.floor(wrong / GROUP) + 1 };
  if (digits.length !== DIGITS) return { digits: digits.length };
  const bytes = (digits.match(/../g) ?? []).map((byte) => parseInt(byte, 16));
  return { secret: new Uint8Array(bytes) };
}
