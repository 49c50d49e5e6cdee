/** Who belongs to a home and what they keep, over the real programs: languages, a clip that goes, a phone that was lost. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { allow, arrive, block, enrol, isQuiet, moveIn, pictures, scan, sees, toDoor } from './people.mjs';
import { open, PROGRAM } from './stage.mjs';

let stage;
let people;
let resident;
let courier;
let other;
let found;
let delivered = 0;
before(async () => {
  [stage, people] = await open();
  resident = await people.person();
  courier = await people.person();
  other = await people.person();
  await Promise.all([moveIn(resident, stage.links.resident), enrol(courier, stage.links.courier)]);
});
after(async () => {
  await people?.end();
  await stage?.end();
});

const tab = ({ page }, name) => page.getByRole('navigation').getByRole('link', { name }).click();

/** One parcel, from the letter to the courier's last word; `meanwhile` is what happens while the courier is in the door. */
async function deliver(by = resident, meanwhile = async () => {}) {
  await toDoor(by);
  await allow(by);
  // The tour of before may name a permission that has ended since.
  await courier.page.reload();
  await arrive(courier);
  await meanwhile();
  await scan(courier);
  await sees(courier.page, 'Done.', 60_000);
  await courier.page.getByRole('button', { name: 'Next stop' }).click();
  await toDoor(by);
  await sees(by.page, 'Closed and locked.', 30_000);
  delivered += 1;
}

/** Opens the newest visit of which a parcel is inside. */
async function newest(person) {
  await tab(person, 'Visits');
  const inside = person.page.getByRole('main').getByRole('link', { name: /Parcel inside/ });
  // The first is only then the newest when the list has all of them.
  await inside.nth(delivered - 1).waitFor({ timeout: 30_000 });
  await inside.first().click();
  await sees(person.page, 'Complete and unchanged. Checked here.', 30_000);
}

async function watch({ page }) {
  await page.getByRole('button', { name: 'Watch the recording' }).click();
  await page.locator('video').waitFor({ timeout: 30_000 });
}

test('the language of the app is chosen on any page, stays there, and is kept', async () => {
  const { page } = resident;
  await tab(resident, 'Household');
  await page.getByText('Deutsch', { exact: true }).click();
  await sees(page, 'Zustellnummern');
  assert.equal(new URL(page.url()).hash, '#/household');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'de');
  await page.reload();
  await sees(page, 'Zustellnummern');
  assert.equal(await page.getByText('Delivery numbers').count(), 0);
  await page.getByText('English', { exact: true }).click();
  await sees(page, 'Delivery numbers');
  await page.reload();
  await sees(page, 'Delivery numbers');
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
});

test("the courier's page speaks six languages, Arabic from right to left, and keeps the choice", async () => {
  const { page } = courier;
  const seen = new Set();
  for (const [name, lang, dir] of [
    ['Deutsch', 'de', 'ltr'],
    ['Polski', 'pl', 'ltr'],
    ['Türkçe', 'tr', 'ltr'],
    ['Українська', 'uk', 'ltr'],
    ['العربية', 'ar', 'rtl'],
    ['English', 'en', 'ltr'],
  ]) {
    await page.getByRole('combobox').selectOption({ label: name });
    await page.waitForFunction((wanted) => document.documentElement.lang === wanted, lang);
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor({ timeout: 15_000 });
    const now = await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir, getComputedStyle(document.querySelector('h1')).direction]);
    assert.deepEqual(now, [lang, dir, dir], name);
    seen.add(await page.getByRole('heading', { level: 1 }).innerText());
  }
  assert.equal(seen.size, 6, [...seen].join());
});

const atTheBox = () => stage.run('hub', 'presence', '--dir', `${stage.folder}/home`);

/** An owner makes a link, the other phone opens it, and both are at the box. */
async function takeIn({ page }, newcomer, name = 'Phone') {
  await page.getByRole('navigation').getByRole('link', { name: 'Household' }).click();
  await page.getByRole('link', { name: 'Invite someone' }).click();
  await page.getByText('Admin', { exact: true }).click();
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.locator('.link').innerText();
  await newcomer.page.goto(link.trim());
  await newcomer.page.getByRole('textbox').fill(name);
  await newcomer.page.getByRole('button', { name: 'Make keys' }).click();
  await sees(page, 'The other phone must show the same code.', 30_000);
  await atTheBox();
  await page.getByRole('button', { name: 'Take in' }).click();
  await sees(page, 'Taken in. Your door knows the new device.', 30_000);
  await newcomer.page.getByRole('link', { name: 'To your door' }).click({ timeout: 30_000 });
  await sees(newcomer.page, 'Closed and locked.', 30_000);
}

test('an owner takes in a second phone, of the same name, while somebody is at the box', async () => {
  // Who has access is looked at elsewhere meanwhile, and follows.
  const open = await resident.context.newPage();
  await open.goto(stage.links.resident.replace(/#.*/, '#/household/access'));
  await sees(open, 'Your door keeps exactly these devices.', 30_000);
  await takeIn(resident, other);
  // Whoever turns to a page again has it ask the door.
  await open.evaluate(() => document.dispatchEvent(new Event('visibilitychange')));
  const devices = open.getByRole('region', { name: 'Devices of the household' }).getByRole('listitem');
  await devices.filter({ hasText: 'Taken in by Phone on' }).nth(1).waitFor({ timeout: 30_000 });
  await sees(open, 'Your door keeps exactly these devices.', 30_000);
  await open.close();
});

test('who has access is said with whose signature brought it, and what the door confirmed', async () => {
  const { page } = resident;
  await tab(resident, 'Household');
  await page.getByRole('link', { name: 'Who has access?' }).click();
  await sees(page, 'Your door keeps exactly these devices.');
  await sees(page, /In its log since .+ Checked here\./);
  const devices = page.getByRole('region', { name: 'Devices of the household' }).getByRole('listitem');
  const mine = devices.filter({ hasText: 'this device' });
  await mine.getByText(/^Taken in by \S.* on \d/).waitFor();
  await mine.getByText('Without asking for the passkey, the app on it says no, answers and watches.').waitFor();
  // The other phone was taken in by this one.
  await devices.filter({ hasText: 'Taken in by Phone on' }).first().waitFor();
  await page.getByText('There since the home was set up.').first().waitFor();
});

test('a person looks through the camera outside a visit, for a minute, and the other phone is told who', async () => {
  const { page } = resident;
  await toDoor(resident);
  await page.getByRole('link', { name: 'Look through the camera' }).click();
  await sees(page, /^Will be told: /);
  // Without the person no camera starts, and nobody is told of one.
  await resident.passkeys.verified(false);
  await page.getByRole('button', { name: 'Look now' }).click();
  await sees(page, 'You cancelled the question for your passkey. Nothing was signed.');
  assert.equal(await page.getByText('You are looking.').count(), 0);
  await resident.passkeys.verified(true);
  await page.getByRole('button', { name: 'Look now' }).click();
  await sees(page, 'You are looking.');
  await sees(page, /^Live\. Picture 0\.\d s old\.$/);
  await pictures(page, 10);
  await sees(page, /^5[0-6] s more\.$/);
  await page.getByRole('button', { name: 'Look longer' }).click();
  await sees(page, /^(5[7-9]|60) s more\.$/);
  await pictures(page, 10);
  await page.getByRole('button', { name: 'End' }).click();
  await sees(page, 'Over. The camera shows nothing any more.');
  assert.equal(await page.locator('video').getAttribute('src'), null, 'no picture of before waits for the next look');
  await tab(resident, 'Visits');
  await sees(page, 'You looked, on this device.');
  // Read from what was kept, which comes after the page.
  await page.reload();
  await sees(page, 'You looked, on this device.');
  // Looking longer is one line.
  await tab(other, 'Visits');
  await sees(other.page, /^(?!You).* looked\.$/, 30_000);
  assert.equal(await other.page.getByText(/^(?!You).* looked\.$/).count(), 1);
});

test('whoever leaves before a look begins starts no camera, and a connection that breaks is not called over', async () => {
  const { page } = resident;
  let posted = 0;
  page.on('request', (request) => (posted += Number(request.method() === 'POST' && request.url().endsWith('/looks'))));
  await page.addInitScript(() => {
    const Real = WebSocket;
    globalThis.WebSocket = class extends Real {
      constructor(...given) {
        super(...given);
        if (this.url.includes('/looks/')) globalThis.looking = this;
      }
    };
  });
  await page.reload();
  await toDoor(resident);
  await page.getByRole('link', { name: 'Look through the camera' }).click();
  let release;
  const released = new Promise((done) => (release = done));
  await page.route('**/head', async (route) => {
    await released;
    await route.continue();
  });
  await page.getByRole('button', { name: 'Look now' }).click();
  await tab(resident, 'Visits');
  release();
  await page.unrouteAll({ behavior: 'wait' });

  await toDoor(resident);
  await page.getByRole('link', { name: 'Look through the camera' }).click();
  await page.getByRole('button', { name: 'Look now' }).click();
  await sees(page, 'You are looking.');
  await pictures(page, 2);
  assert.equal(posted, 1);
  await page.evaluate(() => globalThis.looking.close());
  await sees(page, 'The connection to the picture broke.');
  assert.equal(await page.getByText('Over. The camera shows nothing any more.').count(), 0);

  await stage.run('hub', 'no', '--dir', `${stage.folder}/home`);
  await page.getByRole('button', { name: 'Look again' }).click();
  await sees(page, 'Someone at home pressed No on the box.');
});

test('who saw a recording is listed by the names of the household', async () => {
  await deliver();
  await newest(other);
  await watch(other);
  await newest(resident);
  await watch(resident);
  const { page } = resident;
  const list = page.getByRole('region', { name: 'Who saw the recording' });
  const opened = list.getByRole('listitem').filter({ hasText: 'Opened the recording' });
  await opened.nth(1).waitFor();
  assert.equal(await opened.count(), 2);
  assert.equal(await opened.filter({ hasText: 'this device' }).count(), 1);
  await list.getByText('The cloud keeps this list. It could leave something out.').waitFor();
});

test('deleting a clip asks first and needs the passkey; then it is gone for everyone, and the visit stays', async () => {
  const { page, passkeys } = resident;
  await page.getByRole('button', { name: 'Delete' }).click();
  await sees(page, 'Delete the recording?');
  await page.getByRole('dialog').getByRole('button', { name: 'Keep' }).click();
  await page.locator('video').waitFor();
  await page.getByRole('button', { name: 'Delete' }).click();
  await passkeys.verified(false);
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await sees(page, 'You cancelled the question for your passkey. Nothing was signed.');
  await page.locator('video').waitFor();
  await passkeys.verified(true);
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await sees(page, 'The recording is gone.');
  await newest(other);
  await sees(other.page, /^Deleted: .*, by: .+\.$/);
  assert.equal(await other.page.locator('video').count(), 0);
  assert.equal(await other.page.getByRole('button', { name: 'Watch the recording' }).count(), 0);
});

test('an owner removes a lost phone by passkey, and only that one', async () => {
  const { page, passkeys } = resident;
  // The newest list of what was stopped is of the phone that goes.
  await toDoor(other);
  await block(other, 'Blocked. Your door has confirmed.');
  await tab(resident, 'Household');
  await page.getByRole('button', { name: /^Remove ?: Phone/ }).nth(1).waitFor();
  const before = await page.getByRole('button', { name: /^Remove ?: Phone/ }).count();
  assert.equal(before, 2, 'passkey and device key of the other phone');
  await passkeys.verified(false);
  await page.getByRole('button', { name: /^Remove ?: Phone/ }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await sees(page, 'You cancelled the question for your passkey. Nothing was signed.');
  assert.equal(await page.getByRole('button', { name: /^Remove ?: Phone/ }).count(), before);
  await passkeys.verified(true);
  await page.getByRole('button', { name: /^Remove ?: Phone/ }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
  await sees(page, 'Removed. Your door has confirmed.', 20_000);
  assert.equal(await page.getByRole('button', { name: /^Remove ?: Phone/ }).count(), 0);
  assert.equal(await page.getByText('· this device').count(), 2);
});

test('what the lost phone stopped stays stopped, and those who are left lift it', async () => {
  const { page } = resident;
  await tab(resident, 'Door');
  await sees(page, 'Blocked. Your door has confirmed.');
  await page.getByRole('button', { name: 'Lift the block' }).click();
  await page.getByText(/^Blocked\./).first().waitFor({ state: 'detached', timeout: 15_000 });
});

test('one signature ends every permission, and what is announced is asked once more', async () => {
  const { page } = resident;
  await toDoor(resident);
  await allow(resident);
  await tab(resident, 'Household');
  await page.getByRole('link', { name: 'Who has access?' }).click();
  const services = page.getByRole('region', { name: 'Services' }).getByRole('listitem');
  const sentence = await services.first().locator('.strong').innerText();
  await page.getByRole('link', { name: 'End all permissions' }).click();
  await page.getByRole('region', { name: 'This ends' }).getByText(sentence).first().waitFor();
  await atTheBox();
  await page.getByRole('button', { name: 'End all now' }).click();
  await sees(page, 'All permissions have ended.', 20_000);
  await page.getByRole('link', { name: 'Who has access?' }).click();
  await sees(page, 'No service holds a permission right now.');
  await toDoor(resident);
  await page.getByRole('link', { name: 'Read and decide' }).first().waitFor({ timeout: 15_000 });
});

test('the lost phone is told what happened, can do nothing, and does not see the next visit', async () => {
  const lost = other.page;
  await lost.goto(stage.links.resident.replace(/#.*/, '#/'));
  await lost.reload();
  await sees(lost, 'This device no longer belongs here.', 30_000);
  await deliver(resident, async () => {
    await toDoor(resident);
    await resident.page.locator('video').waitFor();
    await lost.reload();
    await sees(lost, 'This device no longer belongs here.', 30_000);
    assert.equal(await lost.locator('video').count(), 0);
  });
  const headers = [];
  resident.page.on('response', (response) => {
    if (/\/recordings\/[0-9a-f]{32}$/.test(response.url())) headers.push(response.json().then(({ parts }) => parts.map(({ header }) => header)));
  });
  await newest(resident);
  await watch(resident);
  // Each part names whose key opens it.
  const named = (await Promise.all(headers)).flat().map((header) => Buffer.from(header, 'base64url').toString('hex'));
  assert.ok(named.length > 0);
  const [own, gone] = await Promise.all([kid(resident), kid(other)]);
  for (const header of named) {
    assert.ok(header.includes(own), 'the phone that stayed can open it');
    assert.ok(!header.includes(gone), 'the phone that went can not');
  }
});

/** The identifier of the key of this browser. */
const kid = async (person) => (await stored(person, 'resident/keys')).kid;

/** What this browser keeps under a name, once it keeps `value` there if there is one. */
const stored = ({ page }, name, value) =>
  page.evaluate(
    ([name, value]) =>
      new Promise((done, failed) => {
        const opening = indexedDB.open('vestibule', 1);
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          const things = opening.result.transaction('things', 'readwrite').objectStore('things');
          if (value) things.put(value, name);
          const asked = things.get(name);
          asked.onsuccess = () => {
            opening.result.close();
            const { result } = asked;
            // What cannot leave the page stays there.
            done(result?.kid ? { kid: result.kid } : Array.isArray(result) ? result.length : result);
          };
        };
      }),
    [name, value],
  );

test('the pages themselves made no mistake', () => isQuiet(resident, courier));

test('every phone is lost: with the sheet and somebody at the box a new one comes in, and nothing of before opens', async () => {
  // Signed by the phone that is lost, and kept by the door.
  await toDoor(resident);
  await allow(resident);
  found = await people.person();
  const { page } = found;
  await page.goto(stage.links.resident.replace(/#.*/, ''));
  await page.getByRole('link', { name: 'Lost your phone? With the recovery sheet' }).click();
  const sheet = readFileSync(join(stage.folder, 'resident/recovery.txt'), 'utf8');
  const read = async (text) => {
    await page.getByRole('textbox').fill(text);
    await page.getByRole('button', { name: 'Read the sheet' }).click();
  };
  await read(sheet.replace(/.$/, ''));
  await sees(page, 'These are 63 digits. The sheet has 64.');
  await read(sheet.replace(/^./, (digit) => (digit === '0' ? '1' : '0')));
  await sees(page, 'This sheet belongs to no door that we know.');
  await read(sheet.match(/.{4}/g).join(' ').toUpperCase());
  await sees(page, 'These devices go:');
  await tab(resident, 'Household');
  await sees(resident.page, 'Code of your door');
  const [, code] = /Code of your door: ([0-9a-f]{4}\s[0-9a-f]{4})/.exec(await resident.page.innerText('main')) ?? [];
  await sees(page, code);
  await atTheBox();
  // It counts, but the answer is lost: trying again goes on where that ended.
  await page.route('**/rosters', async (route) => {
    if (route.request().method() !== 'POST') return route.continue();
    await route.fetch();
    await route.abort();
  });
  await page.getByRole('button', { name: 'Bring this phone in' }).click();
  await sees(page, 'No connection to the server.', 30_000);
  await page.unroute('**/rosters');
  await page.getByRole('button', { name: 'Bring this phone in' }).click();
  await sees(page, 'The door is yours again.', 30_000);

  await page.getByRole('link', { name: 'To your door' }).click();
  await sees(page, 'Closed and locked.', 30_000);
  await tab(found, 'Household');
  await page.getByRole('link', { name: 'Who has access?' }).click();
  await sees(page, 'Your door keeps exactly these devices.');
  await page.getByText(/^Taken in with the recovery sheet on \d/).waitFor();
  await sees(page, 'No service holds a permission right now.');
  await resident.page.reload();
  await sees(resident.page, 'This device no longer belongs here.', 30_000);
  // A recording of before was sealed to the sheet, and not to this phone.
  await newest(found);
  await watch(found);
  // What the lost phone allowed is asked once more.
  await deliver(found);
  // No owner in the list signed it, but the sheet: the door's own word proves it to anybody.
  await newest(found);
  const download = page.waitForEvent('download', { timeout: 30_000 });
  await page.getByRole('button', { name: 'Download everything' }).click();
  const path = await (await download).path();
  assert.match(execFileSync(PROGRAM, ['verify', path], { encoding: 'utf8', stdio: 'pipe' }), /This delivery is what it says\./);
  // Browsers note as an error that the sheet that fits nothing is refused, and that an answer was lost.
  const noted = /403 \(Forbidden\) \(.*\/sign-in\)$|ERR_FAILED \(.*\/rosters\)$/;
  assert.deepEqual(found.complaints.filter((line) => !noted.test(line)), []);
});

test('who moves out hands the home over: nothing of before opens, and whoever moves in sees nothing of it', async () => {
  const next = await people.person();
  await takeIn(found, next, 'New tenant');
  const { page } = found;
  await page.getByRole('link', { name: 'Done' }).click();
  await page.getByRole('link', { name: 'Who has access?' }).click();
  await page.getByRole('link', { name: 'Hand over the home' }).click();
  await page.getByText('New tenant', { exact: true }).click();
  await sees(page, 'with “Download everything” on the page of each delivery');
  // Until then they are an admin like any other.
  await tab(next, 'Visits');
  await next.page.getByRole('main').getByRole('link', { name: /Parcel inside/ }).first().waitFor();
  await atTheBox();
  await page.getByRole('button', { name: 'Hand over the home' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Hand over the home' }).click();
  await sees(page, 'Handed over to New tenant.', 20_000);
  // The same browser may be a courier's, or a guest's elsewhere.
  await stored(found, 'visitor/about', { label: 'handset' });
  await page.getByRole('button', { name: 'Delete the keys on this phone' }).click();
  await sees(page, 'Lost your phone? With the recovery sheet', 20_000);
  assert.deepEqual(await stored(found, 'visitor/about'), { label: 'handset' });
  for (const name of ['resident/keys', 'resident/roster']) assert.equal(await stored(found, name), undefined);

  await tab(next, 'Household');
  await next.page.getByRole('link', { name: 'Who has access?' }).click();
  await sees(next.page, 'Your door keeps exactly these devices.');
  const devices = next.page.getByRole('region', { name: 'Devices of the household' }).getByRole('listitem');
  assert.equal(await devices.count(), 1, 'neither a phone of before nor their sheet');
  await sees(next.page, 'No service holds a permission right now.');
  assert.equal(await next.page.getByText('that the cloud does not show').count(), 0, 'what this phone had read counts no more');
  await tab(next, 'Household');
  await sees(next.page, 'No delivery number yet.');
  await next.page.getByRole('button', { name: 'Check from the beginning' }).click();
  await sees(next.page, /^Door log complete since/, 30_000);
  await tab(next, 'Visits');
  await sees(next.page, 'No visit yet');
  await toDoor(next);
  await sees(next.page, 'Nobody can open through Vestibule right now.', 30_000);
  await tab(next, 'Household');
  await next.page.getByRole('link', { name: 'Who has access?' }).click();
  await next.page.getByRole('link', { name: 'New recovery sheet' }).click();
  await sees(next.page, 'Your door has no recovery sheet.');
  await next.page.getByRole('button', { name: 'Make the sheet' }).click();
  await next.page.getByRole('checkbox', { name: 'I have put it away' }).check();
  await atTheBox();
  await next.page.getByRole('button', { name: 'Let the sheet count' }).click();
  await sees(next.page, 'The new sheet counts.', 20_000);
});
