/** Label images made by Debian's zint, and short films of them for Chromium's pretended camera. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const RATE = 30;

/** What zint is told for each symbology. */
export const SYMBOLS = {
  s10: { title: 'Code 128, S10', zint: ['-b', 'CODE128', '-d', 'RR123456785DE', '--height', '40'], text: 'RR123456785DE' },
  sscc: {
    title: 'GS1-128, SSCC',
    zint: ['-b', 'GS1_128', '-d', '[00]106141411234567897', '--height', '40'],
    text: '106141411234567897',
  },
  identcode: {
    title: 'ITF, Identcode',
    zint: ['-b', 'DPIDENT', '-d', '56310243031', '--height', '40'],
    text: '563102430313',
  },
  leitcode: {
    title: 'ITF, Leitcode',
    zint: ['-b', 'DPLEIT', '-d', '2134807501640', '--height', '40'],
    text: '21348075016401',
  },
  qr: { title: 'QR, own form', zint: ['-b', 'QRCODE', '-d', 'PKG:4711-0815'], text: 'PKG:4711-0815' },
  datamatrix: {
    title: 'DataMatrix, own form',
    zint: ['-b', 'DATAMATRIX', '-d', 'JJD000390007882910235'],
    text: 'JJD000390007882910235',
  },
  sticker: {
    title: 'QR, door sticker',
    zint: ['-b', 'QRCODE', '-d', 'https://door.example/v/#/door/0123456789abcdef0123456789abcdef'],
    text: '0123456789abcdef0123456789abcdef',
  },
};

/** No label of a parcel, and nothing that the handset takes. */
const SHEET = { zint: ['-b', 'QRCODE', '-d', '0123456789abcdef'.repeat(4)] };

function ffmpeg(...args) {
  execFileSync('ffmpeg', ['-hide_banner', '-loglevel', 'error', '-y', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
}

/** One symbol on white, so many pixels at its longer side. */
export function symbol(folder, name, wide) {
  const raw = join(folder, `${name}.raw.png`);
  const file = join(folder, `${name}.png`);
  execFileSync('zint', [...(SYMBOLS[name] ?? SHEET).zint, '--scale', '4', '--whitesp', '12', '--vwhitesp', '6', '-o', raw]);
  ffmpeg('-i', raw, '-vf', `scale=${wide}:${wide}:force_original_aspect_ratio=decrease:flags=area`, file);
  return file;
}

/**
 * An endless 720p film: a table, then the label on it, and so on. While the label is in view a patch in the corner is
 * green, so that the page can tell when that began.
 * `held`: as a hand holds it: tilted by so many degrees, slightly blurred, with a sensor's noise.
 */
export function film(folder, name, { emptyS = 2.2, labelS = 1, held = false, patch = true, tilt = 7, wide = 520 } = {}) {
  const file = join(folder, `${name}${held ? '-held' : ''}.mjpeg`);
  const hand = held
    ? `rotate=${tilt}*PI/180:ow=rotw(${tilt}*PI/180):oh=roth(${tilt}*PI/180):c=none,gblur=sigma=0.7,`
    : '';
  const noise = held ? ',noise=alls=14:allf=t' : ',noise=alls=3:allf=t';
  const shown = `gte(t,${emptyS})`;
  const corner = patch ? `,drawbox=x=0:y=0:w=24:h=24:color=0x00ff00:t=fill:enable='${shown}'` : '';
  ffmpeg(
    '-f', 'lavfi', '-i', `color=c=0x5a4a3c:s=1280x720:r=${RATE}:d=${emptyS + labelS}`,
    '-i', symbol(folder, name, wide),
    '-filter_complex',
    `[1:v]format=rgba,${hand}format=rgba[l];[0:v][l]overlay=(W-w)/2:(H-h)/2:enable='${shown}'${noise}${corner},format=yuvj420p`,
    '-c:v', 'mjpeg', '-q:v', '4', file,
  );
  return file;
}

/** What makes Chromium take a film for the handset's camera. */
export function cameraFlags(file) {
  return [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    ...(file ? [`--use-file-for-fake-video-capture=${file}`] : []),
  ];
}
