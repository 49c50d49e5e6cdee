/** Which language this page speaks: the person's choice, else the browser's, else English. */

const KEY = 'language';

function first<L extends string>(offered: readonly L[], fallback: L): L {
  const chosen = localStorage.getItem(KEY);
  const wanted = [chosen, ...navigator.languages].filter((tag): tag is string => tag !== null);
  for (const tag of wanted) {
    const found = offered.find((language) => tag.toLowerCase().split('-')[0] === language);
    if (found) return found;
  }
  return fallback;
}

export class Language<L extends string> {
  now: L = $state() as L;

  constructor(readonly offered: readonly L[], fallback: L) {
    this.now = first(offered, fallback);
    this.#tell();
  }

  choose(language: L): void {
    this.now = language;
    localStorage.setItem(KEY, language);
    this.#tell();
  }

  #tell(): void {
    document.documentElement.lang = this.now;
    document.documentElement.dir = this.now === 'ar' ? 'rtl' : 'ltr';
  }
}
