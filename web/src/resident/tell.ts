/** Sentences that are made of several facts: letters, visits, what became of a stop. */
import { codeShort } from '../words/codes.ts';
import type { Tag } from '../words/format.ts';
import type { Words } from '../words/words.svelte.ts';
import { weekly, zoneHere } from './standing.ts';
import type { Letter, Stopped, VisitLine } from './model.ts';
import type { Recording, Who } from './recorded.ts';

function delivers(letter: Letter): boolean {
  return letter.parcels !== null || letter.service === null || letter.service === 'delivery' || letter.service === 'pickup';
}

/** Days and hours of a standing permission in words; null: it is none, or has no few such hours. */
function standingHours(letter: Letter, w: Words): string | null {
  if (letter.service === null || letter.windows.length < 2) return null;
  const told = weekly(letter.windows, zoneHere());
  return told && w.f.list(told.map(({ days, fromMinute, untilMinute }) => `${w.f.days(days)} ${w.f.clockHours(fromMinute, untilMinute)}`));
}

/** Sentence 4. */
export function letterSentence(letter: Letter, w: Words): string {
  const first = letter.windows[0];
  const last = letter.windows.at(-1);
  const say = delivers(letter) ? w.letter.deliver : w.letter.come;
  if (!first || !last) return say('', letter.serviceName, letter.uses);
  const hours = standingHours(letter, w);
  if (hours) return w.letter.standing(hours, w.f.date(last.untilMs - 1), letter.serviceName, letter.usesPerWindow, delivers(letter));
  const when =
    letter.windows.length === 1
      ? w.f.window(first)
      : w.letter.manyWindows(letter.windows.length, w.f.date(first.fromMs), w.f.date(last.untilMs));
  return say(when, letter.serviceName, letter.uses);
}

/** The terms in words, the most important first. */
export function letterTerms(letter: Letter, w: Words): string[] {
  const terms: string[] = [];
  const [first, last] = [letter.windows[0], letter.windows.at(-1)];
  if (first && last && standingHours(letter, w) !== null) {
    terms.push(w.letter.dates(letter.windows.length, w.f.date(first.fromMs), w.f.date(last.untilMs - 1)));
  }
  if (letter.parcels !== null) terms.push(w.letter.onlyParcels(letter.parcels));
  else if (letter.guest) {
    if (letter.windows.length > 1) terms.push(w.guest.perWindow(letter.usesPerWindow));
  } else if (delivers(letter)) terms.push(w.letter.anyParcel);
  if (letter.entries > 1) terms.push(w.letter.entries(letter.entries));
  terms.push(letter.inside ? w.letter.inside : w.letter.threshold);
  terms.push(w.letter.occupied[letter.occupied]);
  if (letter.attributes.length > 0) {
    terms.push(w.letter.attributes(letter.attributes.map((name) => w.letter.attribute[name] ?? name)));
  }
  if (mints(letter)) terms.push(letter.noticeS > 0 ? w.letter.notice(Math.round(letter.noticeS / 60)) : w.letter.noNotice);
  return terms;
}

/** What is allowed, how often and for how long. */
export function letterAllows(letter: Letter, w: Words): string {
  const { uses, usesPerWindow, doorOpenS, onCamera } = letter;
  return standingHours(letter, w) === null
    ? w.letter.allow(uses, doorOpenS, onCamera)
    : w.letter.allowStanding(usesPerWindow, uses, doorOpenS, onCamera);
}

/** The service may write orders of its own under it: no parcel is named. */
export function mints(letter: Letter): boolean {
  return letter.parcels === null && letter.service !== null && letter.service !== 'guest';
}

/** Sentences 13 and 14, or that something is wrong, or still under way. */
export function visitSentence(visit: VisitLine, w: Words, tag: Tag): string {
  switch (visit.outcome) {
    case 'secured':
      return visit.endedMs === null ? w.visit.state.secured : w.visit.inside(w.f.time(visit.endedMs), visit.parcels);
    case 'not_opened':
      return notOpened(visit, w, tag);
    case 'incident':
      return w.visit.incident;
    case null:
      return w.visit.state[visit.state];
  }
}

/** Sentence 14. Where it went is said only if that is proven. */
function notOpened({ refusal, left }: VisitLine, w: Words, tag: Tag): string {
  const why = refusal !== null ? codeShort(refusal, tag) : left && w.missed.reason[left.reason];
  const what = why === null ? w.visit.notOpenedPlain : w.visit.notOpened(why);
  return left?.flaw === null ? `${what} ${w.planB.line([w.planB.rung[left.rung]])}` : what;
}

/** Sentences 16 and 17: `confirmed` is what to say if the door has. */
export function stoppedSentence(stopped: Stopped, confirmed: string, w: Words): string {
  if (stopped.confirmed) return confirmed;
  return stopped.couldOpenUntilMs === null ? w.door.notConfirmedUnknown : w.door.notConfirmed(stopped.couldOpenUntilMs);
}

/** When a recording is deleted, who keeps it, or when and why it is gone. */
export function recordingSentence({ held, deleted, deletesMs, state }: Recording, w: Words): string {
  const name = (who: Who): string => who.name ?? `${w.watched.unknown} (${who.fingerprint})`;
  const when = (ms: number): string => `${w.f.day(ms)}, ${w.f.time(ms)}`;
  if (deleted?.by) return w.recordings.deletedBy(when(deleted.atMs), name(deleted.by));
  if (deleted) return w.recordings.deletedAfter(when(deleted.atMs), deleted.afterH);
  if (state === 'running' || deletesMs === null) return w.recordings.running;
  if (held) return w.recordings.held(name(held.by), when(held.sinceMs), w.f.date(held.untilMs));
  return w.recordings.deletes(w.f.day(deletesMs), w.f.time(deletesMs));
}
