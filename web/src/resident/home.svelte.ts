/** Stands here until the real home is connected; it is replaced. */
import { Trouble, type Resident } from './model.ts';

export async function connect(): Promise<Resident> {
  throw new Trouble('offline');
}
