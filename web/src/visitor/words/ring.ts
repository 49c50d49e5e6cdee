/** What a courier is told at a door where nothing is allowed yet, in the six languages. English gives the keys. */
import type { Tongue } from './spoken.svelte.ts';

const en = {
  here: 'Ring here.',
  first: 'Not allowed yet. The sticker rings and asks the residents.',
  filmed: 'You are filmed only once it is allowed. No sound.',
  comesWithin: (s: number): string => `Someone is coming to the door. ${s} s at most.`,
};

export type RingWords = typeof en;

const de: RingWords = {
  here: 'Hier klingeln.',
  first: 'Noch nicht erlaubt. Der Aufkleber klingelt und fragt nach.',
  filmed: 'Gefilmt wird erst, wenn es erlaubt ist. Ohne Ton.',
  comesWithin: (s) => `Jemand kommt zur Tür. Höchstens noch ${s} s.`,
};

const pl: RingWords = {
  here: 'Tu proszę zadzwonić.',
  first: 'Jeszcze bez zgody. Naklejka dzwoni i pyta mieszkańców.',
  filmed: 'Nagrywanie dopiero po zgodzie. Bez dźwięku.',
  comesWithin: (s) => `Ktoś idzie do drzwi. Najwyżej jeszcze ${s} s.`,
};

const tr: RingWords = {
  here: 'Burada zili çalın.',
  first: 'Henüz izin yok. Etiket zili çalar ve ev sakinlerine sorar.',
  filmed: 'Ancak izin verilince kayda alınırsınız. Ses yok.',
  comesWithin: (s) => `Biri kapıya geliyor. En fazla ${s} sn.`,
};

const uk: RingWords = {
  here: 'Тут подзвоніть.',
  first: 'Ще не дозволено. Наліпка дзвонить і питає мешканців.',
  filmed: 'Знімають лише після дозволу. Без звуку.',
  comesWithin: (s) => `Хтось іде до дверей. Щонайбільше ${s} с.`,
};

const ar: RingWords = {
  here: 'اقرع الجرس هنا.',
  first: 'لم يُسمح بعد. الملصق يقرع الجرس ويسأل السكان.',
  filmed: 'لا يبدأ التصوير إلا بعد السماح. بلا صوت.',
  comesWithin: (s) => `شخص ما قادم إلى الباب. ${s} ث على الأكثر.`,
};

export const RING: Record<Tongue, RingWords> = { de, en, pl, tr, uk, ar };
