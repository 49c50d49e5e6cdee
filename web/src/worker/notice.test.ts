import { expect, test } from 'vitest';
import { de } from '../words/de.ts';
import { en } from '../words/en.ts';
import { notification } from './notice.ts';

const VISIT = '0123456789abcdef0123456789abcdef';
const KINDS = ['announced', 'rang', 'arriving', 'opened', 'secured', 'refused', 'missed', 'stops_away', 'looked', 'alarm', 'incident', 'revocation_confirmed', 'clip_expires'];

test.each(KINDS)('%s is said as the page says it', (kind) => {
  expect(notification({ kind, visit: null }, 'de-AT').sentence).toBe(de.notices.kind[kind]);
  expect(notification({ kind, visit: null }, 'en').sentence).toBe(en.notices.kind[kind]);
});
test('what happens now leads to the door, what is over to the visit', () => {
  expect(notification({ kind: 'arriving', visit: VISIT }, 'en').to).toBe('#/');
  expect(notification({ kind: 'alarm', visit: VISIT }, 'en').to).toBe('#/');
  expect(notification({ kind: 'secured', visit: VISIT }, 'en').to).toBe(`#/visits/${VISIT}`);
  expect(notification({ kind: 'refused' }, 'en').to).toBe('#/visits');
});
test.each([undefined, null, 7, 'x', {}, { kind: 'toString' }, { kind: 'new_kind' }, { kind: ['alarm'] }])(
  '%j is shown as some notice',
  (payload) => expect(notification(payload, 'de')).toMatchObject({ sentence: de.notices.other, to: '#/', urgent: false }),
);
test('a visit leads nowhere else', () =>
  expect(notification({ kind: 'secured', visit: '../x' }, 'tr')).toMatchObject({ sentence: en.notices.kind.secured, to: '#/visits' }));
test('what is said of one visit replaces what was said of it before', () =>
  expect(notification({ kind: 'opened', visit: VISIT }, 'en').tag).toBe(notification({ kind: 'secured', visit: VISIT }, 'en').tag));
