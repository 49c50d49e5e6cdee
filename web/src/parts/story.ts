/** What a moment of a visit says, how it is drawn, and where the recording has holes between the moments. */
import type { DoorShape, Gap, Moment } from '../resident/model.ts';
import { codeShort, codeSentence } from '../words/codes.ts';
import type { Words } from '../words/words.svelte.ts';
import type { Tag } from '../words/format.ts';

export function sentence(moment: Moment, w: Words, tag: Tag): string {
  switch (moment.what) {
    case 'arrived':
      return w.moment.arrived;
    case 'intent':
      return w.moment.intent(moment.parcels);
    case 'farewell':
      return w.moment.farewell(moment.parcels);
    case 'refused':
      return moment.code === null ? w.moment.refusedPlain : w.moment.refused(codeShort(moment.code, tag));
    case 'alarm':
      return w.moment.alarm(moment.code === null ? '' : codeSentence(moment.code, tag));
    case 'opened':
    case 'door_opened':
    case 'door_closed':
    case 'relocked':
    case 'secured':
    case 'visit_ended':
    case 'alarm_over':
    case 'line_crossed':
    case 'bolt_moved':
    case 'answered':
    case 'said_no_at_hub':
    case 'rang':
    case 'booted':
    case 'grant_kept':
    case 'revocation_kept':
      return w.moment[moment.what];
    default:
      return w.moment.other;
  }
}

/** The door as it stands after a moment, if the moment says so. */
export function shapeAfter(moment: Moment): DoorShape | null {
  switch (moment.what) {
    case 'opened':
    case 'door_closed':
      return 'unlocked';
    case 'door_opened':
      return 'open';
    case 'relocked':
    case 'secured':
      return 'locked';
    default:
      return null;
  }
}

export function isAlarm(moment: Moment): boolean {
  return moment.what === 'alarm' || moment.what === 'line_crossed';
}

/** An alarm about the picture that is not over. */
export function pictureAlarm(moments: Moment[]): boolean {
  let raised = false;
  for (const moment of moments) {
    if (moment.code !== 'picture_frozen' && moment.code !== 'recording_lost') continue;
    if (moment.what === 'alarm') raised = true;
    if (moment.what === 'alarm_over') raised = false;
  }
  return raised;
}

export type Line = { at: number; moment: Moment } | { at: number; gap: Gap };

/** Moments and gaps as one list, in the order of time. */
export function lines(moments: Moment[], gaps: Gap[]): Line[] {
  return [
    ...moments.map((moment) => ({ at: moment.atMs, moment })),
    ...gaps.map((gap) => ({ at: gap.fromMs, gap })),
  ].sort((a, b) => a.at - b.at);
}
