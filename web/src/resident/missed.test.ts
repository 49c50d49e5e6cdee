import { expect, test } from 'vitest';
import { isMissed, joined, newest, waited, type Report } from './missed.ts';
import type { Moment, VisitLine } from './model.ts';

function line(over: Partial<VisitLine>): VisitLine {
  return {
    id: 'v1',
    state: 'ended',
    outcome: 'not_opened',
    refusal: null,
    serviceName: 'Service',
    parcels: 0,
    arrivedMs: 1_000,
    endedMs: 2_000,
    order: true,
    arrived: true,
    left: null,
    ...over,
  };
}
function report(over: Partial<Report> = {}, atMs = 5_000, flaw: string | null = null): Report {
  return {
    hash: 'h1',
    assignment: 'a1',
    visit: null,
    provider: 'p1',
    left: { hash: 'h1', rung: 'neighbour', reason: 'too_big', atMs, flaw, photo: null },
    ...over,
  };
}
const join = (lines: VisitLine[], reports: Report[]): VisitLine[] =>
  joined(lines, reports, (id) => (id === 'v1' ? 'a1' : null), (key) => (key === 'p1' ? 'Service' : null));

test('a report belongs to the visit that it names, or to the missed one of its order', () => {
  expect(join([line({})], [report({ visit: 'v1' })])[0]?.left?.rung).toBe('neighbour');
  expect(join([line({})], [report()])).toHaveLength(1);
  expect(join([line({})], [report()])[0]?.left?.rung).toBe('neighbour');
});
test('what went in is not said to have gone elsewhere by a report that names no visit', () => {
  const found = join([line({ outcome: 'secured' })], [report()]);
  expect(found.map(({ id, left }) => [id, left?.rung])).toEqual([['h1', 'neighbour'], ['v1', undefined]]);
});
test('a stop at which nobody arrived is a line of its own', () => {
  const [alone] = join([], [report({ visit: 'v9' })]);
  expect(alone).toMatchObject({ id: 'h1', arrived: false, serviceName: 'Service', outcome: 'not_opened' });
  expect(join([], [report({ provider: null }, 5_000, 'left_unproven')])[0]?.serviceName).toBeNull();
});
test('the newest report of a stop counts, and a forged one hides none that is proven', () => {
  expect(newest([report({ hash: 'old' }, 1), report({ hash: 'new' }, 2)]).map(({ hash }) => hash)).toEqual(['new']);
  expect(newest([report({ hash: 'right' }, 1), report({ hash: 'forged' }, 9, 'other_key')]).map(({ hash }) => hash)).toEqual(['right']);
  expect(newest([report(), report({ assignment: 'a2' })])).toHaveLength(2);
});
test('a guest who was not let in is no missed delivery', () => {
  expect(isMissed(line({}))).toBe(true);
  expect(isMissed(line({ order: false }))).toBe(false);
  expect(isMissed(line({ outcome: 'secured' }))).toBe(false);
});
test('waiting is counted from the ring, or else from the arrival, until the visit is over', () => {
  const at = (what: string, atMs: number): Moment => ({ what, atMs, code: null, parcels: null, counter: 1 });
  const visit = [at('arrived', 1_000), at('refused', 9_000), at('farewell', 46_000), at('visit_ended', 47_000)];
  expect(waited(visit)).toEqual({ rang: false, atMs: 1_000, waitedMs: 46_000 });
  expect(waited([at('arrived', 1_000), at('rang', 2_000), at('visit_ended', 50_000)])).toEqual({ rang: true, atMs: 2_000, waitedMs: 48_000 });
  expect(waited([at('refused', 9_000)])).toEqual({ rang: false, atMs: 9_000, waitedMs: null });
  expect(waited([])).toBeNull();
});
