#!/usr/bin/env node
/** Draws the icons of the two apps from the one drawn door, into `public/icons`: `node icons/render.mjs`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { runnerImport } from 'vite';

const WEB = join(import.meta.dirname, '..');
const OUT = join(WEB, 'public/icons');
const PAPER = '#f7f4ee';
/** The ground of "open" on the visitor's screens. */
const OPEN = '#ffd84d';
const { module } = await runnerImport(join(WEB, 'src/parts/drawing.ts'), { configFile: false, logLevel: 'error' });
const door = module.icon;
// Systems colour it themselves, by its opaque parts.
const badge =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="-20 0 160 160"><path d="M14 158V10H106V70h28v26H106v62z" fill="#fff"/></svg>';

/** `share`: of the side that the door takes. A maskable icon keeps what counts within the middle 80 %. */
const icons = [
  { name: 'door-192', size: 192, svg: door('locked', false), ground: PAPER, share: 0.8 },
  { name: 'door-512', size: 512, svg: door('locked', false), ground: PAPER, share: 0.8 },
  { name: 'door-maskable-512', size: 512, svg: door('locked', false), ground: PAPER, share: 0.58 },
  { name: 'door-touch-180', size: 180, svg: door('locked', false), ground: PAPER, share: 0.7 },
  { name: 'tour-192', size: 192, svg: door('open', false), ground: OPEN, share: 0.8 },
  { name: 'tour-512', size: 512, svg: door('open', false), ground: OPEN, share: 0.8 },
  { name: 'tour-maskable-512', size: 512, svg: door('open', false), ground: OPEN, share: 0.58 },
  { name: 'tour-touch-180', size: 180, svg: door('open', false), ground: OPEN, share: 0.7 },
  { name: 'badge-96', size: 96, svg: badge, ground: 'transparent', share: 0.9 },
];

await mkdir(OUT, { recursive: true });
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--disable-gpu'] });
for (const { name, size, svg, ground, share } of icons) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  const source = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  const wide = Math.round(size * share);
  await page.setContent(
    `<style>html{background:${ground}}body{margin:0;display:grid;place-items:center;height:100vh}</style><img src="${source}" width="${wide}" height="${wide}">`,
  );
  await page.screenshot({ path: join(OUT, `${name}.png`), omitBackground: true });
  await page.close();
}
await browser.close();
