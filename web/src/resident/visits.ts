/** Visits, as the door's own log tells them: fetched from the cloud, checked event by event in the core. */
import { said, type Cloud } from '../core/cloud.ts';
import { loadCore, type LogCheck, type Made, type RosterHome, type Told } from '../core/core.ts';
import { unwrapBy, type Opener } from '../core/keys.ts';
import type { components } from '../core/schema.d.ts';
import { Trouble, troubleOf } from '../core/trouble.ts';
import type { Clip, DoorShape, Gap, Moment, Outcome, Ring, VisitLine, VisitState, VisitView } from './model.ts';

type VisitJson = components['schemas']['VisitJson'];
type EventJson = components['schemas']['EventJson'];

/** Events that are asked for at once: the cloud's most. */
const PAGE = 200;

export function line(visit: VisitJson, serviceName: string | null): VisitLine {
  return {
    id: visit.visit,
    state: visit.state as VisitState,
    outcome: (visit.outcome ?? null) as Outcome | null,
    refusal: visit.refusal ?? null,
    serviceName,
    parcels: visit.parcels,
    arrivedMs: visit.arrived * 1_000,
    endedMs: visit.state === 'ended' ? visit.updated * 1_000 : null,
    order: visit.assignment != null,
    arrived: true,
    left: null,
  };
}

/** A visit as the cloud has it now, and what is asked of the resident. */
export function asked(cloud: Cloud, home: string, visit: string) {
  return said(cloud.api.GET('/v1/homes/{home}/visits/{visit}', { params: { path: { home, visit } } }));
}

export async function* events(
  cloud: Cloud,
  home: string,
  from: number,
  to = Number.MAX_SAFE_INTEGER,
): AsyncGenerator<EventJson> {
  let next: number | null = from;
  while (next !== null && next <= to) {
    const params: { path: { home: string }; query: { from: number; limit: number } } = {
      path: { home },
      query: { from: next, limit: PAGE },
    };
    const page: { events: EventJson[]; next?: number | null } = await said(
      cloud.api.GET('/v1/homes/{home}/door-log', { params }),
    );
    for (const event of page.events) if (event.counter <= to) yield event;
    next = page.next ?? null;
  }
}

/** An event as the core takes it. */
export function entry(event: EventJson) {
  return { event: event.event, opening: event.opening ?? undefined };
}

/** Checks a visit's part of the log. Events of other visits that lie in between are checked and left out. */
export async function told(
  cloud: Cloud,
  roster: RosterHome,
  home: string,
  visit: VisitJson,
): Promise<{ told: Told[]; checked: VisitView['checked'] }> {
  const core = await loadCore();
  const mine: Told[] = [];
  let check: LogCheck | null = null;
  try {
    for await (const event of events(cloud, home, visit.first, visit.last)) {
      check ??= core.LogCheck.excerpt(roster, entry(event));
      const next = check.next(entry(event));
      if (next.visit === visit.visit) mine.push(next);
    }
    if (!check || check.counter < visit.last) return { told: mine, checked: { flaw: 'omission' } };
    return { told: mine, checked: visit.state === 'ended' ? 'complete' : 'checking' };
  } catch (thrown) {
    const { code } = troubleOf(thrown);
    if (code === 'offline') throw thrown;
    return { told: mine, checked: { flaw: code } };
  } finally {
    check?.free();
  }
}

/**
 * The home says when something happened twice: in seconds of the calendar, between which it is sure, and in milliseconds
 * of its own clock. The middle of the first event's seconds, and the other clock from there, give order within a second.
 */
export function moments(all: Told[]): Moment[] {
  const first = all[0];
  if (!first) return [];
  const began = (first.atMs + (first.atLatestMs ?? first.atMs)) / 2;
  return all.map((one) => ({
    // After a restart of the hub its own clock begins anew: then the calendar must do.
    atMs: one.monotonicMs >= first.monotonicMs ? began + one.monotonicMs - first.monotonicMs : one.atMs,
    what: one.what,
    code: one.code ?? null,
    parcels: one.parcels ?? null,
    counter: one.counter,
  }));
}

export function shapeAfter(all: Moment[]): DoorShape {
  return all.reduce<DoorShape>((shape, { what }) => {
    switch (what) {
      case 'rang':
      case 'arrived':
      case 'relocked':
      case 'secured':
        return 'locked';
      case 'opened':
      case 'door_closed':
        return 'unlocked';
      case 'door_opened':
        return 'open';
      default:
        return shape;
    }
  }, 'unknown');
}

/** How long the home waits once somebody is coming: `COMING_MS` of crate `doorkeeper`, and protocol.md says it. */
const COMING_MS = 180_000;

/**
 * By the door's own log: since when somebody rings, how long they are asked for, and whether somebody comes. `skewMs`: how
 * far this device's clock is ahead of the door's.
 */
export function ringOf(all: Moment[], told: Told[], asksFor: string | null, skewMs: number): Ring | null {
  const rang = all.findLast(({ what }) => what === 'rang');
  const seconds = told.findLast(({ what }) => what === 'rang')?.seconds;
  if (!rang || seconds === undefined) return null;
  const coming = all.find(({ what, code }) => what === 'answered' && code === 'coming');
  const untilMs = Math.max(rang.atMs + seconds * 1_000, coming ? coming.atMs + COMING_MS : 0);
  return { asksFor, untilMs: untilMs + skewMs };
}

export function waitsForAnswer(all: Moment[]): boolean {
  const last = all.findLast((one) => one.what !== 'alarm' && one.what !== 'alarm_over');
  return last?.what === 'refused' && last.code === 'occupied';
}

/** Checks the whole door log. */
export async function checkWhole(
  cloud: Cloud,
  roster: RosterHome,
  home: string,
  progress: (events: number) => void,
): Promise<{ events: number; sinceMs: number } | { flaw: string }> {
  const core = await loadCore();
  const check = core.LogCheck.whole(roster);
  let since: number | null = null;
  try {
    for await (const event of events(cloud, home, 1)) {
      const next = check.next(entry(event));
      since ??= next.atMs || null;
      progress(check.counter);
      // The page stays alive while thousands of signatures are checked.
      if (check.counter % 25 === 0) await new Promise((resolve) => setTimeout(resolve));
    }
    return { events: check.counter, sinceMs: since ?? 0 };
  } catch (thrown) {
    const { code } = troubleOf(thrown);
    if (code === 'offline') throw thrown;
    return { flaw: code };
  } finally {
    check.free();
  }
}

/** Fetches a recording, checks it against its signed manifest, opens it with the first of these keys that fits. */
export async function opened(
  cloud: Cloud,
  roster: RosterHome,
  openers: Opener[],
  path: { home: string; recording: string },
  progress: (done: number) => void,
  signal?: AbortSignal,
): Promise<{ made: Made; manifest: string }> {
  const core = await loadCore();
  const about = await said(
    cloud.api.GET('/v1/homes/{home}/recordings/{recording}', { params: { path } }),
  );
  if (!about.manifest) throw new Trouble('recording_open');
  const maker = new core.ClipMaker(
    roster,
    openers.map(({ kid }) => kid),
  );
  for (const [place, { part, header }] of about.parts.entries()) {
    const of = { params: { path: { ...path, part } } };
    const index = await said(
      cloud.api.GET('/v1/homes/{home}/recordings/{recording}/parts/{part}/index', of),
    );
    const sealed = new Uint8Array(index.bytes);
    for (let at = 0; at < index.bytes; ) {
      signal?.throwIfAborted();
      const url = `/v1/homes/${path.home}/recordings/${path.recording}/parts/${part}/chunks`;
      const step = await cloud.bytes(url, at, index.bytes);
      sealed.set(step, at);
      at += step.length;
      progress((place + at / index.bytes) / about.parts.length);
    }
    const lengths = Uint32Array.from(index.chunks, (chunk) => chunk.length);
    maker.key(await unwrapBy(openers, maker.part(header, sealed, lengths)));
  }
  return { made: maker.finish(about.manifest), manifest: about.manifest };
}

/** A recording to look at, with marks where the door's log says that something happened. */
export async function clip(
  cloud: Cloud,
  roster: RosterHome,
  openers: Opener[],
  home: string,
  recording: string,
  log: Told[],
  progress: (done: number) => void,
): Promise<Clip> {
  const { made } = await opened(cloud, roster, openers, { home, recording }, progress);
  const { beganMs, durationMs, gaps, marks } = made.about();
  const url = URL.createObjectURL(new Blob([new Uint8Array(made.mp4())], { type: 'video/mp4' }));
  made.free();
  const named = new Map(log.map((one) => [one.hash, one]));
  const marked = marks.flatMap(({ atMs, hash }): Moment[] => {
    const one = named.get(hash);
    return one
      ? [{ atMs, what: one.what, code: one.code ?? null, parcels: one.parcels ?? null, counter: one.counter }]
      : [];
  });
  return { url, beganMs, durationMs, gaps: gaps satisfies Gap[], moments: marked };
}
