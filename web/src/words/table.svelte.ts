/** The table of codes, fetched after the page is there: first paint does not wait for sentences that are rarely said. */
import type { CodeRow } from './codes.ts';

class Table {
  /** Null until it is there. */
  rows = $state.raw<Record<string, CodeRow> | null>(null);

  constructor() {
    this.#load();
    addEventListener('online', () => this.#load());
  }

  #load(): void {
    if (this.rows) return;
    import('./codes.json').then(
      (module) => (this.rows = module.default),
      // Without a network the sentences are missing; the code itself is still shown.
      () => {},
    );
  }
}

export const table = new Table();
