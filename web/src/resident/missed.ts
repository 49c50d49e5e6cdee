/**
 * Deliveries that did not go in: visits by the door's log, with where the parcel went by the courier's report. A report of
 * a stop at which nobody arrived is a line of its own.
 */
import type { RosterHome } from '../core/core.ts';
import type { components } from '../core/schema.d.ts';
import { troubleOf } from '../core/trouble.ts';
import type { Left, LeftPhoto, Moment, VisitLine } from './model.ts';

/** A report, as this device has read and judged it. */
export interface Report {
  hash: string;
  assignment: string;
  visit: string | null;
  /** Root key of the service, if proven. */
  provider: string | null;
  left: Left;
}

/** Reads each report and checks it from the service's root key down; what is no report at all is left out. */
export function read(roster: RosterHome, rows: components['schemas']['LeftJson'][], roots: string[]): Report[] {
  return rows.flatMap((row): Report[] => {
    try {
      const { assignment, visit, rung, reason, atMs, photo } = roster.readLeft(row.left);
      const about = { hash: row.hash, assignment, visit: visit ?? null };
      const said = { hash: row.hash, rung, reason, atMs, photo: photo ? photoOf(row.photo ?? null) : null };
      try {
        const { provider } = roster.checkLeft(row, roots);
        return [{ ...about, provider: provider ?? null, left: { ...said, flaw: null } }];
      } catch (thrown) {
        return [{ ...about, provider: null, left: { ...said, flaw: troubleOf(thrown).code } }];
      }
    } catch {
      return [];
    }
  });
}

/** What was signed says that there is one; where it is, the cloud. */
function photoOf(row: components['schemas']['LeftPhotoJson'] | null): LeftPhoto {
  return {
    state: row?.state ?? 'awaited',
    deletesMs: row?.deletes_ms ?? null,
    deletedMs: row?.deleted_ms ?? null,
    afterH: row?.after_h ?? null,
  };
}

/** The newest of each stop: whoever said it wrong says it again. A proven one is never hidden by one that is not. */
export function newest(reports: Report[]): Report[] {
  const best = new Map<string, Report>();
  const weight = ({ left }: Report): [number, number] => [left.flaw === null ? 1 : 0, left.atMs];
  for (const one of reports) {
    const other = best.get(one.assignment);
    const [proven, at] = weight(one);
    const [otherProven, otherAt] = other ? weight(other) : [-1, 0];
    if (proven > otherProven || (proven === otherProven && at > otherAt)) best.set(one.assignment, one);
  }
  return [...best.values()];
}

/** Visits with what became of their parcels, and lines for reports of stops at which nobody arrived; newest first. */
export function joined(
  lines: VisitLine[],
  reports: Report[],
  assignmentOf: (visit: string) => string | null,
  nameOf: (provider: string) => string | null,
): VisitLine[] {
  const taken = new Set<Report>();
  const visits = lines.map((line): VisitLine => {
    const fits = (one: Report): boolean =>
      one.visit === line.id || (one.visit === null && line.outcome === 'not_opened' && one.assignment === assignmentOf(line.id));
    const report = reports.find(fits);
    if (!report) return line;
    taken.add(report);
    return { ...line, left: report.left };
  });
  const alone = reports
    .filter((one) => !taken.has(one))
    .map(({ hash, provider, left }): VisitLine => ({
      id: hash,
      state: 'ended',
      outcome: 'not_opened',
      refusal: null,
      serviceName: provider && nameOf(provider),
      parcels: 0,
      arrivedMs: left.atMs,
      endedMs: left.atMs,
      order: true,
      arrived: false,
      left,
    }));
  return [...visits, ...alone].sort((a, b) => b.arrivedMs - a.arrivedMs);
}

/** A parcel did not go in: of an order, and over. */
export function isMissed({ outcome, order }: VisitLine): boolean {
  return outcome === 'not_opened' && order;
}

/** When somebody rang or came, and how long they waited, by the door's signed log. Null: the log does not say. */
export function waited(moments: Moment[]): { rang: boolean; atMs: number; waitedMs: number | null } | null {
  const rang = moments.find(({ what }) => what === 'rang');
  const began = rang ?? moments.find(({ what }) => what === 'arrived') ?? moments.find(({ what }) => what === 'refused');
  if (!began) return null;
  const end = moments.findLast(({ what }) => what === 'farewell' || what === 'visit_ended');
  return { rang: rang !== undefined, atMs: began.atMs, waitedMs: end ? Math.max(0, end.atMs - began.atMs) : null };
}
