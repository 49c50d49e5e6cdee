/** Links with a secret: into a household, or to a new home. */

export interface Link {
  to: 'join' | 'home';
  secret: string;
}

const LINK = /(?:#\/?(join|home)[/=]|^)([A-Za-z0-9_.-]{16,})\/?$/;

/** An invitation link, or what was pasted of one: a bare secret is one into a household. */
export function linkIn(text: string): Link | null {
  const [, to, secret] = LINK.exec(text.trim()) ?? [];
  return secret === undefined ? null : { to: to === 'home' ? 'home' : 'join', secret };
}
