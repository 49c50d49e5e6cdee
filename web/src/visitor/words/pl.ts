import type { Words } from './en.ts';

/** One, few, many. */
function paczki(n: number): string {
  if (n === 1) return '1 paczka';
  const few = n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14);
  return `${n} ${few ? 'paczki' : 'paczek'}`;
}

export const pl: Words = {
  tour: 'Twoja trasa',
  noStops: 'Dziś brak przystanków.',
  parcels: paczki,
  notPossible: 'Dziś tutaj niemożliwe.',
  inside: 'W środku',
  elsewhere: 'Oddano gdzie indziej',
  back: 'Wstecz',
  rights: 'Twoje prawa',

  filmed: 'Teraz jest nagrywany obraz. Bez dźwięku.',
  filmedFrom: 'Kamera włącza się po zeskanowaniu naklejki.',
  whoWatches: 'Oglądać mogą mieszkańcy, na żywo i później, oraz osoby, którym pokażą nagranie.',
  scanSticker: 'Skanuj naklejkę',
  notASticker: 'To jest paczka. Najpierw naklejka na drzwiach.',
  scanParcel: 'Skanuj paczkę',
  count: (n, of) => `${n} z ${of}`,
  presentNow: 'Nie ma więcej paczek',
  wrong: 'Zła paczka. Nie do tych drzwi.',
  type: 'Wpisz',
  typeLabel: 'Co jest na etykiecie lub naklejce',
  checkDigit: 'Proszę sprawdzić ostatnią cyfrę. Jeśli się zgadza, nacisnąć OK jeszcze raz.',
  badText: 'Za krótkie, za długie albo niedozwolone znaki.',
  unreadable: 'Nieczytelne? Bliżej, więcej światła albo wpisz.',
  noCamera: 'Brak kamery lub zgody. Proszę wpisać.',
  torch: 'Światło',

  wait: 'Czekaj',
  offline: 'Brak sieci. Ciąg dalszy, gdy wróci. Drzwi nigdy nie otwierają się z opóźnieniem.',
  checking: 'Drzwi sprawdzają.',
  asked: (s) => `Ktoś został zapytany. Jeszcze ${s} s.`,
  comes: 'Ktoś idzie do drzwi.',
  open: 'Otwarte.',
  pushIn: 'Proszę wsunąć do środka, nie wchodzić.',
  insideCount: (n, of) => `${n} z ${of} w środku`,
  oneInside: 'Paczka w środku',
  close: 'Zamknij',
  pleaseClose: 'Proszę zamknąć drzwi.',
  locking: 'Drzwi są zamknięte i ryglują się.',
  done: 'Gotowe.',
  next: 'Dalej',
  notIn: 'Nie wchodzę',
  noReason: 'Powód nie jest potrzebny. Jeśli chcesz:',
  tooBig: 'Paczka za duża',
  blocked: 'Drzwi zablokowane',
  gaveUp: 'Przerwane',
  notHere: 'Nie tutaj',
  mayGo: 'Wszystko zrobione dobrze. Można odejść.',
  alarm: 'Drzwi nie są zamknięte. Mieszkańcy już wiedzą.',

  enrol: 'Zarejestruj telefon',
  enrolName: 'Nazwa telefonu',
  enrolWaits: 'Twoja firma musi się jeszcze zgodzić.',
  noLink: 'Proszę otworzyć link od swojej firmy. Każdy działa raz.',
  told: (time) => `Informacja o ${time}, zanim ruszyła kamera.`,
  watched: (how, time) => `Obejrzano ${{ live: 'na żywo', download: 'później', link: 'przez link' }[how]}: ${time}`,
  nobodyWatched: 'Dotąd nikt nie oglądał.',
  proof: 'Zapisz własny dowód',
  noFigures: 'Nic tu nie mierzy tempa Twojej pracy.',
  machine: 'Tłumaczenie maszynowe, jeszcze niesprawdzone.',
  practice: 'Ćwiczenie: dotknij zamiast skanować.',
  trouble: 'Nie udało się. Proszę spróbować ponownie.',
  ok: 'OK',
};
