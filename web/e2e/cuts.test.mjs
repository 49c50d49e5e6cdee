/** The courier's network goes at each step of a visit: the screen says so, the visit goes on, and no door opens twice. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { allow, arrive, enrol, isQuiet, moveIn, scan, sees } from './people.mjs';
import { relay } from './relay.mjs';
import { open } from './stage.mjs';

const NO_NETWORK = 'No network. It goes on when there is one. A door never opens late.';

let stage;
let people;
let resident;
let courier;
let net;
before(async () => {
  [stage, people] = await open();
  resident = await people.person();
  courier = await people.person();
  const { port } = new URL(stage.links.courier);
  net = await relay(Number(port));
  await moveIn(resident, stage.links.resident);
  await enrol(courier, stage.links.courier.replace(`:${port}`, `:${net.port}`));
});
after(async () => {
  net?.end();
  await people?.end();
  await stage?.end();
});

/** Cuts the network, and mends it once the screen says that there is none, and still says `state`. */
async function cut(state) {
  net.cut();
  await sees(courier.page, NO_NETWORK);
  if (state) await sees(courier.page, state, 1_000);
  net.mend();
}

/** Takes the phone out of the pocket: the tour is asked for at once. */
const looks = () => courier.page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
const isBack = () => courier.page.getByText(NO_NETWORK).waitFor({ state: 'detached', timeout: 20_000 });

test('before the scan: on the tour, on the way in, and at the scan, where nothing is kept for later', async () => {
  const { page } = courier;
  await allow(resident);
  net.cut();
  await looks();
  await sees(page, NO_NETWORK);
  await sees(page, 'Your tour', 1_000);
  net.mend();
  await isBack();

  net.cut();
  await arrive(courier);
  await sees(page, NO_NETWORK);
  await sees(page, 'Wait', 1_000);
  net.mend();
  await page.getByRole('button', { name: /^Scan parcel / }).first().waitFor({ timeout: 20_000 });

  net.cut();
  await sees(page, NO_NETWORK);
  await scan(courier);
  await sees(page, 'Scan parcel', 1_000);
  net.mend();
  await isBack();
  await sees(page, 'Scan parcel', 1_000);
  assert.equal(await truth('bolt'), 'locked');
});

test('a network that only falls silent is noticed, too', async () => {
  net.now.silent = true;
  await sees(courier.page, NO_NETWORK);
  net.mend();
  await isBack();
});

test('after the scan: the answer is lost, then the network while the door opens, locks, and the visit ends', async () => {
  const { page } = courier;
  net.now.deaf = true;
  await scan(courier);
  await sees(page, 'The door is checking.');
  await until(async () => (await truth('bolt')) !== 'locked');
  await cut('The door is checking.');
  await sees(page, 'Open.', 20_000);
  await cut('Open.');
  await sees(page, 'The door is shut and locks.', 30_000);
  net.cut();
  await until(async () => (await truth('bolt')) === 'locked');
  await sees(page, NO_NETWORK);
  net.mend();
  await sees(page, 'Done.', 20_000);
});

test('the door opened once in each visit', async () => {
  const { code, out } = await stage.run('resident', '--keys', 'resident', 'visits', '--json');
  assert.equal(code, 0, out);
  const visits = out.trim().split('\n').flatMap((line) => JSON.parse(line).visits ?? JSON.parse(line));
  assert.equal(visits.length, 2, out);
  for (const { passages, outcome } of visits) assert.deepEqual([passages, outcome], [1, 'secured'], out);
});

test('the page itself made no mistake', () => {
  // What the missing network does to requests is no mistake of the page.
  courier.complaints.splice(0, Infinity, ...courier.complaints.filter((one) => !/ERR_|WebSocket/.test(one)));
  isQuiet(resident, courier);
});

async function truth(what) {
  const { out } = await stage.run('house', '--dir', `${stage.folder}/house`, 'say', '{"get":"state"}');
  return JSON.parse(out.split('\n').find((line) => line.startsWith('{'))).truth[what];
}

async function until(is) {
  const lateMs = Date.now() + 20_000;
  while (!(await is())) assert.ok(Date.now() < lateMs, 'it did not happen');
}
