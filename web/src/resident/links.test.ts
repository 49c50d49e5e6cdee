import { expect, test } from 'vitest';
import { linkIn } from './links.ts';

const SECRET = 'Zk3mP9xQ7tLw2vNc8RyB4s';

test.each([
  [`#/join/${SECRET}`, 'join'],
  [`https://vestibule.example/#/join/${SECRET}`, 'join'],
  [`https://vestibule.example/#/home/${SECRET}`, 'home'],
  [` #home=${SECRET}/ `, 'home'],
  [SECRET, 'join'],
])('%j leads on', (text, to) => expect(linkIn(text)).toEqual({ to, secret: SECRET }));
test.each(['', '#/home/', '#/home/short', `#/other/${SECRET}`, `#/home/${SECRET}/more`, `#/home/%3Cb%3E${SECRET}`])(
  '%j leads nowhere',
  (text) => expect(linkIn(text)).toBeNull(),
);
