/**
 * What a text from a scanner or from fingers means: a parcel's label or a door's sticker, in its one normal form.
 * Pure. A label names a parcel and is printed on the box, so nothing here is a secret or a credential.
 *
 * The normal form is what gets signed: ASCII white space removed, letters raised, 1 to 96 printable characters; of an
 * S10 label its 13 characters, of an SSCC its 18 digits, of an Identcode 12, of a Leitcode 14.
 */

/** Characters of a label in normal form, at most; as in the protocol. */
export const LABEL_CHARS_MAX = 96;

export type LabelKind = 's10' | 'sscc' | 'identcode' | 'leitcode' | 'other';

export type Found =
  | { is: 'parcel'; kind: LabelKind; text: string }
  /** 32 hex digits in lower case. */
  | { is: 'sticker'; text: string };

/** What was typed, and what is odd about it. Whoever says that it stands there so may use it: carriers have own forms. */
export type Typed =
  | { is: 'good'; found: Found }
  | { is: 'check_digit'; found: Found }
  | { is: 'unusable' };

/** What a symbol was read from: ITF has no check of its own, and a misreading is a plausible number. */
export type Symbology = 'Code128' | 'ITF' | 'QRCode' | 'DataMatrix';

const GROUP_SEPARATOR = '\u001d';

/** Digits of an element string whose length GS1 has fixed, with its application identifier, by the first two digits. */
const GS1_FIXED: Record<string, number> = {
  '00': 20, '01': 16, '02': 16, '03': 16, '04': 18, '11': 8, '12': 8, '13': 8, '14': 8, '15': 8, '16': 8, '17': 8,
  '18': 8, '19': 8, '20': 4, '31': 10, '32': 10, '33': 10, '34': 10, '35': 10, '36': 10, '41': 16,
};

export function normalForm(text: string): string | null {
  const normal = text.replace(/[\t\n\f\r ]/g, '').replace(/[a-z]/g, (letter) => letter.toUpperCase());
  return /^[\x21-\x7e]+$/.test(normal) && normal.length <= LABEL_CHARS_MAX ? normal : null;
}

function weighed(digits: string, weights: readonly number[]): number {
  return [...digits].reduce((sum, digit, i) => sum + Number(digit) * (weights[i % weights.length] ?? 0), 0);
}

/** UPU S10: two letters, eight digits, check digit, country. */
export function isS10(text: string): boolean {
  if (!looksS10(text)) return false;
  const rest = 11 - (weighed(text.slice(2, 10), [8, 6, 4, 2, 3, 5, 9, 7]) % 11);
  const check = rest === 10 ? 0 : rest === 11 ? 5 : rest;
  return Number(text[10]) === check;
}

function looksS10(text: string): boolean {
  return /^[A-Z]{2}\d{9}[A-Z]{2}$/.test(text);
}

/** GS1's serial shipping container code: 18 digits, the last of them the GS1 check digit. */
export function isSscc(text: string): boolean {
  return /^\d{18}$/.test(text) && (10 - (weighed(text.slice(0, 17), [3, 1]) % 10)) % 10 === Number(text[17]);
}

function isPost(text: string): boolean {
  const last = text.length - 1;
  return (10 - (weighed(text.slice(0, last), [4, 9]) % 10)) % 10 === Number(text[last]);
}

/** Deutsche Post Identcode, 12 digits. */
export function isIdentcode(text: string): boolean {
  return /^\d{12}$/.test(text) && isPost(text);
}

/** Deutsche Post Leitcode, 14 digits. */
export function isLeitcode(text: string): boolean {
  return /^\d{14}$/.test(text) && isPost(text);
}

/** The 32 hex digits of a door's sticker: a link that ends in `/v/#/door/<digits>`, or the digits alone. */
export function stickerOf(text: string): string | null {
  const found = /^(?:https?:\/\/\S+\/v\/#\/door\/)?([0-9a-f]{32})$/i.exec(text.trim());
  return found?.[1]?.toLowerCase() ?? null;
}

/** The SSCC among GS1 element strings without the leading FNC1; a later FNC1 is a group separator. */
function ssccOf(elements: string): string | null {
  let at = 0;
  while (at < elements.length) {
    const ai = elements.slice(at, at + 2);
    if (ai === '00') {
      const sscc = elements.slice(at + 2, at + 20);
      return isSscc(sscc) ? sscc : null;
    }
    const fixed = GS1_FIXED[ai];
    const separator = elements.indexOf(GROUP_SEPARATOR, at);
    if (fixed === undefined && separator === -1) return null;
    at = fixed === undefined ? separator + 1 : at + fixed;
    if (elements[at] === GROUP_SEPARATOR) at += 1;
  }
  return null;
}

function plain(text: string): Found | null {
  const normal = normalForm(text);
  if (normal === null) return null;
  if (isS10(normal)) return { is: 'parcel', kind: 's10', text: normal };
  if (isIdentcode(normal)) return { is: 'parcel', kind: 'identcode', text: normal };
  if (isLeitcode(normal)) return { is: 'parcel', kind: 'leitcode', text: normal };
  const sscc = unwrapped(normal);
  if (sscc !== null && isSscc(sscc)) return { is: 'parcel', kind: 'sscc', text: sscc };
  return { is: 'parcel', kind: 'other', text: normal };
}

/** The 18 digits that follow a printed or keyed application identifier 00, or stand alone. */
function unwrapped(normal: string): string | null {
  return /^(?:\(00\)|00)?(\d{18})$/.exec(normal)?.[1] ?? null;
}

/** The identifiers of GS1 in Code 128, DataMatrix and QR: FNC1 stood first. */
const GS1 = /^\](?:C1|d2|Q3)/;

/**
 * A text that a camera read.
 * `identifier` is the symbology identifier, such as `]C1` for a Code 128 that begins with FNC1.
 */
export function recognise(text: string, symbology: Symbology, identifier: string): Found | null {
  if (symbology === 'ITF') {
    const post = plain(text);
    return post?.is === 'parcel' && (post.kind === 'identcode' || post.kind === 'leitcode') ? post : null;
  }
  return keyed(GS1.test(identifier) ? identifier.slice(0, 3) + text : text);
}

/** A text from a hardware scanner, which may put the symbology identifier first. */
export function keyed(text: string): Found | null {
  const bare = text.replace(/^\][A-Za-z][0-9]/, '');
  const sticker = stickerOf(bare);
  if (sticker !== null) return { is: 'sticker', text: sticker };
  if (GS1.test(text)) {
    const sscc = ssccOf(bare);
    if (sscc !== null) return { is: 'parcel', kind: 'sscc', text: sscc };
    return plain(bare.replaceAll(GROUP_SEPARATOR, ''));
  }
  return plain(bare);
}

/** A text that a person typed. */
export function typed(text: string): Typed {
  const found = keyed(text);
  if (found === null) return { is: 'unusable' };
  if (found.is === 'sticker' || found.kind !== 'other') return { is: 'good', found };
  const sscc = unwrapped(found.text);
  if (sscc !== null) return { is: 'check_digit', found: { ...found, text: sscc } };
  const numbered = looksS10(found.text) || /^(?:\d{12}|\d{14})$/.test(found.text);
  return { is: numbered ? 'check_digit' : 'good', found };
}
