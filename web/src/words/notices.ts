/** What notices say, in the app, in push messages and in mail: `notices.json` is read by the cloud, too. */
import type { Tag } from './format.ts';
import data from './notices.json';

export function notices(tag: Tag): { kind: Record<string, string>; other: string } {
  const kind = Object.entries(data.kinds).map(([name, said]) => [name, said[tag]]);
  return { kind: Object.fromEntries(kind) as Record<string, string>, other: data.other[tag] };
}
