/** What people do in the browser, by what they see: the names of buttons and sentences in English. */
import assert from 'node:assert/strict';

/** Opens the invitation, makes keys, and goes to the door. */
export async function moveIn(resident, link) {
  const { page } = resident;
  await page.goto(link);
  await page.getByRole('button', { name: 'Make keys' }).click();
  await page.getByRole('link', { name: 'To your door' }).click({ timeout: 30_000 });
  await sees(page, 'Closed and locked.');
}

/** Opens the service's link and names the handset. */
export async function enrol(courier, link) {
  const { page } = courier;
  await page.goto(link);
  await page.getByRole('textbox').fill('handset');
  await page.getByRole('button', { name: 'OK' }).click();
  await sees(page, 'Your tour', 30_000);
}

/** Reads the letter and signs it with the passkey. */
export async function allow(resident) {
  const { page } = resident;
  await page.getByRole('link', { name: 'Read and decide' }).first().click({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await sees(page, 'Allowed. Your door has confirmed.', 20_000);
  await page.getByRole('link', { name: 'Done' }).or(page.getByRole('button', { name: 'Done' })).click();
}

/** Goes to the stop once it is allowed, is told about the camera, and scans the sticker. */
export async function arrive(courier) {
  const { page } = courier;
  await page.getByRole('button', { name: /^third floor(?!.*(Ring here|Not possible))/, disabled: false }).first().click({ timeout: 60_000 });
  await sees(page, 'You are being filmed now. No sound.');
  await page.getByRole('button', { name: 'Scan sticker', exact: true }).click();
  await page.getByRole('button', { name: 'Scan sticker', exact: true }).click();
}

/** Goes to a stop that nobody allowed yet, and scans the sticker: that rings. */
export async function ring(courier) {
  const { page } = courier;
  await page.getByRole('button', { name: /third floor.*Ring here/, disabled: false }).first().click({ timeout: 60_000 });
  await sees(page, 'Not allowed yet. The sticker rings and asks the residents.');
  await page.getByRole('button', { name: 'Scan sticker', exact: true }).click();
  await page.getByRole('button', { name: 'Scan sticker', exact: true }).click();
}

/** Scans the drawn parcel. */
export async function scan(courier) {
  await courier.page.getByRole('button', { name: /^Scan parcel / }).first().click({ timeout: 20_000 });
}

/** Holds the block until something happens, as people do: how long a second is, a busy page says. */
export async function block({ page }, sentence) {
  await page.getByRole('button', { name: 'Block', exact: true }).focus();
  await page.keyboard.down('Space');
  await sees(page, sentence, 20_000).finally(() => page.keyboard.up('Space'));
}

/** Waits until a sentence stands on the screen. */
export async function sees(page, sentence, timeout = 15_000) {
  await page
    .getByText(sentence)
    .first()
    .waitFor({ timeout })
    .catch(async (why) => {
      const shown = await page.innerText('body');
      throw new Error(`waited for "${sentence}"; the screen says:\n${shown}`, { cause: why });
    });
}

/** Waits until the video has shown so many different pictures, read back from its pixels; ten seconds at most. */
export async function pictures(page, many) {
  const seen = await page.locator('video').evaluate(async (video, many) => {
    const canvas = document.createElement('canvas');
    canvas.width = video.videoWidth;
    canvas.height = 16;
    const drawn = canvas.getContext('2d', { willReadFrequently: true });
    const seen = new Set();
    const until = performance.now() + 10_000;
    while (seen.size < many && performance.now() < until) {
      drawn.drawImage(video, 0, 0, video.videoWidth, 16, 0, 0, canvas.width, 16);
      // The drawn house writes its clock into the first rows, in black and white.
      const { data } = drawn.getImageData(0, 4, canvas.width, 1);
      let row = '';
      for (let x = 0; x < data.length; x += 4) row += data[x] > 128 ? 1 : 0;
      seen.add(row);
      await new Promise((done) => requestAnimationFrame(done));
    }
    return seen.size;
  }, many);
  assert.ok(seen >= many, `the picture moved ${seen} times in ten seconds`);
}

/** Nothing went wrong in the page itself: no script failed, nothing broke the policy. */
export function isQuiet(...people) {
  // A home that says nothing is an answer of the cloud, which browsers note as an error.
  const silent = /504 \(Gateway Timeout\) \(.*\/head\)$/;
  for (const { complaints } of people) {
    assert.deepEqual(complaints.filter((one) => !silent.test(one)), []);
  }
}

/** Back to the first screen. */
export async function toDoor({ page }) {
  await page.getByRole('navigation').getByRole('link', { name: 'Door' }).click();
}
