/** A delivery with two browsers over the real binaries: allowed by passkey, scanned, watched live, proved afterwards. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allow, arrive, enrol, isQuiet, moveIn, scan, sees } from './people.mjs';
import { browse, raise } from './stage.mjs';

let stage;
let people;
let resident;
let courier;
before(async () => {
  stage = await raise();
  people = await browse();
  resident = await people.person();
  courier = await people.person();
});
after(async () => {
  await people?.end();
  await stage?.end();
});

test('a link makes a resident, whose first screen says how the door stands', async () => {
  await moveIn(resident, stage.links.resident);
  await sees(resident.page, 'Nobody can open through Vestibule right now.');
  await sees(resident.page, 'Parcel service asks.', 30_000);
});

test('without the passkey nothing is allowed', async () => {
  const { page, passkeys } = resident;
  await page.getByRole('link', { name: 'Read and decide' }).first().click();
  await passkeys.verified(false);
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await page.getByRole('alert').or(page.getByRole('status')).first().waitFor();
  await page.waitForTimeout(1_500);
  assert.equal(await page.getByText('Allowed. Your door has confirmed.').count(), 0);
  await passkeys.verified(true);
  await page.goto(stage.links.resident.replace(/#.*/, '#/'));
});

test('the courier brings the parcel in, and the resident watches', async () => {
  await enrol(courier, stage.links.courier);
  await allow(resident);
  await arrive(courier);
  await sees(resident.page, 'Live.', 20_000);
  const video = resident.page.locator('video');
  await video.waitFor();
  await scan(courier);
  await sees(courier.page, 'Open.', 20_000);
  await sees(courier.page, 'Done.', 40_000);
  const seconds = await video.evaluate((element) => element.currentTime).catch(() => null);
  await sees(resident.page, 'Parcel inside.', 30_000);
  assert.ok(seconds === null || seconds > 0.5, `the picture moved for ${seconds} s`);
});

test('afterwards the visit is proved and the clip plays', async () => {
  const { page } = resident;
  await page.getByRole('link', { name: 'Visits' }).click();
  await page.getByRole('link', { name: /Parcel service/ }).first().click();
  await sees(page, 'Door log of this visit', 20_000).catch(() => undefined);
  const video = page.locator('video');
  await video.waitFor({ timeout: 30_000 });
  const duration = await video.evaluate(
    (element) =>
      new Promise((done) => {
        if (element.readyState > 0) done(element.duration);
        element.onloadedmetadata = () => done(element.duration);
      }),
  );
  assert.ok(duration > 3, `the clip lasts ${duration} s`);
});

test('the pages themselves made no mistake', () => isQuiet(resident, courier));
