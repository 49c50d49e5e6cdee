import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Trouble } from '../core/trouble.ts';
import { News } from './news.ts';

/** A question as the cloud has it. */
interface Question {
  waitS: number;
  signal: AbortSignal;
  answer(): void;
  refuse(code: string): void;
}

let page: EventTarget;
let asked: Question[];
let troubles: string[];
let online: boolean;
let lookedAt: boolean;
let news: News;
const newest = (): Question => {
  const question = asked.at(-1);
  if (!question) throw new Error('nothing was asked');
  return question;
};
const open = (): Question[] => asked.filter(({ signal }) => !signal.aborted);

beforeEach(() => {
  vi.useFakeTimers();
  page = new EventTarget();
  vi.stubGlobal('document', page);
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  [asked, troubles, online, lookedAt] = [[], [], true, true];
  news = new News({
    isOnline: () => online,
    isLookedAt: () => lookedAt,
    read: (waitS, signal) =>
      new Promise((answer, refuse) => {
        signal.addEventListener('abort', () => refuse(new Trouble('offline')));
        asked.push({ waitS, signal, answer, refuse: (code) => refuse(new Trouble(code)) });
      }),
    failed: (thrown) => troubles.push((thrown as Trouble).code),
  });
  news.start();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test('the first question is answered at once, the others wait for something to say', async () => {
  expect(newest().waitS).toBe(0);
  newest().answer();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(asked.map(({ waitS }) => waitS)).toEqual([0, 25]);
  await vi.advanceTimersByTimeAsync(25_000);
  expect(asked.length).toBe(2);
});

test('a hidden page, and one at a door, holds no question open, and asks at once when somebody looks', async () => {
  newest().answer();
  await vi.advanceTimersByTimeAsync(1_000);
  lookedAt = false;
  page.dispatchEvent(new Event('visibilitychange'));
  expect(open()).toEqual([]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect(asked.length).toBe(2);
  expect(troubles).toEqual([]);
  lookedAt = true;
  news.again();
  expect(asked.length).toBe(3);
});

test('however often it is looked at, one question is open', async () => {
  for (let i = 0; i < 5; i += 1) page.dispatchEvent(new Event('visibilitychange'));
  expect(open()).toEqual([newest()]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(troubles).toEqual([]);
});

test('without a network it is looked for every two seconds, and nothing waits', async () => {
  newest().answer();
  await vi.advanceTimersByTimeAsync(1_000);
  online = false;
  newest().refuse('offline');
  await vi.advanceTimersByTimeAsync(6_000);
  expect(troubles).toEqual(['offline']);
  newest().refuse('offline');
  await vi.advanceTimersByTimeAsync(2_000);
  expect(asked.slice(2).map(({ waitS }) => waitS)).toEqual([0, 0]);
});

test('a network that died without a word is noticed once the cloud must have answered', async () => {
  newest().answer();
  await vi.advanceTimersByTimeAsync(1_000);
  await vi.advanceTimersByTimeAsync(34_000);
  expect(troubles).toEqual([]);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(troubles).toEqual(['offline']);
});

test('where too many wait, it is asked without waiting, and nobody is told', async () => {
  newest().answer();
  await vi.advanceTimersByTimeAsync(1_000);
  newest().refuse('tour_waits_own');
  await vi.advanceTimersByTimeAsync(9_000);
  expect(asked.length).toBe(2);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(newest().waitS).toBe(0);
  newest().refuse('storage_full');
  await vi.advanceTimersByTimeAsync(0);
  expect(troubles).toEqual(['storage_full']);
});
