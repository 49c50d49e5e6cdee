/** Which page is shown: the part of the address after the hash, so that no page of the app is asked of a server. */

const SECRET = /(?:#\/?join[/=]|^)([A-Za-z0-9_.-]{16,})\/?$/;

/** The secret of an invitation link, or of what was pasted of it. */
export function secretIn(text: string): string | null {
  return SECRET.exec(text.trim())?.[1] ?? null;
}

class Route {
  #path: string = $state('/');
  /** Kept here and taken out of the address at once: addresses are copied, synced and remembered. */
  secret: string | null = $state(null);
  /** Counts changes, so that the focus can follow them. */
  visits = $state(0);

  constructor() {
    this.#read();
    addEventListener('hashchange', () => {
      this.#read();
      this.visits += 1;
    });
  }

  get parts(): string[] {
    return this.#path.split('/').filter((part) => part !== '');
  }

  go(path: string): void {
    location.hash = path;
  }

  /** Follows an invitation link that was pasted. */
  join(secret: string): void {
    this.secret = secret;
    this.go('/join');
  }

  #read(): void {
    if (/^#\/?join[/=]/.test(location.hash)) {
      this.secret = secretIn(location.hash);
      history.replaceState(null, '', '#/join');
    }
    this.#path = location.hash.slice(1) || '/';
  }
}

export const route = new Route();
