import { describe, expect, test } from 'vitest';
import {
  isIdentcode,
  isLeitcode,
  isS10,
  isSscc,
  keyed,
  LABEL_CHARS_MAX,
  normalForm,
  recognise,
  stickerOf,
  typed,
} from './labels.ts';

const GS = '\u001d';
const TAG = '0123456789abcdef0123456789abcdef';

/** Every other digit at one place; exactly the original may pass a mod 11 or mod 10 check of one place. */
function otherDigits(text: string, at: number): string[] {
  return [...'0123456789'].filter((d) => d !== text[at]).map((d) => text.slice(0, at) + d + text.slice(at + 1));
}

describe('normal form', () => {
  test.each([
    ['rr 123 456 785 de', 'RR123456785DE'],
    ['\tRR123456785DE\r\n', 'RR123456785DE'],
    ['a-b/c', 'A-B/C'],
    ['9'.repeat(LABEL_CHARS_MAX), '9'.repeat(LABEL_CHARS_MAX)],
  ])('of %j', (text, normal) => expect(normalForm(text)).toBe(normal));

  test.each(['', ' \t ', 'päckchen', 'a\u0000b', 'a\u000bb', `1${GS}2`, '9'.repeat(LABEL_CHARS_MAX + 1), 'ı', '9\u00a09'])(
    'of %j there is none',
    (text) => expect(normalForm(text)).toBeNull(),
  );
});

describe('check digits', () => {
  test.each(['RR123456785DE', 'RR473124829PL', 'EE876543216UA', 'CX000000005TR'])('S10 %s', (text) => {
    expect(isS10(text)).toBe(true);
    for (const wrong of otherDigits(text, 10)) expect(isS10(wrong)).toBe(false);
  });

  // Remainders 0 and 6 share the digit 5, so a label whose check digit is neither 5 nor 0 is looked at.
  test('each wrong digit of an S10 label shows', () => {
    for (let at = 2; at < 10; at += 1) {
      for (const wrong of otherDigits('RR473124829PL', at)) expect(isS10(wrong), wrong).toBe(false);
    }
  });

  test('two digits of an S10 label that changed places show', () => {
    for (let at = 2; at < 9; at += 1) {
      const text = 'RR473124829PL';
      const swapped = text.slice(0, at) + text[at + 1] + text[at] + text.slice(at + 2);
      expect(isS10(swapped), swapped).toBe(false);
    }
  });

  test('a remainder of ten is written 0, of eleven 5', () => {
    // 8 * 7 = 56, 11 - 56 % 11 = 10; all zeroes give 11.
    expect(isS10('RR70000000' + '0DE')).toBe(true);
    expect(isS10('RR00000000' + '5DE')).toBe(true);
  });

  test.each(['R1123456785DE', 'RR12345678DE', 'RR1234567850DE', 'rr123456785de', 'RR123456785D1'])(
    '%s has not the form of S10',
    (text) => expect(isS10(text)).toBe(false),
  );

  test.each(['340123450000000000', '106141411234567897', '000000000000000000'])('SSCC %s', (text) => {
    expect(isSscc(text)).toBe(true);
    for (let at = 0; at < 18; at += 1) {
      for (const wrong of otherDigits(text, at)) expect(isSscc(wrong), wrong).toBe(false);
    }
  });

  // The published examples of Deutsche Post.
  test.each(['563102430313', '000000000000'])('Identcode %s', (text) => {
    expect(isIdentcode(text)).toBe(true);
    for (const wrong of otherDigits(text, 11)) expect(isIdentcode(wrong)).toBe(false);
  });

  test.each(['21348075016401', '00000000000000'])('Leitcode %s', (text) => {
    expect(isLeitcode(text)).toBe(true);
    for (const wrong of otherDigits(text, 13)) expect(isLeitcode(wrong)).toBe(false);
  });

  test('lengths do not mix', () => {
    expect(isIdentcode('21348075016401')).toBe(false);
    expect(isLeitcode('563102430313')).toBe(false);
    expect(isSscc('563102430313')).toBe(false);
  });
});

describe('a sticker', () => {
  test.each([
    TAG,
    TAG.toUpperCase(),
    ` ${TAG}\n`,
    `https://door.example/v/#/door/${TAG}`,
    `http://localhost:8080/v/#/door/${TAG}`,
    `https://example.org/under/a/path/v/#/door/${TAG.toUpperCase()}`,
  ])('%j', (text) => expect(stickerOf(text)).toBe(TAG));

  test.each([
    TAG.slice(1),
    `${TAG}0`,
    `https://door.example/v/#/door/${TAG}/x`,
    `https://door.example/v/#/door/${TAG}?x`,
    `https://door.example/#/door/${TAG}`,
    `javascript:/v/#/door/${TAG}`,
    `${TAG.slice(0, 31)}g`,
    'RR123456785DE',
    '',
  ])('not %j', (text) => expect(stickerOf(text)).toBeNull());
});

describe('from the camera', () => {
  test.each([
    ['RR123456785DE', 'Code128', ']C0', 's10', 'RR123456785DE'],
    ['RR 123 456 785 DE', 'QRCode', ']Q1', 's10', 'RR123456785DE'],
    ['00106141411234567897', 'Code128', ']C1', 'sscc', '106141411234567897'],
    ['00106141411234567897', 'DataMatrix', ']d2', 'sscc', '106141411234567897'],
    ['00106141411234567897', 'QRCode', ']Q3', 'sscc', '106141411234567897'],
    ['0110614141000415' + '00106141411234567897', 'Code128', ']C1', 'sscc', '106141411234567897'],
    [`10BATCH00${GS}00106141411234567897`, 'Code128', ']C1', 'sscc', '106141411234567897'],
    [`00106141411234567897${GS}421276DE`, 'Code128', ']C1', 'sscc', '106141411234567897'],
    [`4041234567890123${GS}00106141411234567897`, 'Code128', ']C1', 'sscc', '106141411234567897'],
    ['2112345678', 'Code128', ']C1', 'other', '2112345678'],
    [`10AB${GS}2112345678`, 'Code128', ']C1', 'other', '10AB2112345678'],
    ['563102430313', 'ITF', ']I0', 'identcode', '563102430313'],
    ['21348075016401', 'ITF', ']I0', 'leitcode', '21348075016401'],
    ['563102430313', 'Code128', ']C0', 'identcode', '563102430313'],
    ['%00210551234567890123276', 'Code128', ']C0', 'other', '%00210551234567890123276'],
    ['jjd 0001 2345', 'DataMatrix', ']d1', 'other', 'JJD00012345'],
    ['https://carrier.example/t/AbC', 'QRCode', ']Q1', 'other', 'HTTPS://CARRIER.EXAMPLE/T/ABC'],
  ] as const)('%j in %s %s is %s %s', (text, symbology, identifier, kind, normal) => {
    expect(recognise(text, symbology, identifier)).toEqual({ is: 'parcel', kind, text: normal });
  });

  test.each(['563102430314', '21348075016402', '1234', '5631024303', '00106141411234567897'])(
    'ITF has no check of its own: %s is a misreading',
    (text) => expect(recognise(text, 'ITF', ']I0')).toBeNull(),
  );

  test('a GS1 code whose SSCC fails keeps its text', () => {
    expect(recognise('00106141411234567898', 'Code128', ']C1')).toEqual({
      is: 'parcel',
      kind: 'other',
      text: '00106141411234567898',
    });
  });

  test('a sticker is a sticker', () => {
    expect(recognise(`https://door.example/v/#/door/${TAG}`, 'QRCode', ']Q1')).toEqual({ is: 'sticker', text: TAG });
    expect(recognise(TAG, 'DataMatrix', ']d1')).toEqual({ is: 'sticker', text: TAG });
  });

  test.each(['\u0001', 'Päckchen', 'x'.repeat(97), `[)>\u001e06${GS}1Z`])('%j names nothing', (text) =>
    expect(recognise(text, 'QRCode', ']Q1')).toBeNull(),
  );
});

describe('from a hardware scanner', () => {
  test.each([
    ['RR123456785DE', 's10', 'RR123456785DE'],
    [']C0RR123456785DE', 's10', 'RR123456785DE'],
    [']C100106141411234567897', 'sscc', '106141411234567897'],
    ['00106141411234567897', 'sscc', '106141411234567897'],
    [']I0563102430313', 'identcode', '563102430313'],
    [']d1JJD00012345', 'other', 'JJD00012345'],
  ])('%j', (text, kind, normal) => expect(keyed(text)).toEqual({ is: 'parcel', kind, text: normal }));
});

describe('typed', () => {
  test.each([
    ['rr 123 456 785 de', 's10', 'RR123456785DE'],
    ['(00) 1 0614141 123456789 7', 'sscc', '106141411234567897'],
    ['(00)106141411234567897', 'sscc', '106141411234567897'],
    ['00106141411234567897', 'sscc', '106141411234567897'],
    ['106141411234567897', 'sscc', '106141411234567897'],
    ['56.310 243.0313'.replaceAll('.', ''), 'identcode', '563102430313'],
    ['21348 075 016 401', 'leitcode', '21348075016401'],
    ['jjd00012345', 'other', 'JJD00012345'],
  ])('%j', (text, kind, normal) =>
    expect(typed(text)).toEqual({ is: 'good', found: { is: 'parcel', kind, text: normal } }),
  );

  test.each([
    ['RR123456784DE', 'RR123456784DE'],
    ['563102430314', '563102430314'],
    ['21348075016402', '21348075016402'],
    ['(00)106141411234567898', '106141411234567898'],
    ['106141411234567898', '106141411234567898'],
  ])('%j: check the last digit', (text, normal) =>
    expect(typed(text)).toEqual({ is: 'check_digit', found: { is: 'parcel', kind: 'other', text: normal } }),
  );

  test('a sticker', () => expect(typed(TAG)).toEqual({ is: 'good', found: { is: 'sticker', text: TAG } }));
  test.each(['', '  ', 'ä', 'x'.repeat(97)])('%j is unusable', (text) => expect(typed(text)).toEqual({ is: 'unusable' }));
});
