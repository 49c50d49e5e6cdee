/** A new home's first pairing with a browser, over the real binaries: cloud, virtual home, box, and nobody else. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { sees } from './people.mjs';
import { browse, PROGRAM } from './stage.mjs';

const SAID_WITHIN_MS = 30_000;
const TEST = { timeout: 120_000 };

const dir = mkdtempSync(join(tmpdir(), 'vsf-'));
const running = [];
let people;
let resident;
let origin;
let link;

/** Starts the program; `says` waits for a line of JSON with a field, `writes` answers it, `ended` is its exit code. */
function start(...args) {
  const child = spawn(PROGRAM, ['--json', ...args], { cwd: dir, stdio: ['pipe', 'pipe', 'inherit'] });
  running.push(child);
  const lines = [];
  const waiting = [];
  const look = () => {
    for (const [at, { field, done }] of [...waiting.entries()].reverse()) {
      const line = lines.find((one) => one[field] !== undefined);
      if (line) {
        waiting.splice(at, 1);
        done(line[field]);
      }
    }
  };
  createInterface({ input: child.stdout }).on('line', (line) => {
    try {
      lines.push(JSON.parse(line));
    } catch {
      return;
    }
    look();
  });
  return {
    says: (field) =>
      new Promise((done, failed) => {
        waiting.push({ field, done });
        setTimeout(() => failed(new Error(`${args.join(' ')} did not say ${field}: ${JSON.stringify(lines)}`)), SAID_WITHIN_MS).unref();
        look();
      }),
    writes: (line) => child.stdin.end(`${line}\n`),
    ended: new Promise((done) => child.on('exit', (code) => done(code))),
  };
}

before(async () => {
  mkdirSync(join(dir, 'cloud'));
  const listening = await start('cloud', '--listen', '127.0.0.1:0', '--data', 'cloud').says('listening');
  const port = listening.split(':').at(-1);
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
});

after(async () => {
  await people?.end();
  // The box before the cloud that it speaks to.
  for (const child of running.reverse()) {
    const ended = new Promise((done) => child.on('exit', done));
    if (child.exitCode !== null || !child.kill('SIGTERM')) continue;
    await Promise.race([ended, new Promise((done) => setTimeout(done, 8_000))]);
    child.kill('SIGKILL');
  }
  rmSync(dir, { recursive: true, force: true });
});

test('the box shows a link, the phone makes keys and a recovery sheet, and both show the same codes', TEST, async () => {
  const { page } = resident;
  const invite = start('hub', 'invite', '--dir', 'home', '--origin', origin);
  link = await invite.says('link');
  assert.ok(link.startsWith(`${origin}/#/home/`), link);
  await page.goto(link);
  await sees(page, 'A new home');
  assert.equal(new URL(page.url()).hash, '#/home', 'the secret stayed in the address');
  await page.getByRole('button', { name: 'Make keys' }).click();

  await sees(page, 'Your recovery key', 30_000);
  const groups = await page.getByRole('list').filter({ hasText: /[0-9a-f]{4}/ }).getByRole('listitem').allInnerTexts();
  assert.equal(groups.length, 16);
  assert.match(groups.join(''), /^[0-9a-f]{64}$/);
  await page.getByRole('img', { name: 'The recovery key as a QR code' }).waitFor();
  const goOn = page.getByRole('button', { name: 'Go on' });
  assert.equal(await goOn.isDisabled(), true);
  // On paper: the key and nothing to press.
  await page.emulateMedia({ media: 'print' });
  assert.equal(await goOn.isVisible(), false);
  assert.equal(await page.getByText(groups[0], { exact: true }).first().isVisible(), true);
  await page.emulateMedia({ media: 'screen' });
  await page.getByRole('checkbox', { name: 'I have put it away' }).check();
  await goOn.click();

  await sees(page, 'Now compare with your box.');
  const shown = await page.innerText('main');
  const asks = await invite.says('asks');
  assert.equal(asks.length, 3);
  for (const { fingerprint } of asks) assert.ok(shown.includes(fingerprint), `${fingerprint} is not on the phone:\n${shown}`);
  assert.ok(shown.includes(await invite.says('door')));
  assert.equal(await page.getByText('The door is yours.').count(), 0);

  invite.writes('yes');
  await invite.says('paired');
  assert.equal(await invite.ended, 0);
  await sees(page, 'The door is yours.');
});

test('the phone owns the door, and says how it stands once the box runs', TEST, async () => {
  const { page } = resident;
  start('hub', 'run', '--dir', 'home');
  await page.getByRole('link', { name: 'To your door' }).click();
  await sees(page, 'Closed and locked.', 60_000);
  await page.reload();
  await sees(page, 'Closed and locked.', 30_000);
});

test('the used link opens nothing on another phone, and the box invites nobody else', TEST, async () => {
  const { page, context } = await people.person();
  await page.goto(link);
  await page.getByRole('button', { name: 'Make keys' }).click();
  await page.getByRole('checkbox', { name: 'I have put it away' }).check({ timeout: 30_000 });
  await page.getByRole('button', { name: 'Go on' }).click();
  await sees(page, 'This link was used already.');
  await context.close();
  assert.equal(await start('hub', 'invite', '--dir', 'home', '--origin', origin).ended, 1);
});

test('the page itself made no mistake', TEST, () => {
  // The cloud does not know the keys until the box has its person's word, and the door is silent until the box runs.
  const rest = resident.complaints.filter((line) => !/status of (403|504)/.test(line));
  assert.deepEqual(rest, []);
});
