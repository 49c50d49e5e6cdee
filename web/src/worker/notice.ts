/** What a push becomes: a sentence without anything about a person, and where a press on it leads. */

type Language = 'de' | 'en';

/** The sentences of the page's notices; the worker carries its own, for it speaks while no page is open. */
const SENTENCES: Record<Language, Record<string, string>> = {
  de: {
    announced: 'Ein Dienst hat sich angemeldet.',
    rang: 'Jemand steht vor deiner Tür und fragt.',
    arriving: 'Jemand steht vor deiner Tür.',
    opened: 'Deine Tür wurde geöffnet.',
    secured: 'Zu und verriegelt.',
    refused: 'Nicht geöffnet.',
    missed: 'Ein Paket kam nicht hinein.',
    looked: 'Jemand hat über die Kamera nachgesehen.',
    stops_away: 'Ein Dienst ist bald bei dir.',
    alarm: 'Alarm.',
    incident: 'Ein Besuch endete mit einem Vorfall.',
    revocation_confirmed: 'Deine Tür hat die Sperrliste bestätigt.',
  },
  en: {
    announced: 'A service has announced itself.',
    rang: 'Someone is at your door, and asks.',
    arriving: 'Someone is at your door.',
    opened: 'Your door was opened.',
    secured: 'Closed and locked.',
    refused: 'Not opened.',
    missed: 'A parcel did not get in.',
    looked: 'Someone looked through the camera.',
    stops_away: 'A service is near.',
    alarm: 'Alarm.',
    incident: 'A visit ended in an incident.',
    revocation_confirmed: 'Your door has confirmed the block list.',
  },
};
const OTHER: Record<Language, string> = { de: 'Eine Meldung deiner Tür.', en: 'A notice from your door.' };

/** Told about the past: leads to the visit. All others lead to the door, which shows a visit that is under way. */
const OVER = new Set(['secured', 'refused', 'missed', 'looked', 'incident']);
/** Stays on the screen until it is seen. */
const URGENT = new Set(['rang', 'arriving', 'alarm', 'incident']);
const VISIT = /^[0-9a-f]{32}$/;

export interface Notification {
  sentence: string;
  /** Part of the resident's address after `/`. */
  to: string;
  urgent: boolean;
  /** A later one of the same tag replaces it. */
  tag: string;
}

/** Whatever a push holds: browsers want every push shown. */
export function notification(payload: unknown, tag: string): Notification {
  const { kind, visit } = (payload ?? {}) as { kind?: unknown; visit?: unknown };
  const language: Language = tag.toLowerCase().split('-')[0] === 'de' ? 'de' : 'en';
  const known = typeof kind === 'string' && Object.hasOwn(SENTENCES[language], kind) ? kind : null;
  const id = typeof visit === 'string' && VISIT.test(visit) ? visit : null;
  return {
    sentence: (known && SENTENCES[language][known]) ?? OTHER[language],
    to: known && OVER.has(known) ? (id ? `#/visits/${id}` : '#/visits') : '#/',
    urgent: known !== null && URGENT.has(known),
    tag: id ?? known ?? 'notice',
  };
}
