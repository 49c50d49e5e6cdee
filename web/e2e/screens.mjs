#!/usr/bin/env node
/** The visitor's screens under the page's own policy, over a round that stands still: what is pressed calls what it should. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { builtGallery } from './gallery.mjs';
import { cameraFlags, film } from './labels.mjs';
import { serve } from './serve.mjs';

const TAG = '0123456789abcdef0123456789abcdef';
const DEADLINE_MS = 20_000;

const work = mkdtempSync(join(tmpdir(), 'screens-'));
const server = await serve(await builtGallery('pictures-visitor'));
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: cameraFlags(film(work, 'sticker', { held: true, emptyS: 2.2, labelS: 1, patch: false })),
});

/** A hardware scanner types: a key each 4 ms by its own clock, however late a busy machine passes them on. */
async function scanner(page, text) {
  const keyboard = await page.context().newCDPSession(page);
  let timestamp = Date.now() / 1_000;
  for (const [key, said, windowsVirtualKeyCode] of [...Array.from(text, (letter) => [letter, letter, letter.charCodeAt(0)]), ['Enter', '\r', 13]]) {
    timestamp += 0.004;
    await keyboard.send('Input.dispatchKeyEvent', { type: 'keyDown', key, text: said, windowsVirtualKeyCode, timestamp });
    await keyboard.send('Input.dispatchKeyEvent', { type: 'keyUp', key, windowsVirtualKeyCode, timestamp });
  }
  await keyboard.detach();
}

/** Everything that was called, `refresh` apart. */
const calls = (page) => page.evaluate(() => window.pictures.calls.filter((call) => call[0] !== 'refresh'));
const called = (page, what) =>
  page.waitForFunction((wanted) => window.pictures.calls.some((call) => call[0] === wanted), what, { timeout: DEADLINE_MS });
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

const tests = {
  async 'told before the sticker, and the camera reads it'(open) {
    const page = await open('told');
    assert.equal(await page.locator('video').count(), 0, 'no camera before telling');
    await page.getByText('You are being filmed now. No sound.').first().waitFor();
    await press(page, 'Scan sticker');
    await called(page, 'seen');
    assert.deepEqual(await calls(page), [['told'], ['seen', TAG]]);
  },
  async 'a sticker that another program read still tells first'(open) {
    const page = await open('told', `#/door/${TAG}`);
    assert.deepEqual(await calls(page), []);
    await press(page, 'Scan sticker');
    await called(page, 'seen');
    assert.deepEqual(await calls(page), [['told'], ['seen', TAG]]);
    assert.equal(new URL(page.url()).hash, '', 'the address forgets the link');
  },
  async 'a photo of the parcel is optional, can be taken back, and goes with the report'(open) {
    const page = await open('no-too-big');
    const take = async () => {
      const buffer = await page.screenshot();
      await page.locator('input[type=file]').setInputFiles({ name: 'parcel.png', mimeType: 'image/png', buffer });
      await page.getByRole('img', { name: 'Your photo of the parcel' }).waitFor();
    };
    await take();
    await press(page, 'No photo');
    await page.getByText('Only the parcel, no people.').waitFor();
    await press(page, 'It goes to the locker');
    await called(page, 'left');
    await take();
    await press(page, 'It is with a neighbour');
    await page.waitForFunction(() => window.pictures.calls.filter(([what]) => what === 'left').length === 2);
    const left = await page.evaluate(() => window.pictures.calls.map(([, rung, picture]) => [rung, picture instanceof Blob]));
    assert.deepEqual(left, [['locker', false], ['neighbour', true]]);
  },
  async 'a link opens its stop'(open) {
    const page = await open('tour', '#/v/s2');
    await called(page, 'choose');
    assert.equal((await calls(page))[0][1].id, 's2');
  },
  async 'a link to a stop that is not possible opens nothing'(open) {
    const page = await open('tour', '#/v/s3');
    await page.waitForFunction(() => location.hash === '');
    assert.deepEqual(await calls(page), []);
  },
  async 'a hardware scanner types anywhere and presses nothing'(open) {
    const page = await open('scan');
    await page.getByRole('button', { name: 'I do not go in' }).focus();
    await scanner(page, 'RR473124829PL');
    await called(page, 'seen');
    assert.deepEqual(await calls(page), [['seen', 'RR473124829PL']]);
    assert.equal(await page.locator('dialog').count(), 0, 'the focused button was not pressed');
  },
  async 'a label that is there already is not sent again'(open) {
    const page = await open('scan-two');
    for (const label of ['RR123456785DE', 'RR473124829PL']) {
      await scanner(page, label);
    }
    await called(page, 'seen');
    assert.deepEqual(await calls(page), [['seen', 'RR473124829PL']]);
  },
  async 'typing with a wrong last digit asks once, then believes'(open) {
    const page = await open('scan');
    await press(page, 'Type it');
    await page.locator('input').fill('rr 123 456 784 de');
    await press(page, 'OK');
    await page.getByText('Please check the last digit.').waitFor();
    assert.deepEqual(await calls(page), []);
    await press(page, 'OK');
    await called(page, 'seen');
    assert.deepEqual(await calls(page), [['seen', 'RR123456784DE']]);
  },
  async 'typing what no label can be is said'(open) {
    const page = await open('scan');
    await press(page, 'Type it');
    await page.locator('input').fill('ä');
    await page.keyboard.press('Enter');
    await page.getByText('letters that no label has').waitFor();
    assert.deepEqual(await calls(page), []);
  },
  async 'without a camera one types'(open) {
    const page = await open('scan', '', () => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
    });
    await page.getByText('No camera, or it is not allowed. Please type.').waitFor();
    await page.locator('input').fill('RR123456785DE');
    await page.keyboard.press('Enter');
    await called(page, 'seen');
    assert.deepEqual(await calls(page), [['seen', 'RR123456785DE']]);
  },
  async 'nothing readable for ten seconds offers typing'(open) {
    const page = await open('scan', '', () => {
      const { setTimeout: real } = window;
      window.setTimeout = (run, ms, ...rest) => real(run, ms === 10_000 ? 500 : ms, ...rest);
    });
    await page.getByText('Not readable? Closer, more light, or type it.').waitFor();
    await press(page, 'Type it');
    await page.locator('input').waitFor();
  },
  async 'practice needs no camera'(open) {
    const page = await open('scan-practice');
    assert.equal(await page.locator('video').count(), 0);
    await press(page, 'Scan parcel 563102430313');
    await called(page, 'seen');
    assert.deepEqual(await calls(page), [['seen', '563102430313']]);
  },
  async 'no more parcels'(open) {
    const page = await open('scan-two');
    await press(page, 'No more parcels');
    assert.deepEqual(await calls(page), [['presentNow']]);
  },
  async 'parcels are counted in and back'(open) {
    const page = await open('open-two');
    await page.getByRole('button', { name: /Parcel is in/ }).click();
    await press(page, 'Back');
    assert.deepEqual(await calls(page), [['insideNow', 3], ['insideNow', 1]]);
  },
  async 'all inside: pull the door shut'(open) {
    const page = await open('open-all');
    await page.getByText('Please pull the door shut.').last().waitFor();
    assert.equal(await page.getByRole('button', { name: 'I do not go in' }).count(), 0);
  },
  async 'not going in needs no reason'(open) {
    const page = await open('wait-checking');
    await press(page, 'I do not go in');
    await press(page, 'OK');
    await called(page, 'notGoingIn');
    assert.deepEqual(await calls(page), [['notGoingIn', undefined]]);
  },
  async 'a reason may be given, or the finger slipped'(open) {
    const page = await open('open');
    await press(page, 'I do not go in');
    await page.keyboard.press('Escape');
    await page.locator('dialog').waitFor({ state: 'detached' });
    await press(page, 'I do not go in');
    await press(page, 'Parcel too big');
    await called(page, 'notGoingIn');
    assert.deepEqual(await calls(page), [['notGoingIn', 'too_big']]);
  },
  async 'where it went is one press, and a stop that is not possible leads there'(open) {
    const page = await open('no-today');
    await page.getByText('Not possible here today. Please take it to a neighbour.').last().waitFor();
    await press(page, 'It is with a neighbour');
    assert.deepEqual(await calls(page), [['left', 'neighbour']]);
    const tour = await open('tour');
    await tour.getByRole('button', { name: /Please leave it at the door/ }).click();
    assert.deepEqual((await calls(tour)).map(([what, stop]) => [what, stop.id]), [['choose', 's3']]);
  },
  async 'a phone is registered with its name'(open) {
    const page = await open('enrol');
    await page.locator('input').fill(' Van 3 ');
    await press(page, 'OK');
    await page.getByText('Your service still has to agree.').waitFor();
    assert.deepEqual(await calls(page), [['enrol', 's3cret', 'Van 3']]);
  },
  async 'the keyboard alone goes on'(open) {
    const page = await open('done');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await called(page, 'next');
  },
  async 'the own proof is a file'(open) {
    const page = await open('rights');
    await press(page, 'Your rights');
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save your own proof' }).first().click();
    assert.equal((await download).suggestedFilename(), 'vestibule-v2.json');
  },
  async 'what is on the screen is told to the ear'(open) {
    const page = await open('open');
    assert.equal(await page.locator('[aria-live=assertive]').textContent(), 'Open. Push it in, please stay outside.');
    assert.equal(await page.evaluate(() => document.activeElement?.tagName), 'MAIN');
  },
  async 'every button for a glove is 56 px or more, the filled one 72'(open) {
    for (const state of ['tour', 'told', 'scan-two', 'wait-checking', 'open', 'done', 'no-today']) {
      const page = await open(state);
      const sizes = await page.locator('button, select').evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
      const filled = await page.locator('.go').evaluateAll((all) => all.map((each) => each.getBoundingClientRect().height));
      assert.ok(Math.min(...sizes) >= 52, `${state}: ${sizes}`);
      assert.ok(filled.every((height) => height >= 72), `${state}: ${filled}`);
      await page.close();
    }
  },
};

let failed = 0;
for (const [name, test] of Object.entries(tests)) {
  const context = await browser.newContext({ viewport: { width: 360, height: 740 }, locale: 'en', reducedMotion: 'reduce' });
  const complaints = [];
  const open = async (state, hash = '', before = null) => {
    const page = await context.newPage();
    page.setDefaultTimeout(DEADLINE_MS);
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    if (before) await page.addInitScript(before);
    await page.goto(`${server.origin}/?state=${state}&lang=en${hash}`);
    await page.waitForFunction(() => window.pictures);
    return page;
  };
  try {
    await test(open);
    assert.deepEqual(complaints, [], 'the page complained');
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}\n        ${error.message.replaceAll('\n', '\n        ')}`);
  }
  await context.close();
}
await browser.close();
await server.close();
rmSync(work, { recursive: true });
process.exit(failed > 0 ? 1 : 0);
