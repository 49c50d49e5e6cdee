/** A sentence that a person can act on. `code` has its row in the table of words. */
export class Trouble extends Error {
  constructor(
    readonly code: string,
    readonly detail?: string,
  ) {
    super(detail ?? code);
  }
}

/** Whatever was thrown, as trouble. Errors of the WebAssembly core read `code: detail`. */
export function troubleOf(thrown: unknown): Trouble {
  if (thrown instanceof Trouble) return thrown;
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  const [, code, detail] = /^([a-z][a-z0-9_]*): (.*)$/s.exec(text) ?? [];
  if (code) return new Trouble(code, detail);
  // A mistake of the page: for whoever looks into the console, with its place.
  console.error(thrown);
  return new Trouble('page_failed', text);
}
