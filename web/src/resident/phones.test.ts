import { expect, test } from 'vitest';
import type { Device } from './model.ts';
import { phoneOf, phones, rankHere } from './phones.ts';

let n = 0;
function key(over: Partial<Device>): Device {
  n += 1;
  return { kid: `k${n}`, fingerprint: '', name: 'Phone', rank: 'owner', passkey: false, thisDevice: false, since: 1, ...over };
}
const passkey = (over: Partial<Device> = {}): Device => key({ name: 'Phone (passkey)', passkey: true, ...over });
const companion = (over: Partial<Device> = {}): Device => key({ rank: 'companion', ...over });

test('a passkey and the key beside it are one phone, and another of the same name is another', () => {
  const mine = [companion({ thisDevice: true }), passkey({ thisDevice: true })];
  const other = [passkey({ since: 3 }), companion({ since: 3 })];
  const sheet = key({ name: 'recovery sheet', rank: 'recovery' });
  const devices = [...other, sheet, ...mine];
  const found = phones(devices);
  expect(found.map(({ name, thisDevice }) => [name, thisDevice])).toEqual([['Phone', true], ['Phone', false]]);
  expect(found.every(({ keys }) => keys.length === 2 && keys[0]?.passkey)).toBe(true);
  expect(phoneOf(other[1] as Device, devices)).toEqual(other);
});

test('what a person may do is what their passkey may, and a phone without one has its own rank', () => {
  const devices = [companion({ thisDevice: true, since: 2 }), passkey({ rank: 'member', thisDevice: true, since: 2 }), key({})];
  expect(rankHere(devices)).toBe('member');
  expect(phones(devices).map(({ rank }) => rank)).toEqual(['member', 'owner']);
  expect(rankHere([key({})])).toBeNull();
});
