/** A delivery with two browsers over the real binaries: allowed by passkey, scanned, watched live, proved afterwards. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { allow, arrive, enrol, isQuiet, moveIn, pictures, scan, sees } from './people.mjs';
import { open, PROGRAM } from './stage.mjs';

let stage;
let people;
let resident;
let courier;
before(async () => {
  [stage, people] = await open('--picture', '1280x720');
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
  await sees(page, 'You cancelled the question for your passkey. Nothing was signed.');
  assert.equal(await page.getByText('Allowed. Your door has confirmed.').count(), 0);
  await passkeys.verified(true);
  await page.goto(stage.links.resident.replace(/#.*/, '#/'));
});

test('the courier brings the parcel in, and the resident watches', async () => {
  await enrol(courier, stage.links.courier);
  await allow(resident);
  await arrive(courier);
  await sees(resident.page, /^Live\. Picture 0\.\d s old\.$/, 20_000);
  await scan(courier);
  await sees(courier.page, 'Push it in, please stay outside.');
  await sees(resident.page, 'Your door is open.');
  await pictures(resident.page, 10);
  await sees(courier.page, 'Done.', 40_000);
  await sees(resident.page, 'Closed and locked.', 30_000);
});

test('afterwards the visit is proved here, and the clip plays', async () => {
  const { page } = resident;
  await page.getByRole('link', { name: 'Visits' }).click();
  await page.getByRole('main').getByRole('link', { name: /1 parcel|Parcel inside/ }).first().click();
  await sees(page, 'Complete and unchanged. Checked here.', 20_000);
  await page.getByRole('button', { name: 'Watch the recording' }).click();
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

test('everything about the delivery is one file, which the program verifies, and no byte of which can be changed', async () => {
  const { page } = resident;
  const download = page.waitForEvent('download', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Download everything' }).click();
  const path = await (await download).path();
  const verify = (file) => execFileSync(PROGRAM, ['verify', file], { encoding: 'utf8', stdio: 'pipe' });
  assert.match(verify(path), /This delivery is what it says\./);

  const good = await readFile(path);
  // Within the sealed pictures, the door log, a paper: and the zip's own checksum set right again.
  for (const name of ['recording/part-0.chunks', 'door-log.cbor', 'presentation.cose']) {
    const changed = join(dirname(path), 'changed.zip');
    await writeFile(changed, withOneByteChanged(good, name));
    assert.throws(() => verify(changed), (why) => !/damaged in the zip/.test(why.stderr) && why.status !== 0, name);
  }
});

/** A zip with one byte of this file changed, and its checksums as if it had always been so. */
function withOneByteChanged(good, name) {
  const zip = Buffer.from(good);
  let at = zip.readUInt32LE(zip.length - 6);
  while (zip.toString('utf8', at + 46, at + 46 + zip.readUInt16LE(at + 28)) !== name) at += 46 + zip.readUInt16LE(at + 28);
  const [local, size] = [zip.readUInt32LE(at + 42), zip.readUInt32LE(at + 24)];
  const from = local + 30 + zip.readUInt16LE(local + 26);
  zip[from + (size >> 1)] ^= 1;
  const sum = crc32(zip.subarray(from, from + size));
  zip.writeUInt32LE(sum, at + 16);
  zip.writeUInt32LE(sum, local + 14);
  return zip;
}

test('a recording says when it is deleted, is kept for a claim, and an admin sets the time', async () => {
  const { page } = resident;
  await sees(page, /^Will be deleted: /);
  await page.getByRole('button', { name: 'Keep for a claim' }).click();
  await sees(page, /^Kept for a claim\. By: /);
  await page.getByRole('button', { name: 'Release' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click();
  await sees(page, /^Will be deleted: /);
  const visit = page.url();
  await page.getByRole('link', { name: 'Household' }).click();
  await page.getByRole('link', { name: 'Which there are' }).click();
  await sees(page, 'Nobody has chosen yet. 72 hours are the guideline for video in Germany.');
  await page.getByRole('combobox').selectOption('168');
  await page.getByRole('button', { name: 'Use this' }).click();
  await sees(page, 'Recordings are deleted after 7 days.');
  await page.goto(visit);
});

test('whoever has a link sees the recording, which is noted, until the link is withdrawn', async () => {
  const { page } = resident;
  await page.getByRole('button', { name: 'Share' }).click();
  await page.getByText('1 hour', { exact: true }).click();
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.getByText(/\/s\/#/).innerText();
  const stranger = await people.person();
  const asked = [];
  stranger.page.on('request', (request) => asked.push(request));
  await stranger.page.goto(link);
  await sees(stranger.page, /^Shared by: .*To be seen until: /);
  assert.doesNotMatch(stranger.page.url(), /#./, 'the secret does not stay in the address');
  await stranger.page.getByRole('button', { name: 'Watch the recording' }).click();
  await stranger.page.locator('video').waitFor({ timeout: 30_000 });
  const ready = await stranger.page.locator('video').evaluate(
    (video) => new Promise((done) => (video.readyState > 0 ? done(video.duration) : video.addEventListener('loadedmetadata', () => done(video.duration)))),
  );
  assert.ok(ready > 3, `the shared clip lasts ${ready} s`);
  isQuiet(stranger);
  // The page asks this cloud for itself and for what was shared, and tells nobody the secret.
  const [, secret] = link.split('#');
  const mine = [/^\/s\/$/, /^\/assets\//, /^\/v1\/shares\/[0-9a-f]{32}(\/parts\/\d+\/(index|chunks))?$/];
  for (const request of asked.filter((one) => !one.url().startsWith('blob:'))) {
    const { origin, pathname } = new URL(request.url());
    assert.ok(origin === new URL(link).origin && mine.some((one) => one.test(pathname)), request.url());
    const told = JSON.stringify([pathname, request.postData(), await request.allHeaders()]);
    assert.ok(!told.includes(secret) && !told.includes('referer'), told);
  }

  await page.reload();
  await sees(page, /^By a link that this device made/);
  await page.getByRole('link', { name: 'Household' }).click();
  await page.getByRole('link', { name: 'Which there are' }).click();
  await page.getByRole('button', { name: 'Withdraw' }).click();
  await page.getByRole('button', { name: 'Withdraw' }).waitFor({ state: 'detached' });
  await stranger.page.goto('about:blank');
  await stranger.page.goto(link);
  await sees(stranger.page, 'This link shows nothing any more.');
  await stranger.page.goto('about:blank');
  await stranger.page.goto(`${link.slice(0, -4)}AAAA`);
  await sees(stranger.page, 'There is no such link.');
});

test('the whole door log checks out', async () => {
  const { page } = resident;
  await page.getByRole('link', { name: 'Household' }).click();
  await page.getByRole('button', { name: /Check/ }).first().click();
  await sees(page, /Door log complete/, 60_000);
});

test('who came sees who watched, and keeps a proof', async () => {
  const { page } = courier;
  await page.getByRole('button', { name: 'Next stop' }).click();
  await page.getByRole('button', { name: 'Your rights' }).click();
  await sees(page, /You were told at/);
  await sees(page, /Watched live/);
  await sees(page, /Watched by a link/);
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save your own proof' }).first().click();
  assert.match((await download).suggestedFilename(), /json$/);
});

test('the pages themselves made no mistake', () => isQuiet(resident, courier));
