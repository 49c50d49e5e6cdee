/** The clip player, over made-up recordings: where pictures are missing it says so, and shows none. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { servedGallery } from './gallery.mjs';
import { browse } from './stage.mjs';

let server;
let people;
before(async () => {
  server = await servedGallery();
  people = await browse();
});
after(async () => {
  await people?.end();
  await server?.close();
});

test('a gap lies over the picture while it lasts, hatched on the time line, and is said beneath', async () => {
  const { page, complaints } = await people.person();
  await page.goto(`${server.origin}/?home=quiet#/visits/v1`);
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  const video = page.locator('video');
  await video.waitFor();
  // The made-up recording lacks four seconds from its fifteenth on.
  const place = page.getByRole('slider');
  const over = page.locator('.picture').getByText('4 s of recording are missing here.');
  const covers = () =>
    video.evaluate((one) => {
      const { left, top, width, height } = one.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2) !== one;
    });
  for (const [second, isGap] of [[6, false], [14.9, false], [15, true], [18.9, true], [19, false]]) {
    await place.fill(String(second * 1_000));
    await page.waitForFunction((ms) => document.querySelector('input[type=range]').valueAsNumber === ms, second * 1_000);
    assert.equal(await over.count(), isGap ? 1 : 0, `at ${second} s`);
    assert.equal(await covers(), isGap, `at ${second} s`);
  }
  assert.equal(await page.locator('.track .hole').count(), 1);
  await page.locator('p.note').getByText('4 s of recording are missing here.').waitFor();
  assert.deepEqual(complaints, []);
});
