/**
 * Push messages, over a real cloud, box and home: what a resident chooses is what the cloud keeps, and a message comes.
 * The browser's own push service, which only its maker runs, is a server of this test: it keeps what it is handed.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { sees } from './people.mjs';
import { browse, PROGRAM } from './stage.mjs';

const APP = join(import.meta.dirname, '../dist');
const TEST = { timeout: 120_000 };
const SAID_WITHIN_MS = 30_000;
const dir = mkdtempSync(join(tmpdir(), 'vsp-'));
const running = [];
/** Calls of the cloud to the push service. */
const calls = [];
let service;
let people;
let resident;
let origin;
let devtools;

/** Zones without summer time: what is tested is the same all year. */
const livesIn = (timezoneId) => devtools.send('Emulation.setTimezoneOverride', { timezoneId });

/** Starts the program; `says` waits for a line of JSON with a field. */
function start(...args) {
  const child = spawn(PROGRAM, ['--json', ...args], { cwd: dir, stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  const lines = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) lines.push(JSON.parse(line));
  });
  return {
    says: (field) =>
      until(() => lines.find((one) => one[field] !== undefined)?.[field], `${args.join(' ')} says ${field}`, SAID_WITHIN_MS),
    writes: (line) => child.stdin.end(`${line}\n`),
    ended: new Promise((done) => child.on('exit', (code) => done(code))),
  };
}

/** What `look` finds, as soon as it finds something. */
async function until(look, what, ms = 15_000) {
  const deadline = Date.now() + ms;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/**
 * A push manager that gives out a real key and an endpoint of this test, kept over reloads as a browser's is. The page
 * sees it only while its person allows notifications.
 */
function fakePush(address) {
  const KEPT = 'fake-push';
  const text = (bytes) => btoa(String.fromCharCode(...bytes)).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  const bytes = (of) => Uint8Array.from(atob(of.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.charCodeAt(0));
  const shown = ({ endpoint, p256dh, auth, key }) => ({
    endpoint,
    options: { userVisibleOnly: true, applicationServerKey: bytes(key).buffer },
    getKey: (name) => bytes(name === 'auth' ? auth : p256dh).buffer,
    unsubscribe: async () => localStorage.removeItem(KEPT) ?? true,
  });
  const kept = () => JSON.parse(localStorage.getItem(KEPT));
  PushManager.prototype.getSubscription = async () => (kept() ? shown(kept()) : null);
  PushManager.prototype.subscribe = async ({ applicationServerKey, userVisibleOnly }) => {
    if (Notification.permission !== 'granted') throw new DOMException('not granted', 'NotAllowedError');
    if (!userVisibleOnly || bytes(applicationServerKey).length !== 65) throw new TypeError('no key of a cloud');
    if (!kept()) {
      const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits']);
      const p256dh = text(new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey)));
      const auth = text(crypto.getRandomValues(new Uint8Array(16)));
      const endpoint = `${address}/send/${crypto.randomUUID()}`;
      localStorage.setItem(KEPT, JSON.stringify({ endpoint, p256dh, auth, key: applicationServerKey }));
    }
    return shown(kept());
  };
}

/** The newest answer of the cloud about this device, as the page itself is told. */
let toldLast = null;

before(async () => {
  service = createServer((request, response) => {
    calls.push({ method: request.method, path: request.url, headers: request.headers });
    request.resume();
    response.writeHead(201).end();
  });
  await new Promise((done) => service.listen(0, '127.0.0.1', done));
  const push = `http://127.0.0.1:${service.address().port}`;
  const settings = { listen: '127.0.0.1:0', data: join(dir, 'cloud'), audience: 'localhost', origin: 'https://localhost', app: APP };
  const lines = Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join('');
  writeFileSync(join(dir, 'cloud.toml'), `${lines}push_services = [${JSON.stringify(push)}]\n`);
  const port = (await start('cloud', '--config', 'cloud.toml').says('listening')).split(':').at(-1);
  origin = `http://localhost:${port}`;
  start('house', '--dir', 'house');
  const init = start(
    ...['hub', 'init', '--dir', 'home', '--cloud', `http://127.0.0.1:${port}`],
    ...['--lock', `virtual:${join(dir, 'house/house.sock')}`, '--camera', `virtual:${join(dir, 'house/camera.sock')}`],
    ...['--commissioned', '--clock-survives-power-loss'],
  );
  assert.equal(await init.ended, 0);
  people = await browse();
  resident = await people.person();
  devtools = await resident.context.newCDPSession(resident.page);
  await livesIn('Asia/Kolkata');
  await resident.context.addInitScript(fakePush, push);
  resident.page.on('response', (response) => {
    if (response.request().method() !== 'GET' || !response.url().endsWith('/push-subscriptions')) return;
    // What a page was told that is gone cannot be read any more; who waits for `toldLast` waits for the page that is there.
    response.json().then((json) => (toldLast = json), () => undefined);
  });
  const invite = start('hub', 'invite', '--dir', 'home', '--origin', origin);
  const { page } = resident;
  await page.goto(await invite.says('link'));
  await page.getByRole('button', { name: 'Make keys' }).click();
  await page.getByRole('checkbox', { name: 'I have put it away' }).check({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Go on' }).click();
  await invite.says('door');
  invite.writes('yes');
  await sees(page, 'The door is yours.', 30_000);
  start('hub', 'run', '--dir', 'home');
  await page.getByRole('link', { name: 'To your door' }).click();
  await sees(page, 'Closed and locked.', 60_000);
});

after(async () => {
  await people?.end();
  for (const child of running.reverse()) {
    const ended = new Promise((done) => child.on('exit', done));
    if (child.exitCode !== null || !child.kill('SIGTERM')) continue;
    await Promise.race([ended, new Promise((done) => setTimeout(done, 8_000))]);
    child.kill('SIGKILL');
  }
  service?.close();
  rmSync(dir, { recursive: true, force: true });
});

/** Opens the screen anew; answers what the cloud then said of this device. */
async function opened() {
  const { page } = resident;
  toldLast = null;
  await page.goto(`${origin}/#/notices`);
  await page.getByRole('link', { name: 'Messages on this phone' }).click();
  return (await until(() => toldLast, 'the cloud says what it keeps')).subscription;
}

const box = (name) => resident.page.getByRole('checkbox', { name, exact: true });

/** Holds the button that blocks the door, which then confirms: a notice of the kind `revocation_confirmed`. */
async function block() {
  const { page } = resident;
  await page.goto(`${origin}/#/`);
  await page.getByRole('button', { name: 'Block', exact: true }).focus();
  await page.keyboard.down('Space');
  await page.waitForTimeout(1_400);
  await page.keyboard.up('Space');
  await sees(page, 'Blocked. Your door has confirmed.', 20_000);
}

async function unblock() {
  const { page } = resident;
  await page.getByRole('button', { name: 'Lift the block' }).click();
  await page.getByText(/^Blocked\./).first().waitFor({ state: 'detached', timeout: 20_000 });
}

test('a browser that says no is told nothing, and its person how to mend that', TEST, async () => {
  assert.equal(await opened(), null);
  const { page, context } = resident;
  // Without a person, Chromium answers its own question with no.
  await page.getByRole('button', { name: 'Turn on' }).click();
  await sees(page, 'This browser allows no messages here.');
  await sees(page, "Allow notifications for this page in the browser's settings, then come back.");
  assert.equal(await page.getByRole('button', { name: 'Turn on' }).count(), 0);
  await context.grantPermissions(['notifications'], { origin });
  await page.reload();
  await page.getByRole('button', { name: 'Turn on' }).waitFor();
});

test('what is chosen is what the cloud keeps, with quiet hours in UTC', TEST, async () => {
  const { page } = resident;
  assert.equal(await opened(), null);
  await box('The door has confirmed a block').check();
  await box('Not opened').uncheck();
  await box('Keep quiet hours').check();
  await page.getByLabel('From', { exact: true }).fill('22:15');
  await page.getByLabel('Until', { exact: true }).fill('06:30');
  await page.getByRole('button', { name: 'Turn on' }).click();
  await sees(page, 'Turned on, as it stands here.');
  const kept = await opened();
  assert.deepEqual([...kept.kinds].sort(), ['alarm', 'announced', 'arriving', 'clip_expires', 'incident', 'looked', 'rang', 'revocation_confirmed', 'secured', 'stops_away']);
  // 5 h 30 min before Kolkata.
  assert.deepEqual(kept.quiet, { from_min: 16 * 60 + 45, until_min: 60 });
  assert.equal(await box('Not opened').isChecked(), false);
  assert.equal(await box('Someone is at the door').isChecked(), true);
  assert.equal(await page.getByLabel('From', { exact: true }).inputValue(), '22:15');
  assert.equal(await page.getByLabel('Until', { exact: true }).inputValue(), '06:30');
  assert.equal(await page.getByRole('button', { name: 'Use these' }).isDisabled(), true);
});

test('on a journey the quiet hours stay those of the clock on the wall', TEST, async () => {
  const { page } = resident;
  await livesIn('Asia/Tokyo');
  await page.reload();
  await sees(page, 'Messages on this phone');
  await until(async () => (await opened()).quiet.from_min === 13 * 60 + 15, 'the cloud has the hours anew');
  assert.equal((await opened()).quiet.until_min, 21 * 60 + 30);
  await page.reload();
  assert.equal(await page.getByLabel('From', { exact: true }).inputValue(), '22:15');
  await livesIn('Asia/Kolkata');
  await page.reload();
  await until(async () => (await opened()).quiet.from_min === 16 * 60 + 45, 'and anew at home');
});

test('without quiet hours a message comes of what was chosen', TEST, async () => {
  const { page } = resident;
  await opened();
  await box('Keep quiet hours').uncheck();
  await page.getByRole('button', { name: 'Use these' }).click();
  await sees(page, 'Turned on, as it stands here.');
  assert.equal((await opened()).quiet, null);
  assert.deepEqual(calls, []);
  await block();
  const [call] = await until(() => calls.length > 0 && calls, 'a message');
  const { endpoint } = JSON.parse(await page.evaluate(() => localStorage.getItem('fake-push')));
  assert.equal(call.method, 'POST');
  assert.ok(endpoint.endsWith(call.path), call.path);
  assert.equal(call.headers['content-encoding'], 'aes128gcm');
  assert.match(call.headers.authorization, /^vapid t=/);
  await unblock();
});

test('what is no longer chosen comes no more', TEST, async () => {
  const { page } = resident;
  await opened();
  await box('The door has confirmed a block').uncheck();
  await page.getByRole('button', { name: 'Use these' }).click();
  await sees(page, 'Turned on, as it stands here.');
  assert.equal((await opened()).kinds.includes('revocation_confirmed'), false);
  for (const one of await page.getByRole('checkbox').all()) await one.uncheck();
  await sees(page, 'Choose at least one.');
  assert.equal(await page.getByRole('button', { name: 'Use these' }).isDisabled(), true);
});

test('what the browser has lost is made anew, and told to the cloud, when the app opens', TEST, async () => {
  const { page } = resident;
  const { endpoint } = await opened();
  await page.evaluate(() => localStorage.removeItem('fake-push'));
  await page.reload();
  const anew = await until(async () => {
    const kept = await opened();
    return kept.endpoint !== endpoint && kept;
  }, 'another endpoint');
  assert.equal(JSON.parse(await page.evaluate(() => localStorage.getItem('fake-push'))).endpoint, anew.endpoint);
});

test('turned off, neither cloud nor browser keeps anything', TEST, async () => {
  const { page } = resident;
  await opened();
  await page.getByRole('button', { name: 'Turn off' }).click();
  await sees(page, 'Turned off.');
  assert.equal(await page.evaluate(() => localStorage.getItem('fake-push')), null);
  await page.reload();
  assert.equal(await opened(), null);
  const before = calls.length;
  await block();
  await sees(page, 'Blocked. Your door has confirmed.');
  await page.goto(`${origin}/#/notices`);
  await sees(page, 'Your door has confirmed the block list.');
  assert.equal(calls.length, before);
});

test('the page itself made no mistake', TEST, () => {
  const rest = resident.complaints.filter((line) => !/status of (403|504)/.test(line));
  assert.deepEqual(rest, []);
});
