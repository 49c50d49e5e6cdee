import { expect, test, vi } from 'vitest';
import type { Cloud } from '../core/cloud.ts';
import type { RosterHome } from '../core/core.ts';
import { vouched } from './vouched.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** A list by its epoch: whose permissions count in it, and whether an owner in it signed it. */
function list(epoch: number, of: string[], byOwner: boolean) {
  return {
    permitted: (grant: string) => of.includes(grant),
    ownerSigned: () => (byOwner ? bytes(`signed ${epoch}`) : undefined),
    message: () => bytes(`bare ${epoch}`),
    describe: () => ({ epoch, hash: `h${epoch}` }),
    after: ([next]: string[]) => lists[Number(next)],
  };
}

/** The first person signs a second in and hands over to them; they sign a new sheet; that sheet brings a third in. */
const lists = [
  list(1, ['first'], true),
  list(2, ['first', 'second'], true),
  list(3, ['second'], false),
  list(4, ['second'], true),
  list(5, ['third'], false),
];
/** What the door's log says: its first list it had before it had a log. */
const log = ['booted', 'visit', 'h2', 'visit', 'h3', 'visit', 'h4', 'h5', 'visit'];

vi.mock('../core/cloud.ts', () => ({ said: async (asked: Promise<{ data: unknown }>) => (await asked).data }));
vi.mock('../core/core.ts', () => ({
  loadCore: async () => ({
    Home: { pinned: ([first]: string[]) => lists[Number(first)] },
    LogCheck: {
      whole: () => ({
        next: ({ event }: { event: string }) => (event.startsWith('h') ? { what: 'roster_kept', code: event } : { what: event }),
        free: () => undefined,
      }),
    },
    logEntry: ({ event }: { event: string }) => bytes(`entry ${event}`),
  }),
}));

/** What is put into the folder, and what was asked of the cloud. */
async function folder(present: number, grant: string, last: number): Promise<[string[], number]> {
  let asked = 0;
  const GET = async (path: string, { params }: { params: { query: { from?: number } } }) => {
    asked += 1;
    const data = path.endsWith('/rosters')
      ? { epoch: present, after: lists.slice(0, present).map((_, at) => ({ roster: [String(at)] })) }
      : { events: log.map((event, at) => ({ event, counter: at + 1 })).slice((params.query.from ?? 1) - 1), next: null };
    return { data };
  };
  const cloud = { api: { GET } } as unknown as Cloud;
  const roster = lists[present - 1] as unknown as RosterHome;
  const files = await vouched({ cloud, roster, home: 'home' }, grant, last);
  return [files.map((one) => `${one.name}: ${new TextDecoder().decode(one.bytes)}`), asked];
}

test('the present list is enough where an owner in it signed it and it knows whoever allowed', async () => {
  expect(await folder(2, 'first', 2)).toEqual([['roster.cose: signed 2'], 0]);
  expect(await folder(4, 'second', 6)).toEqual([['roster.cose: signed 4'], 0]);
});

test('where nobody in it signed it, the door says that it counts', async () => {
  expect((await folder(3, 'second', 6))[0]).toEqual(['roster.cbor: bare 3', 'roster-kept.cbor: entry h3']);
  expect((await folder(5, 'third', 9))[0]).toEqual(['roster.cbor: bare 5', 'roster-kept.cbor: entry h5']);
});

test('whoever allowed and is gone since is named by the list of then, and never by one that came after the visit', async () => {
  expect((await folder(4, 'first', 4))[0]).toEqual(['roster.cose: signed 2']);
  expect((await folder(5, 'first', 2))[0]).toEqual(['roster.cose: signed 1']);
  expect((await folder(5, 'first', 4))[0]).toEqual(['roster.cose: signed 2']);
  expect((await folder(5, 'second', 6))[0]).toEqual(['roster.cbor: bare 3', 'roster-kept.cbor: entry h3']);
  await expect(folder(5, 'nobody', 9)).rejects.toMatchObject({ code: 'papers_missing' });
});
