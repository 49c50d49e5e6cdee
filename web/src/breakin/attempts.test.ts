import { expect, test } from 'vitest';
import { FIRST, met, withinTray } from './attempts.ts';

test('what needs a key goes back with the key', () => {
  const all = { ...FIRST, hasHandset: true, hasProvider: true, device: 'handset', order: 'provider', parcel: 'announced' } as const;
  expect(withinTray(all)).toEqual(all);
  expect(withinTray({ ...all, hasHandset: false })).toEqual({ ...all, hasHandset: false, device: 'thief' });
  expect(withinTray({ ...all, hasProvider: false })).toEqual({ ...all, hasProvider: false, order: 'relayed' });
  expect(withinTray({ ...all, hasHandset: false, hasProvider: false })).toMatchObject({ parcel: 'guessed' });
});

test('a check is met once, and a no without a number is none', () => {
  const outcome = { atS: 0, stops: [{ at: 'arrival', code: 'visit_over' }, { at: 'answer', code: 'challenge_unknown', check: 3 }] } as const;
  expect([...met(new Set([3, 4]), { ...outcome, stops: [...outcome.stops] })]).toEqual([3, 4]);
});
