/** Everything that keeps a door shut, or says that something is wrong, as people see it in their browsers. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { allow, arrive, block, enrol, isQuiet, moveIn, scan, sees, toDoor } from './people.mjs';
import { files, isBare, isOrange, keepBlobs, photograph, shown } from './photo.mjs';
import { open } from './stage.mjs';

let stage;
let people;
let resident;
let courier;
/** The consignment that is stopped at the door. The next one is announced when it is over. */
let stopped;
before(async () => {
  [stage, people] = await open();
  resident = await people.person();
  courier = await people.person();
  await Promise.all([keepBlobs(resident.context), keepBlobs(courier.context)]);
  await Promise.all([moveIn(resident, stage.links.resident), enrol(courier, stage.links.courier)]);
});
after(async () => {
  await people?.end();
  await stage?.end();
});

const house = (what) => stage.run('house', '--dir', `${stage.folder}/house`, 'say', JSON.stringify(what));

const places = (page) => page.getByRole('list', { name: 'Plan B' }).locator('.name').allInnerTexts();

test('Plan B is ordered by keys and by dragging, and is still so after a reload', async () => {
  const { page } = resident;
  await page.getByRole('navigation').getByRole('link', { name: 'Household' }).click();
  await sees(page, 'Nobody has chosen yet: this counts until then.');
  assert.deepEqual(await places(page), ['1. Locker', '2. Try again']);
  await page.getByRole('button', { name: 'Neighbour take in' }).click();
  const neighbour = page.getByRole('button', { name: /^Neighbour, \d of 3\. Drag or arrow keys/ });
  await neighbour.focus();
  await page.keyboard.press('ArrowUp');
  await sees(page, 'Neighbour: now 2 of 3.');
  await page.keyboard.press('ArrowUp');
  await sees(page, 'Neighbour: now 1 of 3.');
  const locker = await page.getByRole('button', { name: /^Locker, 2 of 3/ }).boundingBox();
  const again = await page.getByRole('button', { name: /^Try again, 3 of 3/ }).boundingBox();
  const middle = ({ x, y, width, height }) => [x + width / 2, y + height / 2];
  await page.mouse.move(...middle(locker));
  await page.mouse.down();
  await page.mouse.move(...middle(again), { steps: 4 });
  await page.mouse.up();
  await sees(page, 'Locker: now 3 of 3.');
  await sees(page, 'Counts for every parcel for which you choose nothing else.');
  await page.reload();
  await page.getByRole('list', { name: 'Plan B' }).waitFor();
  assert.deepEqual(await places(page), ['1. Neighbour', '2. Try again', '3. Locker']);
  await toDoor(resident);
});

test('a wrong parcel is said at once, and after the resident\'s Stop the right one opens nothing', async () => {
  await allow(resident);
  await arrive(courier);
  ({ consignment: stopped } = JSON.parse(readFileSync(join(stage.folder, 'provider/consignment-newest.json'), 'utf8')));
  const { page } = courier;
  await page.getByRole('button', { name: 'Type it' }).click();
  await page.getByRole('textbox').fill('RR000000005DE');
  await page.getByRole('button', { name: 'OK' }).click();
  await sees(page, 'Wrong parcel. It is not for this door.');
  assert.equal(await truth('bolt'), 'locked');

  await toDoor(resident);
  await sees(resident.page, 'Live.');
  const stop = resident.page.getByRole('button', { name: 'Stop', exact: true });
  await stop.click();
  await scan(courier).catch(() => undefined);
  await sees(page, 'Not here', 20_000);
  assert.equal(await truth('bolt'), 'locked');
});

test('the courier says where it went, also without a network, and the resident sees it proven', async () => {
  const { page, context, complaints } = courier;
  await sees(page, 'Please take it to a neighbour.');
  await page.locator('input[type=file]').setInputFiles(await photograph(page));
  const preview = await shown(page.getByRole('img', { name: 'Your photo of the parcel' }));
  isBare(preview.bytes);
  assert.deepEqual(preview.size, [1_280, 960]);
  await page.getByRole('button', { name: 'No photo' }).click();
  assert.equal(await page.getByRole('img', { name: 'Your photo of the parcel' }).count(), 0);
  await page.locator('input[type=file]').setInputFiles(await photograph(page));
  await page.getByRole('img', { name: 'Your photo of the parcel' }).waitFor();
  await context.setOffline(true);
  await page.getByRole('button', { name: 'It is with a neighbour' }).click();
  await sees(page, 'No network. The report goes out later.');
  // The page is closed and opened again: report and photo wait still.
  await page.reload();
  await sees(page, 'It is with a neighbour. No network. The report goes out later.');
  await toDoor(resident);
  await sees(resident.page, 'Not opened: stopped by the household.');
  assert.equal(await resident.page.getByText('Plan B: Neighbour.').count(), 0, 'nothing is said that was not reported');
  await context.setOffline(false);
  // What the browser itself notes of a network that is away.
  complaints.splice(0, complaints.length, ...complaints.filter((one) => !one.includes('ERR_INTERNET_DISCONNECTED')));

  await resident.page.getByRole('link', { name: 'Not opened: stopped by the household. Plan B: Neighbour.' }).click({ timeout: 20_000 });
  await sees(resident.page, 'It is with a neighbour.');
  await sees(resident.page, 'Reason: not possible here');
  await sees(resident.page, /At the door at .* Waited: \d+/);
  await sees(resident.page, 'Signed by the phone that the service sent. Checked here.');
  const photo = await shown(resident.page.getByRole('img', { name: "The courier's photo. It is with a neighbour." }));
  isOrange(photo.colour);
  isBare(photo.bytes);
  await sees(resident.page, 'sealed for the devices of your household');
  const kept = files(stage.folder).filter(({ name }) => name.endsWith('.sealed'));
  assert.deepEqual(kept.map(({ bytes }) => bytes.length > photo.bytes.length), [true], 'one photo, with its wrapping');
  const start = photo.bytes.subarray(0, 160);
  assert.ok(!files(stage.folder).some(({ bytes }) => bytes.includes(start)), 'the picture lies nowhere in the clear');
  const { origin } = new URL(stage.links.resident);
  const status = await stage.run('provider', '--keys', 'provider', '--cloud', origin, 'status', '--consignment', stopped);
  assert.match(status.out, /left elsewhere: neighbour \(not_possible\)/);
});

test('a blocked door lets nobody in until an owner lifts it by passkey', async () => {
  await toDoor(resident);
  await block(resident, 'Blocked. Your door has confirmed.');
  const { page, passkeys } = resident;
  await passkeys.verified(false);
  await page.getByRole('button', { name: 'Lift the block' }).click();
  await sees(page, 'You cancelled the question for your passkey. Nothing was signed.');
  await sees(page, /^Blocked\./);
  await passkeys.verified(true);
  await page.getByRole('button', { name: 'Lift the block' }).click();
  await page.getByText(/^Blocked\./).first().waitFor({ state: 'detached', timeout: 15_000 });
});

async function truth(what) {
  const { out } = await house({ get: 'state' });
  return JSON.parse(out.split('\n').find((line) => line.startsWith('{'))).truth[what];
}

test('a block that the door has not heard of is not called one', async () => {
  const { page } = resident;
  stage.halt(true);
  try {
    await block(resident, /Not confirmed/);
    assert.equal(await page.getByText('Blocked. Your door has confirmed.').count(), 0);
  } finally {
    stage.halt(false);
  }
  await sees(page, 'Blocked. Your door has confirmed.', 40_000);
  await page.getByRole('button', { name: 'Lift the block' }).click();
  await page.getByText(/^Blocked\./).first().waitFor({ state: 'detached', timeout: 20_000 });
});

test('a phone whose clock is an hour behind says so', async () => {
  await resident.context.addInitScript((ms) => {
    const now = Date.now;
    globalThis.Date = class extends Date {
      constructor(...given) {
        super(...(given.length > 0 ? given : [now() - ms]));
      }
      static now() {
        return now() - ms;
      }
    };
  }, 3_600_000);
  await resident.page.reload();
  await sees(resident.page, 'The clocks of this device and of your door differ.');
});

test('a picture that stands still is said to stand, on that phone, too, and the home raises the alarm', async () => {
  const { page } = courier;
  await allow(resident);
  await arrive(courier);
  await toDoor(resident);
  await sees(resident.page, /^Live\. Picture [0-2]\.\d s old\.$/);
  await scan(courier);
  await sees(resident.page, 'Your door is open.', 20_000);
  await house({ misbehave: { camera: 'stall' } });
  // What is seen, not what is read aloud once: by its age, and not only by the home's alarm.
  await resident.page.locator('p.age', { hasText: /Picture frozen for [3-9] s/ }).waitFor({ timeout: 10_000 });
  await sees(resident.page, /Alarm raised/, 10_000);
  await house({ misbehave: 'none' });
  await sees(page, 'Done.', 60_000).catch(() => sees(page, 'You may go.', 5_000));
});

test('the pages themselves made no mistake', () => isQuiet(resident, courier));
