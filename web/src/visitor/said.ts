/** The word and the sentence of each state: what is on the screen, and what is read aloud when it changes. */
import type { Step, Stop } from './model.ts';
import type { PlanB } from '../resident/model.ts';
import type { Words } from './words/en.ts';
import type { GuestWords } from './words/guest.ts';
import type { PlanBWords } from './words/plan-b.ts';
import { refused } from './visit-time.ts';

/** The ground that fills the screen. */
export type Tone = 'paper' | 'black' | 'yellow' | 'green' | 'red';

export interface Said {
  /** The state in one word, 56 px. */
  word: string;
  sentence: string;
  tone: Tone;
}

/** All parcels are pushed in, and the door stands open until somebody pulls it shut. */
export function allInside(step: Step): boolean {
  return step.at === 'open' && step.stop.parcels > 0 && step.inside >= step.stop.parcels;
}

/** Where a stop's parcels may go, the first rung first; what is not known is the locker's. */
export function ladder(stop: Stop): [PlanB, ...PlanB[]] {
  const [first = 'locker', ...rest] = stop.planB;
  return [first, ...rest];
}

/** There is something to do at this door: the parcel goes in, or one rings where nothing is allowed yet. */
export function isPossible({ possibleNow, rings }: Stop): boolean {
  return possibleNow || rings === true;
}

export function said(step: Step, words: Words, guest: GuestWords, planB: PlanBWords): Said {
  return toGuest(step, words, guest) ?? toCourier(step, words, planB);
}

function toCourier(step: Step, words: Words, planB: PlanBWords): Said {
  switch (step.at) {
    case 'tour':
      return { word: words.tour, sentence: '', tone: 'paper' };
    case 'sticker':
      return { word: words.scanSticker, sentence: step.stop.rings ? '' : words.filmed, tone: 'paper' };
    case 'ready':
    case 'arriving':
      return { word: words.wait, sentence: words.checking, tone: 'paper' };
    case 'scan':
      return { word: words.scanParcel, sentence: step.wrong === null ? '' : words.wrong, tone: 'black' };
    case 'wait':
      return { word: words.wait, sentence: waiting(step.why, words), tone: 'paper' };
    case 'open':
      return allInside(step)
        ? { word: words.close, sentence: words.pleaseClose, tone: 'yellow' }
        : { word: words.open, sentence: words.pushIn, tone: 'yellow' };
    case 'close':
      return { word: words.close, sentence: words.pleaseClose, tone: 'yellow' };
    case 'locking':
      return { word: words.wait, sentence: words.locking, tone: 'paper' };
    case 'done':
      return { word: words.done, sentence: '', tone: 'green' };
    case 'alarm':
      return { word: words.close, sentence: words.alarm, tone: 'red' };
    case 'no':
      return step.word === 'not_here_today'
        ? { word: words.notHere, sentence: `${words.notPossible} ${planB.take[ladder(step.stop)[0]]}`, tone: 'paper' }
        : { word: words.ok, sentence: planB.take[ladder(step.stop)[0]], tone: 'paper' };
    case 'may_go':
      return { word: words.mayGo, sentence: '', tone: 'paper' };
  }
}

/** A guest goes in, and takes nothing anywhere. Null: it is said as to couriers. */
function toGuest(step: Step, words: Words, guest: GuestWords): Said | null {
  const visit = 'stop' in step ? step.stop.guest : undefined;
  if (!visit) return null;
  switch (step.at) {
    case 'sticker':
      return { word: guest.visits, sentence: visit.onCamera ? words.filmed : '', tone: 'paper' };
    case 'ready':
      return { word: guest.ready, sentence: guest.pressOpen, tone: 'paper' };
    case 'open':
      return { word: words.open, sentence: guest.comeIn, tone: 'yellow' };
    case 'close':
      return { word: words.close, sentence: guest.shutBehind, tone: 'yellow' };
    case 'done':
      return { word: words.done, sentence: guest.locked, tone: 'green' };
    case 'no':
      return step.word === 'not_here_today'
        ? { word: guest.notOpened, sentence: guest.why[refused(visit, Date.now())], tone: 'paper' }
        : { word: words.ok, sentence: '', tone: 'paper' };
    default:
      return null;
  }
}

/** How many seconds are left belongs on the screen, not into the ear each second. */
function waiting(why: 'checking' | 'asked' | 'home', words: Words): string {
  if (why === 'home') return words.comes;
  return why === 'asked' ? '' : words.checking;
}
