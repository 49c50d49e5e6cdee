import { expect, test } from 'vitest';
import { after } from './alarms.ts';

const event = (counter: number, what: string, code: string | null = null) => ({ counter, what, code, atMs: counter * 1_000 });
const read = (...events: ReturnType<typeof event>[]) => events.reduce(after, []).map(({ code, counter }) => `${code} ${counter}`);

test('an alarm stands until the door takes that one back', () => {
  const jammed = event(1, 'alarm', 'bolt_jammed');
  const asked = event(2, 'alarm', 'unlocked_unasked');
  expect(read(jammed, asked)).toEqual(['bolt_jammed 1', 'unlocked_unasked 2']);
  expect(read(jammed, asked, event(3, 'alarm_over', 'bolt_jammed'))).toEqual(['unlocked_unasked 2']);
});

test('raised again it stands once, as of then', () => {
  expect(read(event(1, 'alarm', 'smoke'), event(2, 'alarm', 'left_open'), event(3, 'alarm', 'smoke'))).toEqual(['left_open 2', 'smoke 3']);
});

test('other events raise none and take none back', () => {
  expect(read(event(1, 'alarm', 'smoke'), event(2, 'refused', 'smoke'), event(3, 'secured'), event(4, 'alarm'))).toEqual(['smoke 1']);
});

test('a box that starts says anew what is so', () => {
  expect(read(event(1, 'alarm', 'unlocked_unasked'), event(2, 'booted'), event(3, 'alarm', 'unclear_at_start'))).toEqual(['unclear_at_start 3']);
});
