import { format } from '../../words/format.ts';
import type { Answer, Arrival, At, Camera, Device, First, Order, Parcel, Permission, Radio, Time } from '../playground.ts';

const f = format('de');

/** Deutsch. */
export const de = {
  f,
  name: 'Vestibule',
  home: 'Zur Startseite',
  title: 'Versuch einzubrechen.',
  lead: 'Du hast die ganze Cloud gestohlen. Über die Tür entscheidet dasselbe Programm wie zu Hause, hier in deinem Browser. Leg zusammen, was du hast, und sieh, was dich aufhält.',
  loading: 'Die Tür wird eingehängt',
  failed: 'Die Tür fehlt. Diese Seite konnte ihr Programm nicht laden.',
  again: 'Noch einmal',
  language: 'Sprache',
  skip: 'Zum Inhalt',
  doorShut: 'Die Tür, verriegelt',
  doorOpen: 'Die Tür, offen',

  tray: {
    title: 'Was vor dir liegt',
    lead: 'Echte Schlüssel und Papiere, eben aus Zufall gemacht. Nicht dabei: die Schlüssel der Bewohnerin, der Box und der Kamera. Die hat keine Cloud.',
    cloud: [
      'der eigene Schlüssel der Cloud',
      'alle unterschriebenen Papiere, die sie weiterreicht',
      'jedes Wort des Besuchs von gestern',
      'was auf dem Etikett des Pakets steht',
      'dein eigenes Telefon',
    ],
    more: 'Leg dazu, was eine Cloud nicht hat:',
    handset: 'das entsperrte Telefon der Kurierin, mit den Geheimzahlen ihrer Pakete',
    provider: 'den Schlüssel des Paketdienstes und seine Liste der Pakete mit ihren Geheimzahlen',
  },

  try: {
    title: 'Dein Versuch',
    act: 'An der Tür versuchen',
    reset: 'Von vorn',
    first: 'Vorab an die Box schicken',
    firsts: {
      nothing: 'nichts',
      roster: 'eine Liste: du wohnst hier',
    } satisfies Record<First, string>,
    permission: 'Erlaubnis',
    permissions: (window: string): Record<Permission, string> => ({
      used: 'von gestern: verbraucht',
      tomorrow: `${window}: unbenutzt`,
      altered: 'dieselbe, auf jetzt geändert',
      other_door: 'für ihre andere Tür',
      own: 'von der Cloud gemacht',
      forged: 'in ihrem Namen gefälscht',
    }),
    order: 'Auftrag des Dienstes',
    orders: {
      relayed: 'der echte, an die Kurierin',
      own: 'von der Cloud, an dich',
      made_up: 'von einem erfundenen Dienst',
      provider: 'mit seinem Schlüssel, an dich',
      nothing: 'keiner',
    } satisfies Record<Order, string>,
    arrival: 'Ankommen',
    arrivals: {
      fresh: 'selbst klingeln',
      replayed: 'das von gestern abspielen',
      courier: 'der Kurierin ins Wort fallen',
    } satisfies Record<Arrival, string>,
    courierHint: 'Sie klingelt, du antwortest an ihrer Stelle. Erlaubnis und Auftrag sind ihre.',
    device: 'Unterschreiben mit',
    devices: {
      thief: 'deinem Telefon',
      forged: 'deinem, in ihrem Namen',
      handset: 'dem der Kurierin',
    } satisfies Record<Device, string>,
    answer: 'Auf die Frage der Tür antworten',
    answers: {
      fresh: 'neu, auf diese Frage',
      replayed: 'mit der Antwort von gestern',
      torn: 'neu, aber abgerissen',
    } satisfies Record<Answer, string>,
    parcel: 'Gescanntes Paket',
    parcels: {
      guessed: 'Etikett, Geheimzahl geraten',
      announced: 'Etikett und Geheimzahl',
      other: 'ein anderes Paket',
    } satisfies Record<Parcel, string>,
    camera: 'Kamera',
    cameras: {
      films: 'filmt',
      frozen: 'steht still',
      forged: 'aus, du fälschst sie',
      cut_late: 'im letzten Moment gekappt',
    } satisfies Record<Camera, string>,
    radio: 'Funk und Netz',
    radios: {
      quiet: 'ungestört',
      contact: 'Türkontakt gestört',
      clock: 'Uhr weg: neu gestartet',
    } satisfies Record<Radio, string>,
    time: 'Wann',
    times: (tomorrow: string): Record<Time, string> => ({ now: 'jetzt', tomorrow }),
  },

  verdict: {
    shut: 'Die Tür bleibt zu.',
    open: 'Die Tür geht auf.',
    at: (moment: string) => `${moment}.`,
    check: (n: number, name: string) => `Prüfung ${f.number(n)} von 16: ${name}`,
    noCheck: 'Vor den 16 Prüfungen',
    where: {
      roster: 'Die Box legt deine Liste nicht ab.',
      permission: 'Die Box legt diese Erlaubnis nicht ab.',
      order: 'Die Box legt diesen Auftrag nicht ab.',
      arrival: 'Beim Klingeln.',
      answer: 'Bei der Antwort.',
    } satisfies Record<At, string>,
    reference: 'Kennung',
    handset: 'Du hattest das Telefon der Kurierin. Die Bewohnerin hat diese Zeit erlaubt, der Dienst hat dieses Telefon geschickt, und das Paket stimmt.',
    provider: 'Du hattest den Schlüssel des Dienstes. Die Bewohnerin hat diesem Dienst diese Zeit erlaubt, und er schickt, wen er will.',
    limits: 'Nur in dieser Zeit, nur einmal. Versuch es noch einmal.',
    filmed: 'Die Kamera hat es gefilmt, und die Bewohnerin kann zusehen und Stopp sagen.',
    after: 'Danach hat sie sich wieder verriegelt.',
  },

  checks: {
    title: 'Was dich aufgehalten hat',
    count: (tries: number, met: number) =>
      `${tries === 1 ? '1 Versuch' : `${f.number(tries)} Versuche`}, ${f.number(met)} von 16 Prüfungen getroffen.`,
    met: 'getroffen',
    names: [
      'Box, Tür und Schloss in Ordnung',
      'jede Nachricht in ihrer einen Form',
      'Antwort auf die Frage von eben',
      'Erlaubnis einer Bewohnerin, für diese Tür',
      'nicht gesperrt, noch nicht verbraucht',
      'jetzt ist die erlaubte Zeit',
      'Auftrag des erlaubten Dienstes',
      'das beauftragte Telefon, das angekündigte Paket',
      'die Sperrliste ist jung genug',
      'die Kamera filmt, jetzt',
      'niemand zu Hause hat Nein gesagt',
      'alles noch einmal',
      'erst aufgeschrieben, dann geöffnet',
      'die Aufnahme hat es bezeugt',
      'ein Impuls, der gleich verfällt',
      'Kamera und Riegel, bis wieder zu ist',
    ],
    rest: 'Nicht alle sind von hier zu treffen: manche sehen nach Rauch, Batterie oder Menschen zu Hause.',
  },

  honest: {
    who: 'Wer zusammen öffnen kann',
    rows: [
      ['die Cloud allein', 'keine Tür'],
      ['Cloud und Schlüssel eines Dienstes', 'Türen, die diesem Dienst eine Zeit erlaubt haben: in dieser Zeit, je einmal, vor der Kamera, wenn die Erlaubnis es verlangt'],
      ['das Telefon einer Kurierin', 'die Tür seines Auftrags, in ihrer Zeit, einmal, mit dem Paket'],
      ['das Telefon einer Bewohnerin', 'ihre Tür: es unterschreibt Erlaubnisse'],
    ],
    limits: 'Was diese Seite nicht zeigt',
    limit: [
      'Schloss, Kamera, Uhr und Speicher sind hier gespielt und gehorchen. Versucht wird die Entscheidung.',
      'Wer das Konto beim Hersteller des Schlosses hat, öffnet an Vestibule vorbei.',
      'Wer diese Seite ausliefert, könnte eine andere ausliefern.',
    ],
  },
};

export type Words = typeof de;
