import { describe, expect, test } from 'vitest';
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en } from './en.ts';
import { GUEST } from './guest.ts';
import { pl } from './pl.ts';
import { PLAN_B } from './plan-b.ts';
import { RING } from './ring.ts';
import { tr } from './tr.ts';
import { uk } from './uk.ts';

const ALL = { de, en, pl, tr, uk, ar };

/** Every sentence, the ones with blanks filled in. */
function said(words: typeof en): string[] {
  return Object.entries(words).flatMap(([key, word]) => {
    if (typeof word === 'string') return [word];
    const say = word as (...blanks: unknown[]) => string;
    if (key === 'watched') return [say('live', '09:12'), say('download', '09:12'), say('link', '09:12')];
    return [0, 1, 2, 3, 5, 11, 12, 22, 25].map((n) => say(n, 32));
  });
}

describe.each(Object.entries(ALL))('%s', (_, words) => {
  test('has 60 sentences at most', () => expect(Object.keys(words).length).toBeLessThanOrEqual(60));
  test('has the keys of English, in their order', () => expect(Object.keys(words)).toEqual(Object.keys(en)));
  test('says something everywhere, without an exclamation mark', () => {
    for (const sentence of said(words)) expect(sentence, sentence).toMatch(/^(?!.*(?:undefined|NaN|!)).*\p{L}|^\d+ \/ \d+$/u);
  });
  test('never shows a word of the machinery', () => {
    for (const sentence of said(words)) {
      expect(sentence).not.toMatch(/\b(errand|grant|presentation|assignment|roster|preflight|secured)\b/i);
    }
  });
});

describe.each(Object.entries(RING))('at a door where nothing is allowed, %s', (_, words) => {
  const sentences = Object.values(words).map((one) => (typeof one === 'string' ? one : one(32)));
  test('has the keys of English, in their order', () => expect(Object.keys(words)).toEqual(Object.keys(RING.en)));
  test('says something everywhere, shortly, without an exclamation mark and without a word of the machinery', () => {
    for (const sentence of sentences) {
      expect(sentence, sentence).toMatch(/^(?!.*(?:undefined|!)).*\p{L}/u);
      expect(sentence.length, sentence).toBeLessThanOrEqual(60);
      expect(sentence).not.toMatch(/\b(errand|grant|presentation|assignment|roster|preflight|secured)\b/i);
    }
  });
});

describe.each(Object.entries(GUEST))('to guests, %s', (_, words) => {
  const sentences = Object.values({ ...words, ...words.why }).flatMap((one) => {
    if (typeof one === 'string') return [one];
    return typeof one === 'function' ? [one('10:00')] : [];
  });
  test('has 40 sentences at most', () => expect(sentences.length).toBeLessThanOrEqual(40));
  test('has the keys of English, in their order', () => {
    expect(Object.keys(words)).toEqual(Object.keys(GUEST.en));
    expect(Object.keys(words.why)).toEqual(Object.keys(GUEST.en.why));
  });
  test('says something everywhere, without an exclamation mark and without a word of the machinery', () => {
    for (const sentence of sentences) {
      expect(sentence, sentence).toMatch(/^(?!.*(?:undefined|!)).*\p{L}/u);
      expect(sentence).not.toMatch(/\b(errand|grant|presentation|assignment|roster|preflight|secured)\b/i);
    }
  });
});

test('the sentences of the word list, to the letter', () => {
  expect([de.scanParcel, en.scanParcel]).toEqual(['Paket scannen', 'Scan parcel']);
  expect([de.filmed, en.filmed]).toEqual([
    'Sie werden jetzt gefilmt. Ohne Ton.',
    'You are being filmed now. No sound.',
  ]);
  expect([`${de.open} ${de.pushIn}`, `${en.open} ${en.pushIn}`]).toEqual([
    'Offen. Bitte reinschieben, nicht eintreten.',
    'Open. Push it in, please stay outside.',
  ]);
  expect([de.pleaseClose, en.pleaseClose]).toEqual(['Bitte Tür zuziehen.', 'Please pull the door shut.']);
  expect([`${de.done} ${de.next}.`, `${en.done} ${en.next}.`]).toEqual(['Fertig. Weiter.', 'Done. Next stop.']);
  expect([de.mayGo, en.mayGo]).toEqual([
    'Sie haben alles richtig gemacht. Sie können gehen.',
    'You did everything right. You may go.',
  ]);
  expect(de.notIn).toBe('Ich gehe nicht rein');
});

describe.each(Object.entries(PLAN_B))('of Plan B, %s', (_, words) => {
  test('has the keys of English, and says something everywhere', () => {
    expect(Object.keys(words)).toEqual(Object.keys(PLAN_B.en));
    const { take, went, ...rest } = words;
    const sentences = [...Object.values(take), ...Object.values(went), ...Object.values(rest)];
    expect(sentences.length).toBe(16);
    for (const sentence of sentences) expect(sentence, sentence).toMatch(/^(?!.*(?:undefined|!)).*\p{L}/u);
  });
});

/** What ends with a full stop or a question mark is read; what stands on a button or a picture is seen. */
test.each(Object.keys(ALL) as (keyof typeof ALL)[])('a courier has 60 sentences to read at most, in all: %s', (tongue) => {
  const texts = (part: object): string[] =>
    Object.values(part).flatMap((word: unknown) => {
      if (typeof word === 'string') return [word];
      return typeof word === 'function' ? [String((word as (...blanks: unknown[]) => string)(3, 4))] : texts(word as object);
    });
  const read = [ALL[tongue], PLAN_B[tongue], RING[tongue]].flatMap(texts).filter((text) => /[.?؟]$/.test(text));
  expect(read.length).toBeGreaterThan(30);
  expect(read.length).toBeLessThanOrEqual(60);
});
