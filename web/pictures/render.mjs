#!/usr/bin/env node
/**
 * Renders every screen of the resident's app, German and English, light and dark, on a phone and on a desk, under the
 * policy that the cloud serves the page with. Fails on a broken policy, on an error, and on a page that is too wide.
 *
 *   node pictures/render.mjs [--out DIR] [--only TEXT] [--axe] [--narrow] [--fast]
 *
 * --axe checks accessibility on each screen as well; --narrow looks at 320 px for things that do not fit. --fast takes no
 * pictures: each screen once in each language, at 360 px, and then at what a window of 640 px shows at 200 %.
 */
import { readFileSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join } from 'node:path';
import { chromium } from 'playwright-core';
import { builtGallery } from '../e2e/gallery.mjs';
import { scenes } from './scenes.mjs';

const POLICY =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; " +
  "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; " +
  "require-trusted-types-for 'script'";
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.wasm': 'application/wasm',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.mp4': 'video/mp4',
  '.png': 'image/png',
};
/** 200 % in a window of 640 px. */
const ZOOMED = { width: 320, factor: 2 };
const HERE = import.meta.dirname;
const flag = (name) => process.argv.includes(name);
const value = (name, fallback) => (flag(name) ? process.argv[process.argv.indexOf(name) + 1] : fallback);
const OUT = value('--out', join(HERE, 'out'));
const ONLY = value('--only', '').split(',');
const FAST = flag('--fast');
const chosen = scenes.filter((scene) => ONLY.some((text) => scene.name.includes(text)));
const axeSource = flag('--axe') ? readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8') : null;

async function serve(request, response) {
  const path = decodeURIComponent(new URL(request.url, 'http://localhost').pathname);
  const file = path.startsWith('/out/') ? join(OUT, path.slice(5)) : join(PAGES, path === '/' ? 'index.html' : path);
  try {
    const body = await readFile(file);
    const headers = { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream', 'accept-ranges': 'bytes' };
    if (!path.startsWith('/out/')) headers['content-security-policy'] = POLICY;
    // Its name has its hash.
    if (path.startsWith('/assets/')) headers['cache-control'] = 'max-age=3600, immutable';
    const range = /bytes=(\d+)-(\d*)/.exec(request.headers.range ?? '');
    if (range) {
      const from = Number(range[1]);
      const to = range[2] ? Number(range[2]) : body.length - 1;
      response.writeHead(206, { ...headers, 'content-range': `bytes ${from}-${to}/${body.length}` });
      response.end(body.subarray(from, to + 1));
    } else {
      response.writeHead(200, headers);
      response.end(body);
    }
  } catch {
    response.writeHead(404);
    response.end();
  }
}

const PAGES = await builtGallery();
const server = createServer((request, response) => void serve(request, response));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
if (!FAST) await mkdir(OUT, { recursive: true });
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const faults = [];

/** A window for pictures that are looked at alike. */
async function open({ language, scheme, width, height }) {
  const context = await browser.newContext({
    viewport: { width, height },
    locale: language,
    colorScheme: scheme,
    timezoneId: 'Europe/Berlin',
    reducedMotion: FAST ? 'reduce' : 'no-preference',
    deviceScaleFactor: FAST ? ZOOMED.factor : 1,
  });
  await context.addInitScript(stopTheClock);
  const page = await context.newPage();
  page.setDefaultTimeout(8_000);
  const one = { page, where: '' };
  page.on('console', (message) => message.type() === 'error' && faults.push(`${one.where}: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`${one.where}: ${error.message}`));
  return one;
}

/**
 * In the page, before anything else: it is always the time of day in the address. Playwright's own clock takes over every
 * timer with it, in which axe then spends most of its time.
 */
function stopTheClock() {
  const Ticking = Date;
  globalThis.Date = class extends Ticking {
    constructor(...of) {
      super(...(of.length === 0 ? [Date.now()] : of));
    }
    static now() {
      const at = new URLSearchParams(location.search).get('at');
      return at === null ? Ticking.now() : new Ticking(`2026-03-12T${at}:00+01:00`).getTime();
    }
  };
}

/** Opens the page, or turns to another screen in it: to load it anew would be most of a screen's time. */
async function turnTo(page, address) {
  if (page.url() === 'about:blank') {
    await page.goto(`${origin}${address}`);
    if (axeSource) await page.evaluate(axeSource);
    return;
  }
  // Nothing is held, or hovered over, that was pressed on the screen before.
  await page.mouse.up();
  await page.mouse.move(0, 0);
  await page.evaluate((to) => globalThis.show(to), address);
}

async function render(scene, look, one) {
  const { language, scheme, width, height } = look;
  const where = `${scene.name} ${language} ${scheme} ${width}`;
  const { page } = one;
  one.where = where;
  try {
    await turnTo(page, `/?home=${scene.home}&scene=${scene.name}&at=${scene.at ?? '11:05'}${scene.newer ? '&newer' : ''}#${scene.hash ?? '/'}`);
    await page.evaluate(() => document.fonts.ready);
    if (scene.act) await scene.act(page);
    await page.waitForTimeout(scene.settle ?? (FAST ? 60 : 280));
    if (scene.tall) {
      // The door takes its share of what it is given: twice is enough.
      for (let round = 0; round < 3; round += 1) {
        const full = await page.evaluate(() => document.documentElement.scrollHeight);
        if (full > height) await page.setViewportSize({ width, height: full });
      }
    }
    await fits(page, where);
    if (axeSource && !scene.brief && isLookedAt(scene, language)) await check(page, where);
    if (FAST) {
      await page.setViewportSize({ width: ZOOMED.width, height });
      await fits(page, `${where}, at ${ZOOMED.width}`);
    } else {
      await page.screenshot({ path: join(OUT, file(scene, look)) });
    }
  } catch (error) {
    faults.push(`${where}: ${error.message}`);
  }
}

/** What axe finds lies in a screen's build and colours, not in its language: with --fast every second screen is its in German. */
function isLookedAt(scene, language) {
  return !FAST || (chosen.indexOf(scene) % 2 === 0) === (language === 'de');
}

async function fits(page, where) {
  const over = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  if (over > 0) faults.push(`${where}: ${over} px too wide`);
}

async function check(page, where) {
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run({ resultTypes: ['violations'], runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
  );
  for (const one of violations) {
    for (const node of one.nodes) faults.push(`${where}: axe ${one.id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`);
  }
}

function file(scene, { language, scheme, width }) {
  return `${scene.name}-${language}-${scheme}-${width}.png`;
}

async function sheet(look) {
  const { language, scheme, width } = look;
  const page = await browser.newPage({ viewport: { width: width > 1_000 ? 2_000 : 2_200, height: 1_000 } });
  const cell = width > 1_000 ? 480 : 260;
  const figures = chosen
    .map((scene) => `<figure><img src="${origin}/out/${file(scene, look)}"><figcaption>${scene.name}</figcaption></figure>`)
    .join('');
  await page.setContent(
    `<style>body{margin:16px;background:#888;display:flex;flex-wrap:wrap;gap:16px;font:14px sans-serif;align-items:flex-start}` +
      `figure{margin:0;width:${cell}px}img{width:100%;display:block}</style>${figures}`,
    { waitUntil: 'load', timeout: 120_000 },
  );
  await page.screenshot({ path: join(OUT, `sheet-${language}-${scheme}-${width}.png`), fullPage: true });
  await page.close();
}

const sizes = flag('--narrow') ? [{ width: 320, height: 640 }] : [{ width: 360, height: 780 }, { width: 1_280, height: 900 }];
const wanted = value('--looks', '');
for (const { width, height } of sizes) {
  for (const language of ['de', 'en']) {
    for (const scheme of ['light', 'dark']) {
      const look = { language, scheme, width, height };
      if (FAST && (scheme !== (language === 'de' ? 'light' : 'dark') || width !== 360)) continue;
      if (wanted && !wanted.split(',').includes(`${language}-${scheme}-${width}`)) continue;
      const queue = [...chosen];
      const work = async () => {
        const one = await open(look);
        for (let scene = queue.shift(); scene; scene = queue.shift()) {
          await render(scene, look, one);
          await one.page.setViewportSize({ width, height });
        }
        await one.page.context().close();
      };
      await Promise.all([work(), work()]);
      if (!FAST) await sheet(look);
    }
  }
}
await browser.close();
server.close();
for (const fault of faults) console.error(fault);
console.log(`${chosen.length} screens${FAST ? '' : ` in ${OUT}`}; ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
