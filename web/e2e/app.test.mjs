/** The app on a phone: installed, kept, told by push, started without a network, renewed; and what its pages may not do. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { enrol, moveIn, sees } from './people.mjs';
import { browse, keepingBrowser, open, serveApp } from './stage.mjs';

const BUILT = resolve(import.meta.dirname, '../dist');
const PAGES = ['/', '/v/'];
const VISIT = '0123456789abcdef0123456789abcdef';
const OFFLINE = 'No connection. What you see here may be old.';

/** Waits until the app is kept on this phone and its worker answers for the page. */
async function isKept(page) {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) {
      await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
    }
  });
}

/** The build that the worker in charge works out from what it keeps. */
const keptBuild = (page) =>
  page.evaluate(
    () =>
      new Promise((done) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => done(data);
        navigator.serviceWorker.controller.postMessage('build', [port2]);
      }),
  );

const servedBuild = (page) => page.evaluate(async () => (await (await fetch('/v1/app')).json()).build);

const cached = (page) =>
  page.evaluate(async () => {
    const names = await caches.keys();
    const found = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)));
    return found.flat();
  });

describe('the app that the cloud serves', () => {
  let cloud;
  let phone;
  before(async () => {
    cloud = await serveApp(BUILT);
    phone = await keepingBrowser();
    await phone.context.grantPermissions(['notifications'], { origin: cloud.origin });
  });
  after(async () => {
    await phone?.end();
    await cloud?.end();
  });

  for (const path of PAGES) {
    test(`${path} can be installed`, async () => {
      const page = await phone.context.newPage();
      await page.goto(cloud.origin + path);
      const devtools = await phone.context.newCDPSession(page);
      const { url, errors, data } = await devtools.send('Page.getAppManifest');
      assert.deepEqual(errors, []);
      assert.equal(new URL(url).pathname, `${path}manifest.webmanifest`);
      const manifest = JSON.parse(data);
      assert.equal(new URL(manifest.scope, cloud.origin).pathname, path);
      assert.ok(manifest.short_name_localized.de && manifest.short_name_localized.en);
      for (const { src, sizes } of manifest.icons) {
        const [width, height] = await page.evaluate(async (at) => {
          const picture = await createImageBitmap(await (await fetch(at)).blob());
          return [picture.width, picture.height];
        }, src);
        assert.equal(`${width}x${height}`, sizes, src);
      }
      const { installabilityErrors } = await devtools.send('Page.getInstallabilityErrors');
      assert.deepEqual(installabilityErrors, []);
      await page.close();
    });
  }

  test("whoever lives nowhere here reads the first page before anything heavy is asked for", async () => {
    const people = await browse();
    try {
      for (const path of PAGES) {
        const { page } = await people.person({ serviceWorkers: 'block' });
        const asked = [];
        page.on('request', (request) => asked.push(new URL(request.url()).pathname));
        await page.goto(cloud.origin + path, { waitUntil: 'networkidle' });
        await page.getByRole('heading', { level: 1 }).waitFor();
        assert.deepEqual(asked.filter((one) => one.endsWith('.wasm')), [], path);
      }
    } finally {
      await people.end();
    }
  });

  test('the app is kept whole, and nothing of the API', async () => {
    const page = await phone.context.newPage();
    await page.goto(cloud.origin);
    await isKept(page);
    assert.equal(await keptBuild(page), await servedBuild(page), 'the phone works out the build that the cloud names');
    const paths = await cached(page);
    assert.ok(paths.includes('/') && paths.some((path) => path.endsWith('.wasm')), paths.join(' '));
    assert.deepEqual(paths.filter((path) => path.startsWith('/v1')), []);
    await page.close();
  });

  test('a push becomes a notice in the language of the page, without anything about a person', async () => {
    const page = await phone.context.newPage();
    await page.goto(cloud.origin);
    await isKept(page);
    const devtools = await phone.context.newCDPSession(page);
    const registered = new Promise((done) =>
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const found = registrations.find(({ scopeURL }) => scopeURL === `${cloud.origin}/`);
        if (found) done(found.registrationId);
      }),
    );
    const broken = [];
    devtools.on('ServiceWorker.workerErrorReported', ({ errorMessage }) => broken.push(errorMessage.errorMessage));
    await devtools.send('ServiceWorker.enable');
    const registrationId = await registered;
    // A push reaches a worker that is active; a page may be served by it a moment before.
    await page.evaluate(async () => {
      const { active } = await navigator.serviceWorker.ready;
      while (active.state !== 'activated') await new Promise((done) => active.addEventListener('statechange', done, { once: true }));
    });
    // What the browser took, as the worker sees it: whoever asks a browser for its notices while it puts one up makes it
    // forget that one, for it is not on the screen yet.
    const [worker] = phone.context.serviceWorkers();
    await worker.evaluate(() => {
      self.taken = {};
      const show = self.registration.showNotification.bind(self.registration);
      self.registration.showNotification = async (title, how) => {
        await show(title, how);
        const { body = '', tag, data, requireInteraction } = how;
        self.taken[tag] = { title, body, to: data.to, urgent: requireInteraction };
      };
    });
    const push = async (data, tag) => {
      await devtools.send('ServiceWorker.deliverPushMessage', { origin: cloud.origin, registrationId, data });
      const lateMs = Date.now() + 20_000;
      for (;;) {
        const found = await worker.evaluate((wanted) => self.taken[wanted], tag);
        if (found) return found;
        assert.ok(Date.now() < lateMs, `no notice ${tag}: ${broken.join('; ')}`);
      }
    };

    const arriving = await push(JSON.stringify({ kind: 'arriving', visit: VISIT }), VISIT);
    assert.deepEqual(arriving, { title: 'Someone is at your door.', body: '', to: '#/', urgent: true });
    assert.deepEqual(await push('not JSON', 'notice'), { title: 'A notice from your door.', body: '', to: '#/', urgent: false });
    await page.evaluate(() => localStorage.setItem('language', 'de'));
    await page.reload();
    await page.getByText('Hast du einen Einladungslink?').waitFor();
    const confirmed = await push(JSON.stringify({ kind: 'revocation_confirmed', visit: null }), 'revocation_confirmed');
    assert.equal(confirmed.title, 'Deine Tür hat die Sperrliste bestätigt.');

    // Pressed: the page that is open goes there. Only the system can press it, so the worker is told that it did.
    await worker.evaluate((to) => {
      const event = new Event('notificationclick');
      Object.assign(event, { notification: { data: { to }, close: () => undefined }, waitUntil: (work) => work.catch(() => undefined) });
      self.dispatchEvent(event);
    }, `#/visits/${VISIT}`);
    await page.waitForFunction((hash) => location.hash === hash, `#/visits/${VISIT}`);
    await page.evaluate(() => localStorage.removeItem('language'));
    assert.deepEqual(broken, []);
    await page.close();
  });

  for (const path of [...PAGES, '/try/']) {
    test(`the policy of ${path} holds, also when the page comes from the phone itself`, async () => {
      const { context, end } = await keepingBrowser();
      const page = await context.newPage();
      const elsewhere = [];
      page.on('request', (request) => {
        const asked = new URL(request.url());
        if (asked.origin !== cloud.origin && asked.protocol.startsWith('http')) elsewhere.push(asked.href);
      });
      for (const kept of [false, true]) {
        if (kept) await isKept(page);
        const answer = kept ? await page.reload() : await page.goto(cloud.origin + path);
        assert.equal(answer.fromServiceWorker(), kept);
        const policy = answer.headers()['content-security-policy'] ?? '';
        for (const rule of ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) {
          assert.ok(policy.includes(rule), `${path}: ${rule}`);
        }
        assert.ok(!/unsafe-inline|'unsafe-eval'|\*|http/.test(policy), policy);
        await page.locator('main').waitFor();
        // Later, so that it runs as the page's own code: what is evaluated from outside may do more.
        const ran = await page.evaluate(
          () =>
            new Promise((done) => {
              setTimeout(async () => {
                const did = [];
                const script = document.createElement('script');
                const attempts = {
                  inline: () => {
                    script.append('globalThis.inline = true');
                    document.head.append(script);
                    if (!globalThis.inline) throw new Error('nothing ran');
                  },
                  eval: () => (0, eval)('1'),
                  markup: () => (document.createElement('div').innerHTML = '<b>x</b>'),
                  policy: () => trustedTypes.createPolicy('other', { createHTML: (html) => html }),
                  again: () => trustedTypes.createPolicy('vestibule', { createScriptURL: (url) => url }),
                  elsewhere: () => fetch('https://elsewhere.example/'),
                  style: () => {
                    const style = document.createElement('style');
                    style.append('body { --ran: 1 }');
                    document.head.append(style);
                    if (getComputedStyle(document.body).getPropertyValue('--ran') === '') throw new Error('no style');
                  },
                };
                for (const [name, attempt] of Object.entries(attempts)) {
                  try {
                    await attempt();
                    did.push(name);
                  } catch {
                    // Stopped, as it should be.
                  }
                }
                done(did);
              });
            }),
        );
        assert.deepEqual(ran, [], `${path} let through`);
        assert.deepEqual(elsewhere, []);
      }
      await end();
    });
  }
});

describe('a new build', () => {
  const folder = mkdtempSync(join(tmpdir(), 'vs-'));
  /** The built app with another first page; `honest`: the worker has its hash. */
  function another(name, honest) {
    const dir = join(folder, name);
    cpSync(BUILT, dir, { recursive: true });
    const page = readFileSync(join(dir, 'index.html'), 'utf8');
    const changed = page.replace('</head>', `<meta name="build" content="${name}" /></head>`);
    writeFileSync(join(dir, 'index.html'), changed);
    const hash = (text) => createHash('sha256').update(text).digest('hex');
    const worker = readFileSync(join(dir, 'worker.js'), 'utf8');
    const from = hash(page);
    assert.ok(worker.includes(from), 'the worker has the hash of the page');
    const listed = honest ? hash(changed) : hash(`${changed} `);
    const named = worker.replace(from, listed).replace(/VESTIBULE_BUILD="\w+"/, `VESTIBULE_BUILD="${listed.slice(0, 16)}"`);
    writeFileSync(join(dir, 'worker.js'), named);
    return dir;
  }
  let cloud;
  let phone;
  before(async () => {
    cloud = await serveApp(BUILT);
    phone = await keepingBrowser();
  });
  after(async () => {
    await phone?.end();
    await cloud?.end();
    rmSync(folder, { recursive: true, force: true });
  });
  const deploy = async (dir) => {
    await cloud.end();
    cloud = await serveApp(dir, cloud.port);
  };

  test('takes over when the person says so, and not before', async () => {
    const page = await phone.context.newPage();
    await page.goto(cloud.origin);
    await isKept(page);
    const old = await keptBuild(page);
    await deploy(another('next', true));
    await page.reload();
    await sees(page, 'A new version is here.');
    assert.equal(await keptBuild(page), old, 'until then the old build stays');
    assert.equal(await page.locator('meta[name=build]').count(), 0);
    await page.getByRole('button', { name: 'Reload' }).click();
    await page.locator('meta[name=build][content=next]').waitFor({ state: 'attached' });
    await page.locator('main').waitFor();
    assert.equal(await page.getByText('A new version is here.').count(), 0);
    assert.equal(await keptBuild(page), await servedBuild(page));
    assert.notEqual(await keptBuild(page), old);
    await page.close();
  });

  test('is not taken if a file of it is not the one that was built', async () => {
    const page = await phone.context.newPage();
    await page.goto(cloud.origin);
    await isKept(page);
    const good = await keptBuild(page);
    await deploy(another('spoilt', false));
    const state = await page.evaluate(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      const found = new Promise((done) => registration.addEventListener('updatefound', () => done(registration.installing)));
      await registration.update();
      const worker = await found;
      while (worker.state === 'installing') await new Promise((done) => worker.addEventListener('statechange', done, { once: true }));
      return worker.state;
    });
    assert.equal(state, 'redundant');
    await page.reload();
    assert.equal(await keptBuild(page), good);
    assert.equal(await page.getByText('A new version is here.').count(), 0);
    await page.close();
  });
});

describe('without a network', () => {
  let stage;
  let people;
  before(async () => {
    [stage, people] = await open();
  });
  after(async () => {
    await people?.end();
    await stage?.end();
  });

  test('the app starts, says that it may be old, and does not claim to know the door', async () => {
    const { page, context, complaints } = await people.person();
    await page.clock.install();
    await moveIn({ page }, stage.links.resident);
    await isKept(page);
    await sees(page, 'Nobody can open through Vestibule right now.');
    await sees(page, 'Parcel service asks.', 30_000);
    assert.deepEqual(complaints, []);

    await context.setOffline(true);
    await page.reload();
    await sees(page, OFFLINE);
    await sees(page, 'Closed and locked. Checked');
    await sees(page, "We don't know whether anybody can open through Vestibule right now.");
    await sees(page, 'Parcel service asks.');
    await page.clock.fastForward(61_000);
    await sees(page, "We don't know. Last heard");
    assert.equal(await page.getByText('Closed and locked.').count(), 0);
    await sees(page, OFFLINE);

    for (const name of ['Visits', 'Household', 'Door']) {
      await page.getByRole('navigation').getByRole('link', { name, exact: true }).click();
      await page.getByRole('heading', { level: 1 }).waitFor();
      await sees(page, OFFLINE);
      if (name === 'Household') await sees(page, 'Build of this app');
    }
    await page.getByRole('link', { name: 'Read and decide' }).first().click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    // A request that found no network is said by the browser itself; everything else would be a mistake of the page.
    assert.deepEqual(complaints.filter((line) => !/ERR_INTERNET_DISCONNECTED|WebSocket connection/.test(line)), []);

    await context.setOffline(false);
    await page.goto(stage.links.resident.replace(/#.*/, '#/'));
    await sees(page, 'Closed and locked.', 30_000);
    await page.getByText(OFFLINE).waitFor({ state: 'detached' });
  });

  test("the courier's app starts, says that there is none, and keeps their rights at hand", async () => {
    const courier = await people.person();
    const { page, context, complaints } = courier;
    await enrol(courier, stage.links.courier);
    await isKept(page);
    const build = await keptBuild(page);
    assert.equal(build, await servedBuild(page));
    assert.deepEqual(complaints, []);

    await context.setOffline(true);
    await page.reload();
    await sees(page, 'No network. It goes on when there is one. A door never opens late.');
    assert.equal(await page.getByText('No stops today.').count(), 0, 'what is not known is not said');
    await page.getByRole('button', { name: 'Your rights' }).click();
    await sees(page, `${build.slice(0, 4)} ${build.slice(4, 8)}`);
    assert.deepEqual(complaints.filter((line) => !/ERR_INTERNET_DISCONNECTED|WebSocket connection/.test(line)), []);
  });
});
