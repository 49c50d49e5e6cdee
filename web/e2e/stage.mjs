/**
 * A stage for whole deliveries in a real browser: `vestibule demo` with its cloud, hub, recorder and drawn home as real
 * processes, and Chromium with a virtual authenticator for each person.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const ROOT = resolve(import.meta.dirname, '../..');
export const PROGRAM = process.env.VESTIBULE ?? join(ROOT, 'target/debug/vestibule');
/** The scripted delivery comes first; a busy machine takes its time. */
const READY_MS = 90_000;

/** Starts the demo and waits for its two links; `more` are arguments of the demo. On a phone the small picture is large enough. */
export async function raise(...more) {
  const dir = mkdtempSync(join(tmpdir(), 'vs-'));
  const picture = more.includes('--picture') ? [] : ['--picture', '640x360'];
  const demo = spawn(PROGRAM, ['demo', '--pace-ms', '0', '--dir', join(dir, 'd'), ...picture, ...more], {
    cwd: dir,
    env: { ...process.env, NO_COLOR: '1', VESTIBULE_LOG: 'info' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said = [];
  const links = await new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error(`no links:\n${said.join('\n')}`)), READY_MS);
    const found = {};
    createInterface({ input: demo.stdout }).on('line', (line) => {
      said.push(line);
      const [link] = /http:\/\/localhost:\d+\/\S*/.exec(line) ?? [];
      if (link?.includes('/v/#/enrol/')) found.courier = link;
      else if (link?.includes('/#/join/')) found.resident = link;
      if (found.courier && found.resident) {
        clearTimeout(late);
        done(found);
      }
    });
    demo.on('exit', (code) => failed(new Error(`the demo ended with ${code}:\n${said.join('\n')}`)));
  });
  const folder = join(dir, 'd');
  return {
    links,
    folder,
    said,
    /** Stops the hub where it stands, or lets it go on: it is there, and says nothing. */
    halt(stands) {
      const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(demo.pid)]).toString();
      const [, pid] = /^\s*(\d+) .* hub run /m.exec(children) ?? [];
      process.kill(Number(pid), stands ? 'SIGSTOP' : 'SIGCONT');
    },
    /** Runs the program with these arguments in the demo's folder; answers what it printed. */
    async run(...args) {
      const child = spawn(PROGRAM, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
      let out = '';
      for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (out += bytes));
      const code = await new Promise((done) => child.on('exit', done));
      return { code, out };
    },
    async end() {
      demo.removeAllListeners('exit');
      const ended = new Promise((done) => demo.on('exit', done));
      demo.kill('SIGTERM');
      await Promise.race([ended, new Promise((done) => setTimeout(done, 8_000))]);
      demo.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The demo and a browser, both or neither: a browser that is left open would keep the test's program from ending. */
export async function open(...more) {
  const [stage, people] = await Promise.allSettled([raise(...more), browse()]);
  if (stage.status === 'fulfilled' && people.status === 'fulfilled') return [stage.value, people.value];
  await Promise.all([stage, people].map(({ value }) => value?.end()));
  throw stage.reason ?? people.reason;
}

/** The cloud alone, over an app in a folder; `port` 0 takes any free one. */
export async function serveApp(app, port = 0) {
  const dir = mkdtempSync(join(tmpdir(), 'vs-'));
  const config = join(dir, 'cloud.toml');
  const settings = { listen: `127.0.0.1:${port}`, data: join(dir, 'data'), audience: 'localhost', app };
  writeFileSync(config, Object.entries(settings).map(([key, value]) => `${key} = ${JSON.stringify(value)}\n`).join(''));
  const cloud = spawn(PROGRAM, ['cloud', '--config', config], {
    cwd: dir,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((done) => cloud.on('exit', done));
  const took = await new Promise((done, failed) => {
    const late = setTimeout(() => failed(new Error('the cloud says no address')), READY_MS);
    createInterface({ input: cloud.stdout }).on('line', (line) => {
      const [, found] = /http:\/\/127\.0\.0\.1:(\d+)/.exec(line) ?? [];
      if (!found) return;
      clearTimeout(late);
      done(Number(found));
    });
    void ended.then((code) => failed(new Error(`the cloud ended with ${code}`)));
  });
  return {
    port: took,
    origin: `http://localhost:${took}`,
    async end() {
      cloud.kill('SIGTERM');
      await Promise.race([ended, new Promise((done) => setTimeout(done, 8_000))]);
      cloud.kill('SIGKILL');
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const CHROMIUM = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  // Notices are the browser's own: it would look for a desktop's bus first, which a machine for tests has not.
  env: { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'disabled:' },
};

/** A browser that keeps what it stores, as people's do: apps are not installed in private windows. */
export async function keepingBrowser(options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'vs-'));
  const context = await chromium.launchPersistentContext(folder, { ...CHROMIUM, locale: 'en-GB', ...options });
  return {
    context,
    async end() {
      await context.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A browser for everyone; `person` makes a window of one's own, with storage and keys of one's own. */
export async function browse(args = []) {
  const browser = await chromium.launch({ ...CHROMIUM, args: [...CHROMIUM.args, ...args] });
  return {
    async person({ locale = 'en-GB', width = 390, height = 844, ...more } = {}) {
      const context = await browser.newContext({ locale, viewport: { width, height }, ...more });
      const page = await context.newPage();
      const complaints = [];
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(`${message.text()} (${message.location().url})`);
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      const passkeys = await authenticator(context, page);
      return { context, page, complaints, passkeys };
    },
    end: () => browser.close(),
  };
}

/** A virtual authenticator that verifies its person, until told otherwise. */
async function authenticator(context, page) {
  const devtools = await context.newCDPSession(page);
  await devtools.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2',
    transport: 'internal',
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
  return {
    /** Whether the person's finger fits. */
    verified: (isUserVerified) => devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
  };
}
