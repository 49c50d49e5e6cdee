import { expect, test } from 'vitest';
import { strangers } from './strangers.ts';

test('a key that the household never had is told from one that it had once', () => {
  const now = ['phone', 'tablet'];
  const before = [['phone'], ['phone', 'lost'], now];
  expect(strangers(['phone', 'tablet'], now, before)).toEqual({ foreign: 0, former: 0 });
  expect(strangers(['phone', 'cloud'], now, before)).toEqual({ foreign: 1, former: 0 });
  expect(strangers(['lost', 'phone'], now, before)).toEqual({ foreign: 0, former: 1 });
  expect(strangers(['cloud', 'lost', 'other'], now, before)).toEqual({ foreign: 2, former: 1 });
});

test('a cloud that hides the lists of before makes nobody a friend', () => {
  expect(strangers(['lost', 'phone'], ['phone'], [])).toEqual({ foreign: 1, former: 0 });
});
