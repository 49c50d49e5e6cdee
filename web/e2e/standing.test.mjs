/** A permission that stands, over the real programs: signed once by passkey, used twice, used up for the day, taken back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allow, arrive, enrol, isQuiet, moveIn, scan, sees, toDoor } from './people.mjs';
import { open } from './stage.mjs';

let stage;
let people;
let resident;
let courier;
before(async () => {
  [stage, people] = await open();
  // Where it is about eleven now: the usual hours, and no midnight near.
  const ahead = 11 - new Date().getUTCHours();
  const timezoneId = `Etc/GMT${ahead < 0 ? '+' : '-'}${Math.abs(ahead)}`;
  resident = await people.person({ timezoneId });
  courier = await people.person();
  await Promise.all([moveIn(resident, stage.links.resident), enrol(courier, stage.links.courier)]);
});
after(async () => {
  await people?.end();
  await stage?.end();
});

/** One delivery from the sticker to "Done.", with no word from the resident. */
async function deliver() {
  await arrive(courier);
  await scan(courier);
  await sees(courier.page, 'Push it in, please stay outside.', 20_000);
  await sees(courier.page, 'Done.', 60_000);
  await courier.page.getByRole('button', { name: 'Next stop' }).click();
}

test('always allowed, with hours and days in the letter, by the passkey', async () => {
  const { page, passkeys } = resident;
  await page.getByRole('link', { name: 'Read and decide' }).first().click({ timeout: 30_000 });
  await page.getByRole('link', { name: 'Always allow, on these terms' }).click();
  await sees(page, /^Mon–S(at|un) 8–20, until .*, Parcel service may deliver, at most once a day\.$/);
  await sees(page, 'An order counts only once your door has held it for 15 min.');
  await page.getByText('Change the terms').click();
  await page.getByText('2×').click();
  // No notice: a service that was allowed before.
  await page.getByText('Not at all').click();
  await sees(page, /at most twice a day\.$/);
  await sees(page, 'An order counts at once.');
  await sees(page, /whoever holds the key of Parcel service can, together with the cloud, write an order for anybody, twice a day/);
  const sign = page.getByRole('button', { name: 'Always allow, on these terms' });
  await passkeys.verified(false);
  await sign.click();
  await sees(page, 'You cancelled the question for your passkey. Nothing was signed.');
  await passkeys.verified(true);
  await sign.click();
  await sees(page, 'Allowed. Your door has confirmed.', 20_000);
  await page.getByRole('link', { name: 'Done' }).click();
  await sees(page, 'Parcel service: 1 parcel announced.');
  assert.equal(await page.getByText('Parcel service asks.').count(), 0);
});

test('two deliveries are let in without another word', async () => {
  await deliver();
  await sees(resident.page, 'Closed and locked.', 30_000);
  await deliver();
  await toDoor(resident);
  await page('Household');
  await resident.page.getByRole('link', { name: /may deliver, at most twice a day/ }).click();
  await sees(resident.page, /^Used twice, of \d+\./, 20_000);
});

async function page(name) {
  await resident.page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
}

test('a third on the same day is refused, and the resident reads why and is asked', async () => {
  await arrive(courier);
  await sees(courier.page, 'Not here', 20_000);
  await page('Visits');
  await sees(resident.page, 'Not opened: window used up.', 20_000);
  await resident.page.getByText('Not opened: window used up.').first().click();
  await sees(resident.page, 'In this window someone has come as often as you allow.', 20_000);
  // Nothing covers it any more today: the app does not take the cloud's word that it is answered.
  await toDoor(resident);
  await sees(resident.page, 'Parcel service asks.', 20_000);
});

test('taken back, it lets nobody in, and the next parcel waits for a word again', async () => {
  const { page: screen } = resident;
  await page('Household');
  await screen.getByRole('link', { name: /may deliver, at most twice a day/ }).click();
  await screen.getByRole('button', { name: 'Take back' }).click();
  await screen.getByRole('dialog').getByRole('button', { name: 'Take back' }).click();
  await sees(screen, 'Taken back.', 20_000);
  // Who was sent away does not come back on the same tour: this is the next one.
  await courier.page.reload();
  await toDoor(resident);
  // This parcel, once: the tour takes the permission that names it.
  await allow(resident);
  await deliver();
  await sees(screen, 'Parcel service asks.', 30_000);
  assert.equal(await screen.getByText('Parcel service: 1 parcel announced.').count(), 0);
});

test('the pages themselves made no mistake', () => isQuiet(resident, courier));
