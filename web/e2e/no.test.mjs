/** Everything that keeps a door shut, or says that something is wrong, as people see it in their browsers. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allow, arrive, block, enrol, isQuiet, moveIn, scan, sees, toDoor } from './people.mjs';
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
  await moveIn(resident, stage.links.resident);
  await enrol(courier, stage.links.courier);
});
after(async () => {
  await people?.end();
  await stage?.end();
});

const house = (what) => stage.run('house', '--dir', `${stage.folder}/house`, 'say', JSON.stringify(what));

test('a wrong parcel is said at once, and after the resident\'s Stop the right one opens nothing', async () => {
  await allow(resident);
  await arrive(courier);
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

test('a blocked door lets nobody in until an owner lifts it by passkey', async () => {
  await toDoor(resident);
  await block(resident, 'Blocked. Your door has confirmed.');
  const { page, passkeys } = resident;
  await passkeys.verified(false);
  await page.getByRole('button', { name: 'Lift the block' }).click();
  await page.waitForTimeout(2_000);
  await sees(page, 'Blocked.');
  await passkeys.verified(true);
  await page.getByRole('button', { name: 'Lift the block' }).click();
  await page.getByText('Blocked.').first().waitFor({ state: 'detached', timeout: 15_000 });
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
  await page.getByText('Blocked.').first().waitFor({ state: 'detached', timeout: 20_000 });
});

test('a picture that stands still is said to stand, and the home raises the alarm', async () => {
  const { page } = courier;
  await page.getByRole('button', { name: /Back|Next stop/ }).first().click();
  await allow(resident);
  await arrive(courier);
  await toDoor(resident);
  await sees(resident.page, 'Live.');
  await scan(courier);
  await sees(resident.page, 'Your door is open.', 20_000);
  await house({ misbehave: { camera: 'stall' } });
  await sees(resident.page, /Picture frozen for/, 10_000);
  await sees(resident.page, /Alarm raised/, 10_000);
  await house({ misbehave: 'none' });
  await sees(page, 'Done.', 60_000).catch(() => sees(page, 'You may go.', 5_000));
});

test('the pages themselves made no mistake', () => isQuiet(resident, courier));
