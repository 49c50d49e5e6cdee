/** A round that stands still in one state, for pictures and tests. Never part of what is shipped. */
import { Trouble } from '../resident/model.ts';
import type { GuestLink, GuestVisit, Past, Reported, Round, Step, Stop } from './model.ts';

const MINUTE_MS = 60_000;
const TAG = '0123456789abcdef0123456789abcdef';

const STOPS: Stop[] = [
  { id: 's1', place: 'Lindenstraße 4, 3. OG links', parcels: 3, possibleNow: true, planB: ['neighbour', 'locker', 'again'], photos: true, done: null },
  { id: 's2', place: 'Lindenstraße 9, EG', parcels: 1, possibleNow: true, planB: [], done: null },
  { id: 's3', place: 'Am Alten Güterbahnhof 112, Hinterhaus, 2. OG', parcels: 2, possibleNow: false, planB: ['doorstep', 'again'], photos: true, done: null },
  { id: 's4', place: 'Kastanienweg 31', parcels: 1, possibleNow: true, planB: [], done: 'inside' },
  { id: 's5', place: 'Kastanienweg 40a', parcels: 1, possibleNow: true, planB: [], done: 'elsewhere' },
];
const [stop, next] = STOPS as [Stop, Stop];
const unasked: Stop = { ...stop, possibleNow: false, rings: true };

const HOUR_MS = 60 * MINUTE_MS;
const visit: GuestVisit = {
  windows: [{ fromMs: Date.now() - HOUR_MS, untilMs: Date.now() + 2 * HOUR_MS }],
  usesPerWindow: 1,
  openedMs: [],
  whyNot: null,
  onCamera: true,
  tag: TAG,
  sinceMs: 0,
};
const visited: Stop = { id: 'g1', place: 'Lindenstraße 4, 3. OG links', parcels: 0, possibleNow: true, planB: [], done: null, guest: visit };
const week = Array.from({ length: 4 }, (_, n) => ({
  fromMs: Date.now() + (20 + 168 * n) * HOUR_MS,
  untilMs: Date.now() + (23 + 168 * n) * HOUR_MS,
}));
const GUESTS: Stop[] = [
  visited,
  { ...visited, id: 'g2', place: 'Kastanienweg 31, Hinterhaus', guest: { ...visit, windows: week } },
  { ...visited, id: 'g3', place: 'Am Alten Güterbahnhof 112', guest: { ...visit, windows: [...visit.windows, ...week], openedMs: [Date.now() - MINUTE_MS] } },
  { ...visited, id: 'g4', place: 'Bei Mira', guest: { ...visit, whyNot: 'revoked' } },
];

const LABELS = ['RR123456785DE', '340123450000000000', '563102430313'];

interface Fixture {
  step?: Step;
  phase?: Round['phase'];
  online?: boolean;
  filmed?: boolean;
  trouble?: Trouble;
  practice?: Round['practice'];
  stops?: Stop[];
  past?: Past[];
  reports?: Reported[];
  link?: GuestLink;
  providerName?: null;
  /** What the address says after `#`. */
  hash?: string;
  /** Pressed before the picture is taken, by its text in the language shown: a key of the words. */
  press?: ('rights' | 'notIn' | 'scanSticker' | 'type' | 'ok')[];
  /** The camera brings a picture. */
  photo?: boolean;
  /** Typed into the one field. */
  typed?: string;
  /** The ground follows light and dark. */
  themed?: boolean;
}

const wait = (why: 'checking' | 'asked' | 'home', untilMs: number | null = null): Step => ({
  at: 'wait',
  stop,
  why,
  untilMs,
});
const PRACTICE = { tag: TAG, labels: LABELS };

export const FIXTURES: Record<string, Fixture> = {
  tour: { themed: true },
  'tour-empty': { stops: [], themed: true },
  'tour-offline': { online: false, themed: true },
  'tour-trouble': { trouble: new Trouble('home_offline'), themed: true },
  stranger: { phase: 'stranger', themed: true },
  enrol: { phase: 'stranger', hash: '#/enrol/s3cret', themed: true },
  'enrol-waits': { phase: 'stranger', hash: '#/enrol/s3cret', press: ['ok'], themed: true },
  rights: {
    press: ['rights'],
    themed: true,
    past: [
      {
        visit: 'v2',
        place: STOPS[3]?.place ?? '',
        toldMs: 1_789_000_000_000,
        recorded: true,
        watched: [
          { how: 'live', atMs: 1_789_000_000_000 + MINUTE_MS },
          { how: 'download', atMs: 1_789_000_000_000 + 190 * MINUTE_MS },
        ],
      },
      { visit: 'v1', place: 'Kastanienweg 40a', toldMs: 1_788_990_000_000, recorded: true, watched: [] },
    ],
  },
  told: { step: { at: 'sticker', stop }, themed: true },
  sticker: { step: { at: 'sticker', stop }, press: ['scanSticker'] },
  'sticker-practice': { step: { at: 'sticker', stop }, press: ['scanSticker'], practice: PRACTICE },
  'ring-tour': { stops: [unasked, ...STOPS.slice(1)], themed: true },
  'ring-told': { step: { at: 'sticker', stop: unasked }, themed: true },
  arriving: { step: { at: 'arriving', stop }, themed: true },
  'arriving-offline': { step: { at: 'arriving', stop }, online: false, themed: true },
  scan: { step: { at: 'scan', stop, scanned: [], wrong: null }, filmed: true },
  'scan-two': { step: { at: 'scan', stop, scanned: LABELS.slice(0, 2), wrong: null }, filmed: true },
  'scan-wrong': { step: { at: 'scan', stop, scanned: LABELS.slice(0, 1), wrong: 'RR473124829PL' }, filmed: true },
  'scan-typing': {
    step: { at: 'scan', stop, scanned: LABELS.slice(0, 1), wrong: null },
    filmed: true,
    press: ['type', 'ok'],
    typed: 'RR123456784DE',
  },
  'scan-practice': {
    step: { at: 'scan', stop, scanned: LABELS.slice(0, 1), wrong: null },
    filmed: true,
    practice: PRACTICE,
  },
  'wait-checking': { step: wait('checking'), filmed: true, themed: true },
  'wait-asked': { step: wait('asked'), filmed: true, themed: true },
  'wait-home': { step: wait('home'), filmed: true, themed: true },
  'ring-asked': { step: wait('asked'), themed: true },
  'ring-home': { step: wait('home'), themed: true },
  'wait-offline': { step: wait('checking'), filmed: true, online: false, themed: true },
  'not-in': { step: wait('checking'), filmed: true, press: ['notIn'], themed: true },
  open: { step: { at: 'open', stop, inside: 0 }, filmed: true },
  'open-two': { step: { at: 'open', stop, inside: 2 }, filmed: true },
  'open-one-parcel': { step: { at: 'open', stop: next, inside: 0 }, filmed: true },
  'open-all': { step: { at: 'open', stop, inside: 3 }, filmed: true },
  close: { step: { at: 'close', stop }, filmed: true },
  locking: { step: { at: 'locking', stop }, filmed: true, themed: true },
  alarm: { step: { at: 'alarm', stop }, filmed: true },
  'may-go': { step: { at: 'may_go', stop }, themed: true },
  done: { step: { at: 'done', stop, inside: 3, next } },
  'done-last': { step: { at: 'done', stop, inside: 2, next: null } },
  'guest-link': { phase: 'stranger', link: { state: 'open', name: '', fingerprint: null }, themed: true },
  'guest-waits': { phase: 'stranger', link: { state: 'waiting', name: 'Ada', fingerprint: '2290 6471' }, themed: true },
  'guest-in': { providerName: null, link: { state: 'in', name: 'Ada', fingerprint: '2290 6471' }, themed: true },
  'guest-used': { phase: 'stranger', link: { state: 'used', name: '', fingerprint: null }, themed: true },
  'guest-withdrawn': { phase: 'stranger', link: { state: 'refused', name: '', fingerprint: null }, themed: true },
  'guest-link-offline': { phase: 'stranger', online: false, link: { state: 'offline', name: '', fingerprint: null }, themed: true },
  'guest-visits': { providerName: null, stops: GUESTS, themed: true },
  'guest-and-courier': { stops: [...STOPS.slice(0, 2), ...GUESTS.slice(0, 1)], themed: true },
  'guest-told': { providerName: null, step: { at: 'sticker', stop: visited }, themed: true },
  'guest-ready': { step: { at: 'ready', stop: visited }, filmed: true, themed: true },
  'guest-open': { step: { at: 'open', stop: visited, inside: 0 }, filmed: true },
  'guest-close': { step: { at: 'close', stop: visited }, filmed: true },
  'guest-done': { step: { at: 'done', stop: visited, inside: 0, next: null } },
  'guest-no': { step: { at: 'no', stop: { ...visited, guest: { ...visit, whyNot: 'revoked' } }, word: 'not_here_today' }, themed: true },
  'no-today': { step: { at: 'no', stop, word: 'not_here_today' }, themed: true },
  'no-reported': { step: { at: 'no', stop, word: 'not_here_today' }, reports: [{ stop: 's1', rung: 'neighbour', sent: true }], themed: true },
  'no-waits': { step: { at: 'no', stop, word: 'gave_up' }, online: false, reports: [{ stop: 's1', rung: 'again', sent: false }], themed: true },
  'no-doorstep': { step: { at: 'no', stop: STOPS[2] as Stop, word: 'not_here_today' }, themed: true },
  'no-photo': { step: { at: 'no', stop, word: 'too_big' }, photo: true, themed: true },
  'no-photo-none': { step: { at: 'no', stop: next, word: 'too_big' }, themed: true },
  'no-too-big': { step: { at: 'no', stop, word: 'too_big' }, themed: true },
};

/** The round of one state. What is called on it is kept in `calls`, and changes nothing. */
export function still(name: string): Round & { calls: unknown[][] } {
  const fixture = FIXTURES[name] ?? {};
  const calls: unknown[][] = [];
  const noted =
    (what: string) =>
    (...given: unknown[]): Promise<void> => {
      calls.push([what, ...given]);
      return Promise.resolve();
    };
  const left = { 'wait-asked': wait('asked', Date.now() + 38_000), 'ring-asked': wait('asked', Date.now() + 38_000), 'ring-home': wait('home', Date.now() + 170_000) };
  const step = left[name as keyof typeof left] ?? fixture.step ?? { at: 'tour' };
  return {
    calls,
    phase: fixture.phase ?? 'ready',
    handsetName: 'Handy 14',
    providerName: fixture.providerName === null ? null : 'Paketdienst Nord',
    stops: fixture.stops ?? STOPS,
    step,
    online: fixture.online ?? true,
    filmed: fixture.filmed ?? false,
    trouble: fixture.trouble ?? null,
    practice: fixture.practice ?? null,
    past: fixture.past ?? [],
    reports: fixture.reports ?? [{ stop: 's5', rung: 'locker', sent: true }],
    link: fixture.link ?? null,
    follow: noted('follow'),
    ask: noted('ask'),
    leaveLink: noted('leaveLink'),
    dismissTrouble: noted('dismissTrouble'),
    enrol: (...given) => {
      calls.push(['enrol', ...given]);
      return new Promise(() => undefined);
    },
    choose: noted('choose'),
    back: noted('back'),
    told: noted('told'),
    seen: noted('seen'),
    presentNow: noted('presentNow'),
    insideNow: noted('insideNow'),
    notGoingIn: noted('notGoingIn'),
    // What the camera brought stays as it is.
    drawn: (file) => Promise.resolve(file),
    left: noted('left'),
    next: noted('next'),
    rights: noted('rights'),
    proof: () => Promise.resolve(new Blob(['proof'])),
    build: () => Promise.resolve('4f0c 91d2'),
  };
}
