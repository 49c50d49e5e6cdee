/**
 * Under Trusted Types the address of a script needs a policy. This is the only one that the page makes, and it lets
 * through the scripts of this app: the service worker, and workers among the built files.
 */

interface TrustedTypes {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): object };
}

const OURS = /^\/(?:worker\.js|assets\/[\w.-]+\.js)$/;

function ours(asked: string): string {
  const { origin, pathname } = new URL(asked, location.origin);
  // Vite serves sources under their own paths; nothing of that is in a build.
  if (origin !== location.origin || !(OURS.test(pathname) || import.meta.env.DEV)) throw new TypeError('not a script of ours');
  return asked;
}

// A policy of a name can be made once only.
const types = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes;
const policy = types?.createPolicy('vestibule', { createScriptURL: ours });

/** The address of a script of ours, as `Worker` and `register` take it. */
export function trusted(url: string): string {
  return policy ? (policy.createScriptURL(url) as unknown as string) : ours(url);
}
