/** What is said of the household's keys: a part of `de.ts` and `en.ts`. */
import type { Format } from './format.ts';

export const keyringDe = (f: Format) => ({
  access: {
    title: 'Wer hat Zugang?',
    lead: 'Alles, was an deiner Tür etwas bewirken kann, und woher wir es wissen.',
    list: {
      kept: 'Deine Tür führt genau diese Geräte.',
      unheard: 'Deine Tür hat gerade nicht geantwortet.',
      unconfirmed: 'Deine Tür hat diese Geräte noch nicht bestätigt.',
    },
    listText: {
      unheard: 'Soweit ihr Protokoll hier bekannt ist, führt sie diese Geräte.',
      unconfirmed: 'Bis dahin kann an ihr noch die vorige Liste gelten.',
    },
    hidden: (n: number): string =>
      n === 1
        ? 'Deine Tür führt eine Erlaubnis, die uns die Cloud nicht zeigt. Sperren hält auch sie draußen.'
        : `Deine Tür führt ${f.number(n)} Erlaubnisse, die uns die Cloud nicht zeigt. Sperren hält auch sie draußen.`,
    keptSince: (ms: number): string => `In ihrem Protokoll seit ${f.date(ms)}. Hier geprüft.`,
    keptFirst: 'Diese Liste wurde bei der Einrichtung an der Box bestätigt.',
    notKnown: 'Woher die Schlüssel kommen, war gerade nicht zu erfahren.',
    devices: 'Geräte des Haushalts',
    beside: 'Ohne nach dem Passkey zu fragen sagt die App darauf Nein, antwortet und sieht zu.',
    byName: (name: string, ms: number | null): string =>
      ms === null ? `Aufgenommen von ${name}.` : `Aufgenommen von ${name} am ${f.date(ms)}.`,
    fromStart: 'Seit der Einrichtung dabei.',
    sheet: 'Notfallblatt',
    services: 'Dienste',
    servicesNone: 'Kein Dienst hat gerade eine Erlaubnis.',
    guests: 'Gäste',
    guestsNone: 'Kein Gast hat gerade eine Erlaubnis.',
    next: (window: string): string => `Nächstes Mal: ${window}.`,
    signed: (name: string, ms: number | null): string =>
      ms === null ? `Unterschrieben: ${name}.` : `Unterschrieben: ${name}. Im Türprotokoll seit ${f.date(ms)}.`,
    together: 'Wer zusammen öffnen kann',
    rows: [
      { who: 'Die Cloud, mit allem, was sie hat', can: 'Nichts. Sie kann Nachrichten zurückhalten, aber keine Erlaubnis schreiben.' },
      { who: 'Die Cloud und ein Dienst', can: 'Nur in den Zeiten, die oben unterschrieben sind, und nicht öfter. Mit Kamera, wenn es dort steht.' },
      { who: 'Wer ein Telefon mit Passkey entsperren kann', can: 'Alles, was dessen Rang erlaubt. Diese Telefone sind die Wurzel von allem.' },
      { who: 'Die App ohne den Passkey', can: 'Nichts öffnen. Sie sieht zu und kann alle draußen halten.' },
      { who: 'Hersteller des Schlosses, andere Programme am Schloss, Schlüssel aus Metall', can: 'Ja, an Vestibule vorbei. Deine Box schreibt jede Bewegung auf, die nicht von ihr kam. Welche Wege es gibt, zeigt vestibule doctor an der Box.' },
      { who: 'Wer diese App ausliefert', can: 'Könnte dir eines zeigen und anderes unterschreiben lassen. Vergleiche darum den Stand der App, unten im Haushalt, mit einem zweiten Telefon oder mit vestibule doctor.' },
    ],
  },
  removeEnds: (n: number): string => (n === 1 ? 'Eine Erlaubnis, die es unterschrieben hat, endet damit.' : `${f.number(n)} Erlaubnisse, die es unterschrieben hat, enden damit.`),
  removeNobody: 'Dafür muss niemand an der Box stehen. Was es gesperrt hat, bleibt gesperrt.',
  onlyOwner: 'Geräte aufnehmen und entfernen kann nur ein Admin.',
  onlyOwnerDeletes: 'Löschen kann nur ein Admin.',
});

export type KeyringWords = ReturnType<typeof keyringDe>;

export const keyringEn = (f: Format): KeyringWords => ({
  access: {
    title: 'Who has access?',
    lead: 'Everything that can have an effect on your door, and how we know.',
    list: {
      kept: 'Your door keeps exactly these devices.',
      unheard: 'Your door did not answer just now.',
      unconfirmed: 'Your door has not confirmed these devices yet.',
    },
    listText: {
      unheard: 'As far as its log is known here, it keeps these devices.',
      unconfirmed: 'Until then the list before may still count there.',
    },
    hidden: (n) =>
      n === 1
        ? 'Your door keeps a permission that the cloud does not show us. Block keeps that out, too.'
        : `Your door keeps ${f.number(n)} permissions that the cloud does not show us. Block keeps them out, too.`,
    keptSince: (ms) => `In its log since ${f.date(ms)}. Checked here.`,
    keptFirst: 'This list was confirmed at the box when the home was set up.',
    notKnown: 'Where the keys come from could not be found out right now.',
    devices: 'Devices of the household',
    beside: 'Without asking for the passkey, the app on it says no, answers and watches.',
    byName: (name, ms) => (ms === null ? `Taken in by ${name}.` : `Taken in by ${name} on ${f.date(ms)}.`),
    fromStart: 'There since the home was set up.',
    sheet: 'Recovery sheet',
    services: 'Services',
    servicesNone: 'No service holds a permission right now.',
    guests: 'Guests',
    guestsNone: 'No guest holds a permission right now.',
    next: (window) => `Next time: ${window}.`,
    signed: (name, ms) => (ms === null ? `Signed: ${name}.` : `Signed: ${name}. In the door log since ${f.date(ms)}.`),
    together: 'Who together can open',
    rows: [
      { who: 'The cloud, with all it has', can: 'Nothing. It can hold messages back, but write no permission.' },
      { who: 'The cloud and a service', can: 'Only within the times that are signed above, and no more often. On camera, if it says so there.' },
      { who: 'Whoever can unlock a phone with a passkey', can: 'All that its rank allows. These phones are the root of everything.' },
      { who: 'The app without the passkey', can: 'Open nothing. It watches, and can keep everyone out.' },
      { who: 'The lock’s maker, other programs at the lock, keys of metal', can: 'Yes, past Vestibule. Your box writes down every movement that it did not order. Which ways there are, vestibule doctor at the box shows.' },
      { who: 'Whoever serves this app', can: 'Could show you one thing and have you sign another. So compare the build of the app, at the end of Household, with a second phone or with vestibule doctor.' },
    ],
  },
  removeEnds: (n) => (n === 1 ? 'One permission that it signed ends with it.' : `${f.number(n)} permissions that it signed end with it.`),
  removeNobody: 'Nobody needs to be at the box for it. What it blocked stays blocked.',
  onlyOwner: 'Only an admin can take in and remove devices.',
  onlyOwnerDeletes: 'Only an admin can delete it.',
});
