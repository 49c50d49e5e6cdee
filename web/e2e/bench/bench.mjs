#!/usr/bin/env node
/**
 * What people wait for, in Chromium over the real programs: how old the live picture is, how soon it comes, how it comes
 * back, and how long a courier waits on a bad network. Figures belong on a quiet machine, so this is no test.
 *
 *   cargo build --release -p vestibule && VESTIBULE=target/release/vestibule npm run bench
 *   npm run bench -- live first        # some of them: live, outage, first, scan
 *
 * The camera is an ordinary one, 1080p at 25 pictures a second (`camera.py`). Prints one JSON line for each figure with
 * what it should reach, and ends with 1 if one does not.
 */
import { allow, arrive, enrol, moveIn, scan, sees } from '../people.mjs';
import { browse, PROGRAM, raise } from '../stage.mjs';
import { relay } from '../relay.mjs';
import { camera } from './camera.mjs';
import { quantile, watchPictures } from './clock.mjs';

const LIVE_MS = 60_000;
const SETTLED_MS = 3_000;
const RELOADS = 40;
const OUTAGE_MS = 4_000;
const SLOW_DELIVERIES = 8;
/** 400 ms there and back, 100 kbit/s, and every twentieth packet lost. */
const SLOW = { delayMs: 200, bytesPerS: 12_500, loss: 0.05 };

let missed = 0;
function figure(what, value, reach, more = {}) {
  const ok = value <= reach;
  if (!ok) missed += 1;
  console.log(JSON.stringify({ what, value: Math.round(value), reach, ok, ...more }));
}

// A debug build answers later than what people run.
console.log(JSON.stringify({ program: PROGRAM }));
const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
const films = await camera();
const stage = await raise('--camera', films.url);
const people = await browse();
const homeNet = await relay(Number(new URL(stage.links.resident).port));
const streetNet = await relay(Number(new URL(stage.links.courier).port));
const through = (link, net) => link.replace(/localhost:\d+/, `localhost:${net.port}`);
try {
  const resident = await people.person();
  const courier = await people.person();
  await resident.context.addInitScript(watchPictures);
  await moveIn(resident, through(stage.links.resident, homeNet));
  await enrol(courier, through(stage.links.courier, streetNet));
  await allow(resident);
  await arrive(courier);
  await sees(resident.page, 'Live.', 20_000);
  if (isWanted('live')) await live(resident.page);
  if (isWanted('outage')) await outage(resident.page);
  if (isWanted('first')) await firstPicture(resident.page);
  if (isWanted('scan')) await scans(resident, courier);
} finally {
  homeNet.end();
  streetNet.end();
  await people.end();
  await stage.end();
  films.end();
}
process.exitCode = missed > 0 ? 1 : 0;

/** How long a courier waits on a bad network, delivery after delivery. */
async function scans(resident, courier) {
  Object.assign(streetNet.now, SLOW);
  const waits = [await opened(courier)];
  for (let i = 1; i < SLOW_DELIVERIES; i += 1) {
    Object.assign(streetNet.now, { delayMs: 0, bytesPerS: Infinity, loss: 0 });
    await sees(courier.page, 'Done.', 60_000);
    await courier.page.getByRole('button', { name: 'Next stop' }).click();
    await resident.page.goto(through(stage.links.resident, homeNet).replace(/#.*/, '#/'));
    await allow(resident);
    await arrive(courier);
    await courier.page.getByRole('button', { name: /^Scan parcel / }).first().waitFor({ timeout: 20_000 });
    Object.assign(streetNet.now, SLOW);
    waits.push(await opened(courier));
  }
  const more = { p50: Math.round(quantile(waits, 0.5)), deliveries: waits.length };
  figure('scan to answer on a bad network, p95 ms', quantile(waits, 0.95), 3_000, more);
}

/** Age of the picture when it is shown, and the longest that it stood. */
async function live(page) {
  // What was filmed before the visit goes to the cloud first.
  await page.waitForTimeout(SETTLED_MS);
  await page.evaluate(() => (window.sightings = []));
  await page.waitForTimeout(LIVE_MS);
  const seen = await page.evaluate(() => window.sightings);
  const ages = seen.map(({ atMs, clockMs }) => atMs - clockMs);
  const steps = seen.slice(1).map(({ atMs }, i) => atMs - seen[i].atMs);
  const clocks = new Set(seen.map(({ clockMs }) => clockMs));
  const more = { p50: Math.round(quantile(ages, 0.5)), pictures: clocks.size, seconds: LIVE_MS / 1_000 };
  figure("camera's clock in the pixels to the page, p95 ms", quantile(ages, 0.95), 200, more);
  figure('longest that the live picture stood, ms', Math.max(...steps), 100);
}

/** How old the picture is a second after a silence. */
async function outage(page) {
  homeNet.now.silent = true;
  await page.waitForTimeout(OUTAGE_MS);
  homeNet.now.silent = false;
  await page.waitForTimeout(1_000);
  const { atMs, clockMs } = await page.evaluate(() => window.sightings.at(-1));
  const stood = (await page.evaluate(() => performance.timeOrigin + performance.now())) - atMs;
  figure(`behind, 1 s after ${OUTAGE_MS / 1_000} s of silence, ms`, atMs - clockMs + stood, 1_000);
}

/** From the start of the navigation to the first live picture; the service worker and the keys are there. */
async function firstPicture(page) {
  const times = [];
  for (let i = 0; i < RELOADS; i += 1) {
    await page.reload();
    await page.waitForFunction(() => window.firstPictureMs !== null, null, { timeout: 20_000, polling: 50 });
    times.push(await page.evaluate(() => window.firstPictureMs));
  }
  const more = { p50: Math.round(quantile(times, 0.5)), reloads: RELOADS };
  figure('first live picture, p95 ms', quantile(times, 0.95), 400, more);
}

/** From the scan to the answer on the courier's screen, ms. */
async function opened(courier) {
  const from = performance.now();
  await scan(courier);
  await sees(courier.page, 'Push it in, please stay outside.', 60_000);
  return performance.now() - from;
}
