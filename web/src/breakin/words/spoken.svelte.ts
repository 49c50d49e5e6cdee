/** What the page says, in the language of the person. */
import { Language } from '../../core/language.svelte.ts';
import type { Tag } from '../../words/format.ts';
import { de, type Words } from './de.ts';
import { en } from './en.ts';

export const language = new Language<Tag>(['de', 'en'], 'en');

/** The words of the language that is spoken now; reactive. */
export function words(): Words {
  return language.now === 'de' ? de : en;
}
