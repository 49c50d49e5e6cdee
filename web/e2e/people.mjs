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

/** Goes to the stop, is told about the camera, and scans the sticker. */
export async function arrive(courier) {
  const { page } = courier;
  await page.getByRole('button', { name: /third floor/ }).first().click({ timeout: 60_000 });
  await sees(page, 'You are being filmed now. No sound.');
  await page.getByRole('button', { name: 'Scan sticker', exact: true }).click();
  await page.getByRole('button', { name: 'Scan sticker', exact: true }).click();
}

/** Scans the drawn parcel. */
export async function scan(courier) {
  await courier.page.getByRole('button', { name: /^Scan parcel / }).first().click({ timeout: 20_000 });
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

/** Nothing went wrong in the page itself: no script failed, nothing broke the policy. */
export function isQuiet(...people) {
  for (const { complaints } of people) assert.deepEqual(complaints, []);
}
