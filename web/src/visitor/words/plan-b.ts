/** Plan B for couriers: what to do with a parcel that does not go in, and to say where it went. English gives the keys. */
import type { PlanB } from '../../resident/model.ts';
import type { Tongue } from './spoken.svelte.ts';

const en = {
  take: {
    neighbour: 'Please take it to a neighbour.',
    locker: 'Please take it to the locker.',
    doorstep: 'Please leave it at the door.',
    again: 'Please try again tomorrow.',
  } satisfies Record<PlanB, string>,
  went: {
    neighbour: 'It is with a neighbour',
    locker: 'It goes to the locker',
    doorstep: 'It is at the door',
    again: 'I will try again',
  } satisfies Record<PlanB, string>,
  where: 'Where is it now?',
  told: 'Reported. Thank you.',
  waits: 'No network. The report goes out later.',
  photo: 'Photo',
  photoHint: 'Only the parcel, no people.',
  photoAgain: 'New photo',
  photoNot: 'No photo',
  photoOf: 'Your photo of the parcel',
};

export type PlanBWords = typeof en;

const de: PlanBWords = {
  take: {
    neighbour: 'Bitte zu einem Nachbarn bringen.',
    locker: 'Bitte ins Paketfach bringen.',
    doorstep: 'Bitte vor die Tür legen.',
    again: 'Bitte morgen noch einmal versuchen.',
  },
  went: {
    neighbour: 'Ist beim Nachbarn',
    locker: 'Kommt ins Paketfach',
    doorstep: 'Liegt vor der Tür',
    again: 'Neuer Versuch',
  },
  where: 'Wo ist es jetzt?',
  told: 'Gemeldet. Danke.',
  waits: 'Kein Netz. Die Meldung geht später hinaus.',
  photo: 'Foto',
  photoHint: 'Nur das Paket, keine Personen.',
  photoAgain: 'Neues Foto',
  photoNot: 'Ohne Foto',
  photoOf: 'Ihr Foto des Pakets',
};

const pl: PlanBWords = {
  take: {
    neighbour: 'Proszę zanieść do sąsiada.',
    locker: 'Proszę zanieść do skrytki.',
    doorstep: 'Proszę zostawić pod drzwiami.',
    again: 'Proszę spróbować jutro.',
  },
  went: {
    neighbour: 'Jest u sąsiada',
    locker: 'Trafi do skrytki',
    doorstep: 'Leży pod drzwiami',
    again: 'Spróbuję ponownie',
  },
  where: 'Gdzie jest teraz?',
  told: 'Zgłoszono. Dziękujemy.',
  waits: 'Brak sieci. Zgłoszenie zostanie wysłane później.',
  photo: 'Zdjęcie',
  photoHint: 'Tylko paczka, bez osób.',
  photoAgain: 'Nowe zdjęcie',
  photoNot: 'Bez zdjęcia',
  photoOf: 'Zdjęcie paczki',
};

const tr: PlanBWords = {
  take: {
    neighbour: 'Lütfen bir komşuya bırakın.',
    locker: 'Lütfen paket dolabına götürün.',
    doorstep: 'Lütfen kapının önüne bırakın.',
    again: 'Lütfen yarın yeniden deneyin.',
  },
  went: {
    neighbour: 'Komşuda',
    locker: 'Paket dolabına gidiyor',
    doorstep: 'Kapının önünde',
    again: 'Yeniden deneyeceğim',
  },
  where: 'Şimdi nerede?',
  told: 'Bildirildi. Teşekkürler.',
  waits: 'Ağ yok. Bildirim daha sonra gönderilecek.',
  photo: 'Fotoğraf',
  photoHint: 'Yalnızca paket, kişi olmasın.',
  photoAgain: 'Yeni fotoğraf',
  photoNot: 'Fotoğrafsız',
  photoOf: 'Paketin fotoğrafı',
};

const uk: PlanBWords = {
  take: {
    neighbour: 'Будь ласка, віднесіть сусідові.',
    locker: 'Будь ласка, віднесіть до поштомата.',
    doorstep: 'Будь ласка, залиште біля дверей.',
    again: 'Будь ласка, спробуйте завтра ще раз.',
  },
  went: {
    neighbour: 'У сусіда',
    locker: 'Піде до поштомата',
    doorstep: 'Лежить біля дверей',
    again: 'Спробую ще раз',
  },
  where: 'Де вона тепер?',
  told: 'Повідомлено. Дякуємо.',
  waits: 'Немає мережі. Повідомлення буде надіслано пізніше.',
  photo: 'Фото',
  photoHint: 'Лише посилка, без людей.',
  photoAgain: 'Нове фото',
  photoNot: 'Без фото',
  photoOf: 'Ваше фото посилки',
};

const ar: PlanBWords = {
  take: {
    neighbour: 'يرجى تسليمه إلى أحد الجيران.',
    locker: 'يرجى أخذه إلى خزانة الطرود.',
    doorstep: 'يرجى تركه عند الباب.',
    again: 'يرجى المحاولة غدًا مرة أخرى.',
  },
  went: {
    neighbour: 'لدى أحد الجيران',
    locker: 'إلى خزانة الطرود',
    doorstep: 'عند الباب',
    again: 'سأحاول مرة أخرى',
  },
  where: 'أين هو الآن؟',
  told: 'تم الإبلاغ. شكرًا.',
  waits: 'لا توجد شبكة. سيُرسل البلاغ لاحقًا.',
  photo: 'صورة',
  photoHint: 'الطرد فقط، دون أشخاص.',
  photoAgain: 'صورة جديدة',
  photoNot: 'دون صورة',
  photoOf: 'صورتك للطرد',
};

export const PLAN_B: Record<Tongue, PlanBWords> = { de, en, pl, tr, uk, ar };
