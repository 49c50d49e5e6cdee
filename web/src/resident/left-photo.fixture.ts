/** Photos of where parcels were left that nobody took. Never part of the shipped page. */
import { Trouble, type LeftPhoto, type SeenPhoto } from './model.ts';

const HOUR = 3_600_000;
const kept: LeftPhoto = { state: 'kept', deletesMs: Date.now() + 70 * HOUR, deletedMs: null, afterH: null };
const awaited: LeftPhoto = { state: 'awaited', deletesMs: null, deletedMs: null, afterH: null };
const deleted: LeftPhoto = { state: 'deleted', deletesMs: null, deletedMs: Date.now() - 2 * HOUR, afterH: 72 };

/** A parcel on a mat. */
async function photographed(others: Omit<SeenPhoto, 'url'> = { foreign: 0, former: 0 }): Promise<SeenPhoto> {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width: 1_280, height: 960 });
  const g = canvas.getContext('2d');
  const box = (fill: string, x: number, y: number, width: number, height: number): void => {
    if (g) g.fillStyle = fill;
    g?.fillRect(x, y, width, height);
  };
  box('#cfc6b4', 0, 0, 1_280, 660);
  box('#8d8578', 0, 660, 1_280, 300);
  box('#5f7f6f', 420, 60, 440, 600);
  box('#4c685b', 460, 110, 360, 230);
  box('#4c685b', 460, 390, 360, 230);
  box('#d9b35a', 440, 360, 26, 60);
  box('#4a4038', 350, 690, 600, 150);
  box('#c8955a', 510, 500, 330, 260);
  box('#a87540', 655, 500, 40, 260);
  box('#ffffff', 540, 540, 90, 70);
  const jpeg = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', 0.8));
  return { url: URL.createObjectURL(jpeg ?? new Blob()), ...others };
}

const failed = (code: string) => (): Promise<SeenPhoto> => Promise.reject(new Trouble(code));

/** Each state of a photo: what the report says of it, and what opening it brings. */
export const PHOTOS: Record<string, { photo: LeftPhoto; leftPhoto: () => Promise<SeenPhoto> }> = {
  missedPhoto: { photo: kept, leftPhoto: () => photographed() },
  missedPhotoForeign: { photo: kept, leftPhoto: () => photographed({ foreign: 1, former: 0 }) },
  missedPhotoFormer: { photo: kept, leftPhoto: () => photographed({ foreign: 0, former: 1 }) },
  missedPhotoOpening: { photo: kept, leftPhoto: () => new Promise(() => undefined) },
  missedPhotoAwaited: { photo: awaited, leftPhoto: failed('photo_awaited') },
  missedPhotoDeleted: { photo: deleted, leftPhoto: failed('photo_deleted') },
  missedPhotoNotForYou: { photo: kept, leftPhoto: failed('photo_not_for_you') },
  missedPhotoFailed: { photo: kept, leftPhoto: failed('photo_other') },
};
