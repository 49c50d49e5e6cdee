/** The recovery sheet before a phone's camera: its QR code, filmed, is the key on it. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { servedGallery } from './gallery.mjs';
import { cameraFlags, film } from './labels.mjs';
import { browse } from './stage.mjs';

const work = mkdtempSync(join(tmpdir(), 'sheet-'));
let server;
let people;
before(async () => {
  server = await servedGallery();
  people = await browse(cameraFlags(film(work, 'sheet', { emptyS: 0.5, patch: false })));
});
after(async () => {
  await people?.end();
  await server?.close();
  rmSync(work, { recursive: true, force: true });
});

test('the code of a sheet is read by the camera, which then goes off', async () => {
  const { page, complaints } = await people.person();
  await page.goto(`${server.origin}/?home=stranger#/lost`);
  await page.getByRole('button', { name: 'Scan the sheet’s QR code' }).click();
  await page.getByRole('heading', { name: 'Your door' }).waitFor({ timeout: 20_000 });
  assert.equal(await page.locator('video').count(), 0);
  await page.getByText('These devices go:').waitFor();
  assert.deepEqual(complaints, []);
});
