import { expect, test } from 'vitest';
import { linkOf } from './links.ts';

const TAG = '0123456789abcdef0123456789abcdef';

test('a stop', () => expect(linkOf('#/v/a1b2')).toEqual({ to: 'stop', id: 'a1b2' }));
test('a door', () => expect(linkOf(`#/door/${TAG.toUpperCase()}`)).toEqual({ to: 'door', tag: TAG }));
test('a service', () => expect(linkOf('#/enrol/s3cret_-')).toEqual({ to: 'enrol', secret: 's3cret_-' }));
test('a guest', () => expect(linkOf('#/guest/s3cret_-.t4xk3p')).toEqual({ to: 'guest', secret: 's3cret_-', untilMs: Number.parseInt('t4xk3p', 36) * 1_000 }));
test.each(['#/guest/s3cret', '#/guest/.t4xk3p', '#/guest/s3cret.'])('%j is half a link', (hash) => expect(linkOf(hash)).toBeNull());
test.each(['', '#', '#/v/', '#/door/12', `#/door/${TAG}0`, '#/other/x', '#/v/a/b', '#/v/%3Cb%3E', `#/v/${'x'.repeat(257)}`])(
  '%j leads nowhere',
  (hash) => expect(linkOf(hash)).toBeNull(),
);
