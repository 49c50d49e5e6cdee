/** Which permissions may let somebody in. Pure. */
import type { Permission } from './model.ts';

/** The door keeps it, or may yet: it was signed, and nothing is known to have ended it. */
export function counts({ state }: Pick<Permission, 'state'>): boolean {
  return state === 'kept' || state === 'pending';
}
