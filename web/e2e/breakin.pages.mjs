/** Trying to break in, on the page that the cloud serves: what is pressed, what the door says, and what does open it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { sees } from './people.mjs';
import { browse, keepingBrowser, serveApp } from './stage.mjs';

const BUILT = resolve(import.meta.dirname, '../dist');
const ROWS = JSON.parse(readFileSync(resolve(import.meta.dirname, '../src/words/codes.json'), 'utf8'));
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SHUT = 'The door stays shut.';

let cloud;
let people;
before(async () => {
  cloud = await serveApp(BUILT);
  people = await browse();
});
after(async () => {
  await people?.end();
  await cloud?.end();
});

/** The permission begins 22 hours from now: in the small hours, that is today. */
const MORNING = new Date(2026, 10, 27, 10, 30);

/** Whoever opens the page at this time. */
async function stranger({ at = MORNING, ...options } = {}) {
  const one = await people.person(options);
  await one.page.clock.setFixedTime(at);
  await one.page.goto(`${cloud.origin}/try/`);
  await one.page.getByRole('button', { name: 'Try the door' }).or(one.page.getByRole('button', { name: 'An der Tür versuchen' })).waitFor();
  return one;
}

/** Chooses by what the options say; answers the codes of every no, or null if it opened. */
async function tries(page, chosen) {
  for (const [label, option] of Object.entries(chosen)) {
    const select = page.getByLabel(label, { exact: true });
    const [full] = (await select.locator('option').allInnerTexts()).filter((text) => text.includes(option));
    assert.ok(full, `${label} offers no ${option}`);
    await select.selectOption({ label: full });
  }
  await page.getByRole('button', { name: 'Try the door' }).click();
  await page.locator('form[aria-busy=false]').waitFor();
  const verdict = page.getByRole('region', { name: /^The door / });
  await verdict.waitFor();
  // The sentence says the same as the table's row for the code that stands beneath.
  const codes = await verdict.locator('.code').allInnerTexts();
  for (const code of codes) await verdict.getByText(ROWS[code].en).first().waitFor();
  const title = await verdict.getByRole('heading').innerText();
  assert.equal(await page.evaluate(() => document.activeElement.innerText), title, 'the verdict is heard');
  const shape = title === SHUT ? 'The door, locked' : 'The door, open';
  await page.getByRole('img', { name: shape }).waitFor();
  assert.equal(title === SHUT, codes.length > 0);
  return title === SHUT ? codes : null;
}

describe('trying to break in', () => {
  test('what a stolen cloud holds opens nothing, and each no has its check and its sentence', async () => {
    const { page, complaints } = await stranger();
    assert.deepEqual(await tries(page, {}), ['visit_over', 'challenge_unknown'], "yesterday's words, played back");
    await sees(page, 'Check 3 of 16: an answer to the question of just now');
    const anew = { Arriving: 'ring yourself', "Answer the door's question": 'anew, to this' };
    assert.deepEqual(await tries(page, { ...anew, Permission: 'changed to now' }), ['grant_signature', 'grant_unknown']);
    assert.deepEqual(await tries(page, { Permission: 'other door' }), ['wrong_door', 'assignment_wrong_door', 'grant_unknown']);
    assert.deepEqual(await tries(page, { Permission: 'made by the cloud', 'Send to the box first': 'a list' }), [
      'roster_refused',
      'signer_unknown',
      'grant_unknown',
    ]);
    const tomorrow = { When: 'Tomorrow', Permission: 'not used', 'Send to the box first': 'nothing' };
    assert.deepEqual(await tries(page, tomorrow), ['arrival_signature']);
    assert.deepEqual(await tries(page, { 'Order of the service': 'you made up' }), ['wrong_provider']);
    assert.deepEqual(await tries(page, { Arriving: 'cut in' }), ['presentation_signature']);
    await sees(page, '7 attempts, 4 of 16 checks met.');
    assert.deepEqual(complaints, []);
  });

  test("the courier's phone opens once, in the allowed time, with the parcel and before the camera", async () => {
    const { page, complaints } = await stranger();
    await page.getByLabel(/the courier's unlocked phone/).check();
    const all = {
      Arriving: 'ring yourself',
      Permission: 'not used',
      'Sign with': "the courier's phone",
      "Answer the door's question": 'anew, to this',
      'Scanned parcel': 'label and secret',
      Camera: 'films',
    };
    assert.deepEqual(await tries(page, all), ['outside_window']);
    assert.deepEqual(await tries(page, { When: 'Tomorrow', Camera: 'stands still' }), ['recording_missing']);
    assert.deepEqual(await tries(page, { Camera: 'films', 'Scanned parcel': 'another' }), ['wrong_parcel']);
    assert.equal(await tries(page, { 'Scanned parcel': 'label and secret' }), null);
    await sees(page, "You had the courier's phone.");
    assert.deepEqual(await tries(page, {}), ['used_up']);
    await page.getByRole('button', { name: 'Start over' }).click();
    await sees(page, '0 attempts, 0 of 16 checks met.');
    assert.equal(await page.getByLabel(/the courier's unlocked phone/).isChecked(), false);
    assert.deepEqual(complaints, []);
  });

  test("the service's key opens too, and the page says so; a key that was put away is out of hand", async () => {
    const { page, complaints } = await stranger();
    await page.getByLabel(/the parcel service's key/).check();
    const all = {
      When: 'Tomorrow',
      Arriving: 'ring yourself',
      Permission: 'not used',
      'Order of the service': 'with its key',
      "Answer the door's question": 'anew, to this',
      'Scanned parcel': 'label and secret',
    };
    assert.equal(await tries(page, all), null);
    await sees(page, "You had the service's key.");
    await page.getByRole('button', { name: 'Start over' }).click();
    await page.getByLabel(/the parcel service's key/).check();
    const { When, ...rest } = all;
    assert.deepEqual(await tries(page, { When, ...rest, Permission: 'made by the cloud' }), ['signer_unknown', 'grant_unknown']);
    await page.getByLabel(/the parcel service's key/).uncheck();
    for (const label of ['Order of the service', 'Scanned parcel']) {
      const offered = await page.getByLabel(label, { exact: true }).innerText();
      assert.ok(!/with its key|label and secret/.test(offered), offered);
    }
    assert.deepEqual(complaints, []);
  });

  for (const [locale, act] of [['de-DE', 'An der Tür versuchen'], ['en-GB', 'Try the door']]) {
    for (const colorScheme of ['light', 'dark']) {
      test(`axe finds nothing at 320 px, and nothing is cut off: ${locale}, ${colorScheme}`, async () => {
        // Half past ten in the evening: the permission's hours span midnight, and take the most room.
        const { page, complaints } = await stranger({ at: new Date(2026, 10, 27, 22, 30), locale, width: 320, height: 640, colorScheme, reducedMotion: 'reduce' });
        // What is chosen can be read whole.
        const cut = await page.locator('select').evaluateAll((selects) => {
          const pen = document.createElement('canvas').getContext('2d');
          return selects.flatMap((select) => {
            const { font, paddingLeft } = getComputedStyle(select);
            pen.font = font;
            // A browser's own arrow takes about as much as a line is high.
            const room = select.clientWidth - Number.parseFloat(paddingLeft) - 28;
            return Array.from(select.options, ({ text }) => text).filter((text) => pen.measureText(text).width > room);
          });
        });
        assert.deepEqual(cut, []);
        for (const after of ['before', 'after']) {
          if (after === 'after') await page.getByRole('button', { name: act }).click();
          const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(over <= 0, `${after}: ${over} px too wide`);
          await page.evaluate(AXE);
          const found = await page.evaluate(async () => {
            const { violations } = await globalThis.axe.run({
              runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
            });
            return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary}`));
          });
          assert.deepEqual(found, [], after);
        }
        assert.deepEqual(complaints, []);
      });
    }
  }

  test('with the keyboard alone', async () => {
    const { page } = await stranger();
    const reach = async (name) => {
      for (let presses = 0; presses < 30; presses += 1) {
        await page.keyboard.press('Tab');
        const at = await page.evaluate(() => (document.activeElement.labels?.[0] ?? document.activeElement).innerText.trim());
        if (at === name) return;
      }
      throw new Error(`Tab does not lead to ${name}`);
    };
    await reach('Arriving');
    await page.keyboard.press('ArrowUp');
    await reach('Try the door');
    await page.keyboard.press('Enter');
    await sees(page, SHUT);
    assert.equal(await page.evaluate(() => document.activeElement.innerText), SHUT);
  });

  test('its program is asked for on its own page only, and without a network it works once it was there', async () => {
    const phone = await keepingBrowser();
    const asked = [];
    phone.context.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const page = await phone.context.newPage();
    await page.goto(cloud.origin);
    await page.evaluate(() => navigator.serviceWorker.ready);
    const link = page.getByRole('link', { name: 'Try to break in' });
    await link.waitFor();
    const programs = () => asked.filter((path) => path.endsWith('.wasm')).map((path) => /(\w+)_bg/.exec(path)?.[1]);
    assert.ok(!programs().includes('breakin'), asked.join(' '));
    await link.click();
    await page.getByRole('button', { name: 'Try the door' }).waitFor();
    assert.ok(programs().includes('breakin'), asked.join(' '));
    await page.waitForFunction(async () => {
      const names = await caches.keys();
      const kept = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => url)));
      return kept.flat().some((url) => url.endsWith('/try/')) && kept.flat().some((url) => /breakin_bg.*wasm$/.test(url));
    });
    await phone.context.setOffline(true);
    await page.reload();
    assert.deepEqual(await tries(page, {}), ['visit_over', 'challenge_unknown']);
    await phone.end();
  });
});
