/**
 * At a door where nothing is allowed yet, over the real programs: the courier rings, and somebody comes, nobody answers, or it is
 * allowed. Between, a cloud that wants to see the courier's photo, and is noticed.
 */
import { after, before, test } from 'node:test';
import { enrol, isQuiet, moveIn, ring, scan, sees } from './people.mjs';
import { photograph, strangersKey } from './photo.mjs';
import { open } from './stage.mjs';

/** Long enough to read a letter and sign it, short enough to wait for. */
const ASKED_S = 14;

let stage;
let people;
let resident;
let courier;
before(async () => {
  [stage, people] = await open('--answer-s', String(ASKED_S));
  resident = await people.person();
  courier = await people.person();
  await Promise.all([moveIn(resident, stage.links.resident), enrol(courier, stage.links.courier)]);
});
after(async () => {
  await people?.end();
  await stage?.end();
});

test('"I\'m coming" is said to the courier, who waits longer', async () => {
  await ring(courier);
  await sees(courier.page, /Someone was asked\. \d+ s left\./);
  await sees(resident.page, 'Someone is at your door.');
  await sees(resident.page, 'Parcel service asks. Nothing is allowed yet.');
  await sees(resident.page, /^Waits \d+ s more\.$/);
  await resident.page.getByRole('button', { name: "I'm coming" }).click();
  await sees(courier.page, /Someone is coming to the door\. 1[678]\d s at most\./);
  await sees(resident.page, /^You are coming\. Waits 1[678]\d s more at most\.$/);
  // Who comes has a key. The box says that it did not ask for this, until the door is locked behind them.
  await stage.run('house', '--dir', `${stage.folder}/house`, 'say', JSON.stringify({ act: 'key' }));
  const unasked = resident.page.getByText('The bolt was withdrawn, and the box had not asked for it.');
  await unasked.waitFor();
  await unasked.waitFor({ state: 'detached' });
  // The parcel changed hands at the door.
  await courier.page.getByRole('button', { name: 'I do not go in' }).click();
  await courier.page.getByRole('button', { name: 'OK' }).first().click();
  await sees(resident.page, 'Nobody can open through Vestibule right now.', 20_000);
  await courier.page.getByRole('button', { name: 'Next stop' }).click();
});

/** The tour that this courier gets names one key more for each household: the cloud's own. */
async function slipIn({ page, context }) {
  const key = await strangersKey(page);
  await context.route('**/v1/visitor/tour*', async (route) => {
    const answer = await route.fetch();
    if (answer.status() !== 200) return route.fulfill({ response: answer });
    const tour = await answer.json();
    for (const stop of tour.stops) stop.photo_keys.push(key);
    return route.fulfill({ response: answer, json: tour });
  });
  // The question that is open went past that: another takes its place.
  await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
}

test('nobody answers: the courier is sent on, and the door has signed that they rang', async () => {
  await slipIn(courier);
  await ring(courier);
  await sees(courier.page, /Someone was asked\./);
  await sees(courier.page, 'Not here', (ASKED_S + 10) * 1_000);
  await courier.page.locator('input[type=file]').setInputFiles(await photograph(courier.page));
  await courier.page.getByRole('img', { name: 'Your photo of the parcel' }).waitFor();
  await courier.page.getByRole('button', { name: 'It goes to the locker' }).click();
  await sees(courier.page, 'Reported. Thank you.');
  await courier.page.getByRole('button', { name: 'Next stop' }).click();
  const { page } = resident;
  await page.getByRole('link', { name: 'Visits' }).click();
  await page.getByRole('main').getByRole('link', { name: /^Not opened: nobody answered\./ }).first().click();
  await sees(page, 'Someone rings, and nothing is allowed yet.');
  await sees(page, 'Complete and unchanged. Checked here.', 20_000);
  // The cloud had one key more than the household: the photo is there, and that somebody else can open it.
  await page.getByRole('img', { name: "The courier's photo. It goes to a locker." }).waitFor();
  await sees(page, 'This photo can be opened by a key that is not of your household.');
  await page.getByRole('navigation').getByRole('link', { name: 'Door' }).click();
  // One question is open, and waits for the cloud's word.
  await courier.context.unrouteAll({ behavior: 'ignoreErrors' });
});

test('allowed by the passkey while the courier stands there, the delivery goes on', async () => {
  await ring(courier);
  const { page } = resident;
  await sees(page, 'Someone is at your door.');
  await page.getByRole('link', { name: 'Allow', exact: true }).click();
  await page.getByRole('button', { name: 'Allow', exact: true }).click();
  await sees(page, 'Allowed. Your door has confirmed.', 20_000);
  await page.getByRole('link', { name: 'Done' }).or(page.getByRole('button', { name: 'Done' })).click();
  await scan(courier);
  await sees(courier.page, 'Push it in, please stay outside.', 20_000);
  await sees(courier.page, 'Done.', 40_000);
  await sees(page, 'Closed and locked.', 30_000);
  await page.getByRole('link', { name: 'Visits' }).click();
  await page.getByRole('main').getByRole('link', { name: /Parcel inside/ }).first().click();
  await sees(page, 'Someone rings, and nothing is allowed yet.');
  await sees(page, 'Complete and unchanged. Checked here.', 20_000);
});

test('the pages themselves made no mistake', () => isQuiet(resident, courier));
