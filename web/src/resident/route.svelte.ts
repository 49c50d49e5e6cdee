/** Which page is shown: the part of the address after the hash, so that no page of the app is asked of a server. */
import { linkIn, type Link } from './links.ts';

/** Addresses that carry a secret. */
const CARRIES = /^#\/?(join|home)[/=]/;

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
  follow(link: Link): void {
    this.secret = link.secret;
    this.go(`/${link.to}`);
  }

  #read(): void {
    const [, to] = CARRIES.exec(location.hash) ?? [];
    if (to) {
      this.secret = linkIn(location.hash)?.secret ?? null;
      history.replaceState(null, '', `#/${to}`);
    }
    this.#path = location.hash.slice(1) || '/';
  }
}

export const route = new Route();
