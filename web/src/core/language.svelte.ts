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

/** The service worker speaks while no page is open: what it should speak is kept where it finds it. */
async function tellWorker(language: string): Promise<void> {
  try {
    // Not there outside a secure context.
    const said = await (globalThis.caches as CacheStorage | undefined)?.open('said');
    await said?.put('/said/language', new Response(language));
  } catch {
    // Refused, as in private windows, where there is no worker either.
  }
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
    void tellWorker(this.now);
  }
}
