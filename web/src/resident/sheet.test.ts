import { expect, test } from 'vitest';
import { readSheetText } from './sheet.ts';

const groups = Array.from({ length: 16 }, (_, n) => n.toString(16).repeat(4));

test('the groups of a sheet are the key, however they are written', () => {
  const expected = { secret: Uint8Array.from({ length: 32 }, (_, n) => 17 * Math.floor(n / 2)) };
  for (const text of [groups.join(''), groups.join(' '), groups.join('\n'), groups.join(' - ').toUpperCase()]) {
    expect(readSheetText(text)).toEqual(expected);
  }
});

test('letters that look like a digit are that digit', () => {
  const text = groups.join(' ').replace('0000', 'oO0o').replace('1111', 'lI1i');
  expect(readSheetText(text)).toEqual(readSheetText(groups.join('')));
});

test('what cannot be right is said: the group, or how many digits there are', () => {
  expect(readSheetText(groups.join(' ').replace('3333', '33x3'))).toEqual({ group: 4 });
  expect(readSheetText(groups.slice(0, 15).join(' '))).toEqual({ digits: 60 });
  expect(readSheetText(`${groups.join(' ')} 0`)).toEqual({ digits: 65 });
  expect(readSheetText('')).toEqual({ digits: 0 });
});
