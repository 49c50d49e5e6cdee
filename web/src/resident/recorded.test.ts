import { expect, test } from 'vitest';
import { overdue, type Recording } from './recorded.ts';

const HOUR = 3_600_000;

function recording(visit: string, state: Recording['state'], deletesMs: number | null): Recording {
  return { visit, beganMs: 0, state, deletesMs, held: null, deleted: null };
}

test('a shorter time deletes at once what is older, and nothing that is held', () => {
  const recordings = [
    recording('young', 'kept', 70 * HOUR),
    recording('old', 'kept', 48 * HOUR),
    recording('held', 'held', 48 * HOUR),
    recording('gone', 'deleted', null),
  ];
  const of = (wished: number) => overdue({ hours: 72, setBy: null, recordings }, wished, 0).map(({ visit }) => visit);
  expect(of(24)).toEqual(['old']);
  expect(of(25)).toEqual([]);
  expect(of(2)).toEqual(['young', 'old']);
  expect(of(744)).toEqual([]);
});
