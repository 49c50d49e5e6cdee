/** Which of the six languages the visitor's screens speak now. */
import { Language } from '../../core/language.svelte.ts';
import { ar } from './ar.ts';
import { de } from './de.ts';
import { en, type Words } from './en.ts';
import { GUEST, type GuestWords } from './guest.ts';
import { pl } from './pl.ts';
import { PLAN_B, type PlanBWords } from './plan-b.ts';
import { RING, type RingWords } from './ring.ts';
import { tr } from './tr.ts';
import { uk } from './uk.ts';

export const TONGUES = ['de', 'en', 'pl', 'tr', 'uk', 'ar'] as const;
export type Tongue = (typeof TONGUES)[number];

export const WORDS: Record<Tongue, Words> = { de, en, pl, tr, uk, ar };

/** Each language by its own name. */
export const NAMES: Record<Tongue, string> = {
  de: 'Deutsch',
  en: 'English',
  pl: 'Polski',
  tr: 'Türkçe',
  uk: 'Українська',
  ar: 'العربية',
};

/** Not yet read by anyone who speaks them; the screen says so. */
export const MACHINE_DRAFTS: readonly Tongue[] = ['pl', 'tr', 'uk', 'ar'];

export const language = new Language(TONGUES, 'en');

/** What only guests are told, in the language that is spoken now. */
export function guestWords(): GuestWords {
  return GUEST[language.now];
}

/** What to do with a parcel that does not go in, in the language that is spoken now. */
export function planBWords(): PlanBWords {
  return PLAN_B[language.now];
}

/** What is said at a door where nothing is allowed yet. */
export function ringWords(): RingWords {
  return RING[language.now];
}

/** The sentences of the language that is spoken now. */
export function words(): Words {
  return WORDS[language.now];
}
