/** Sentences that are made of several facts: letters, visits, what became of a stop. */
import { codeShort } from '../words/codes.ts';
import type { Tag } from '../words/format.ts';
import type { Words } from '../words/words.svelte.ts';
import type { Letter, Stopped, VisitLine } from './model.ts';

function delivers(letter: Letter): boolean {
  return letter.parcels !== null || letter.service === null || letter.service === 'delivery' || letter.service === 'pickup';
}

/** Sentence 4. */
export function letterSentence(letter: Letter, w: Words): string {
  const first = letter.windows[0];
  const last = letter.windows.at(-1);
  const say = delivers(letter) ? w.letter.deliver : w.letter.come;
  if (!first || !last) return say('', letter.serviceName, letter.uses);
  const when =
    letter.windows.length === 1
      ? w.f.window(first)
      : w.letter.manyWindows(letter.windows.length, w.f.date(first.fromMs), w.f.date(last.untilMs));
  return say(when, letter.serviceName, letter.uses);
}

/** The terms in words, the most important first. */
export function letterTerms(letter: Letter, w: Words): string[] {
  const terms: string[] = [];
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
  return terms;
}

/** Sentences 13 and 14, or that something is wrong, or still under way. */
export function visitSentence(visit: VisitLine, w: Words, tag: Tag): string {
  switch (visit.outcome) {
    case 'secured':
      return visit.endedMs === null ? w.visit.state.secured : w.visit.inside(w.f.time(visit.endedMs), visit.parcels);
    case 'not_opened':
      return visit.refusal === null ? w.visit.notOpenedPlain : w.visit.notOpened(codeShort(visit.refusal, tag));
    case 'incident':
      return w.visit.incident;
    case null:
      return w.visit.state[visit.state];
  }
}

/** Sentences 16 and 17: `confirmed` is what to say if the door has. */
export function stoppedSentence(stopped: Stopped, confirmed: string, w: Words): string {
  if (stopped.confirmed) return confirmed;
  return stopped.couldOpenUntilMs === null ? w.door.notConfirmedUnknown : w.door.notConfirmed(stopped.couldOpenUntilMs);
}
