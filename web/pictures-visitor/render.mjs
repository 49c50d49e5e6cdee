#!/usr/bin/env node
/**
 * Every state of the visitor's screens as a picture, and contact sheets of them:
 *   node pictures-visitor/render.mjs <folder> [--axe] [--only <state>] [--fast]
 * German, English and Arabic for all, the other languages for a few; light and dark where it differs; 360 and 1280
 * pixels, and 320 in German. Any complaint of the page or of its policy fails, and with --axe any finding of axe.
 * --fast takes no pictures: each state once in German and English, at 360 pixels, and then at what a window of 640 shows
 * at 200 %.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { builtGallery } from '../e2e/gallery.mjs';
import { cameraFlags, film } from '../e2e/labels.mjs';
import { serve } from '../e2e/serve.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { axe: { type: 'boolean' }, only: { type: 'string' }, fast: { type: 'boolean' } },
});
const folder = resolve(positionals[0] ?? 'pictures');
const axe = values.axe ? readFileSync(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8') : null;
const only = values.only ?? null;

const ALL = ['de', 'en', 'ar'];
const FEW = ['pl', 'tr', 'uk'];
const SHOWN_IN_ALL = new Set(['tour', 'told', 'scan-two', 'open', 'close', 'done']);
const SIZES = [
  { width: 360, height: 740 },
  { width: 1280, height: 800 },
];
const fast = values.fast === true;
const SMALL = { width: 320, height: 568 };

const work = mkdtempSync(join(tmpdir(), 'pictures-'));
const server = await serve(await builtGallery('pictures-visitor'));
if (!fast) mkdirSync(folder, { recursive: true });

const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: cameraFlags(film(work, 's10', { held: true, emptyS: 0, labelS: 1, patch: false })),
});

let failed = 0;
const taken = [];

/** Pages are kept: a new one, or to load it anew, would be most of a picture's time. */
const pages = new Map();
async function pageFor(lang, scheme, size) {
  const key = `${lang} ${scheme} ${size.width}`;
  const kept = pages.get(key);
  if (kept) return kept;
  const context = await browser.newContext({ viewport: size, colorScheme: scheme, reducedMotion: 'reduce', locale: lang, deviceScaleFactor: fast ? 2 : 1 });
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  pages.set(key, { page, complaints });
  return { page, complaints };
}

/** Opens the page, or turns to another state in it. */
async function turnTo(page, address) {
  if (page.url() === 'about:blank') {
    await page.goto(`${server.origin}${address}`);
    await page.waitForFunction(() => window.pictures);
    // Through the protocol, past the policy of the page.
    if (axe) await page.evaluate(axe);
    return;
  }
  await page.mouse.move(0, 0);
  await page.evaluate((to) => window.show(to), address);
}

async function take(state, lang, scheme, size, isLookedAt = true) {
  const name = `${state}.${lang}.${scheme}.${size.width}`;
  const { page, complaints } = await pageFor(lang, scheme, size);
  await turnTo(page, `/?state=${state}&lang=${lang}`);
  const { press, typed, photo } = await page.evaluate(() => window.pictures);
  for (const [i, label] of press.entries()) {
    if (typed !== null && i === press.length - 1) await page.locator('input').fill(typed);
    await page.getByRole('button', { name: label, exact: true }).first().click();
  }
  if (photo) await page.locator('input[type=file]').setInputFiles({ name: 'parcel.png', mimeType: 'image/png', buffer: await page.screenshot() });
  await page.evaluate(() => document.fonts.ready);
  if ((await page.locator('video').count()) > 0) {
    await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0, null, { timeout: 10_000 });
    await page.waitForTimeout(150);
  }
  if (await isTooWide(page)) complaints.push('wider than the screen');
  if (axe && isLookedAt) complaints.push(...(await findings(page)));
  if (fast) {
    await page.setViewportSize(SMALL);
    if (await isTooWide(page)) complaints.push(`wider than the screen at ${SMALL.width}`);
    await page.setViewportSize(size);
  } else {
    await page.screenshot({ path: join(folder, `${name}.png`) });
  }
  if (complaints.length > 0) {
    failed += 1;
    console.log(`${name}:\n  ${complaints.join('\n  ')}`);
    complaints.length = 0;
  }
  taken.push({ state, lang, scheme, width: size.width, name });
}

function isTooWide(page) {
  return page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
}

async function findings(page) {
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  return violations.map(
    (each) => `axe ${each.id}: ${each.help}; ${each.nodes.map((node) => `${node.target.join(' ')} ${node.any[0]?.message ?? ''}`).join('; ')}`,
  );
}

const first = await browser.newPage();
await first.goto(`${server.origin}/?state=tour&lang=en`);
await first.waitForFunction(() => window.pictures);
const states = (await first.evaluate(() => window.pictures.states)).filter((each) => only === null || each.state === only);
await first.close();

for (const [i, { state, themed }] of states.entries()) {
  if (fast) {
    // What axe finds lies in a screen's build and colours, not in its language.
    await take(state, 'de', 'light', SIZES[0], i % 2 === 0);
    await take(state, 'en', 'dark', SIZES[0], i % 2 === 1);
    continue;
  }
  for (const lang of SHOWN_IN_ALL.has(state) ? [...ALL, ...FEW] : ALL) {
    for (const scheme of themed ? ['light', 'dark'] : ['light']) {
      for (const size of SIZES) await take(state, lang, scheme, size);
    }
    if (lang === 'de') await take(state, lang, 'light', SMALL);
  }
}

/** One sheet: pictures side by side, with their names. */
async function sheet(name, pictures, width) {
  if (pictures.length === 0) return;
  const page = await browser.newPage({ viewport: { width: 1600, height: 900 } });
  const figures = pictures.map(
    (each) =>
      `<figure><img src="data:image/png;base64,${readFileSync(join(folder, `${each.name}.png`)).toString('base64')}" width="${width}"><figcaption>${each.name}</figcaption></figure>`,
  );
  await page.setContent(
    `<style>body{margin:8px;background:#888;font:12px sans-serif}figure{display:inline-block;margin:6px;vertical-align:top}img{display:block}</style>${figures.join('')}`,
  );
  await page.screenshot({ path: join(folder, `sheet-${name}.png`), fullPage: true });
  await page.close();
}

const of = (test) => (fast ? [] : taken.filter(test));
for (const lang of [...ALL, ...FEW]) {
  await sheet(`${lang}-light`, of((p) => p.lang === lang && p.scheme === 'light' && p.width === 360), 216);
  await sheet(`${lang}-dark`, of((p) => p.lang === lang && p.scheme === 'dark' && p.width === 360), 216);
}
await sheet('de-320', of((p) => p.lang === 'de' && p.width === 320), 200);
await sheet('de-1280', of((p) => p.lang === 'de' && p.scheme === 'light' && p.width === 1280), 500);

await browser.close();
await server.close();
rmSync(work, { recursive: true });
if (!fast) writeFileSync(join(folder, 'taken.txt'), `${taken.map((each) => each.name).join('\n')}\n`);
console.log(`${taken.length} ${fast ? 'screens' : 'pictures'}, ${failed} with complaints`);
process.exit(failed > 0 ? 1 : 0);
