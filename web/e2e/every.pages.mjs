/** Every screen for everyone: axe finds nothing, nothing is cut off when enlarged, and a letter is signed without a pointer. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { servedGallery } from './gallery.mjs';
import { program } from './program.mjs';
import { browse } from './stage.mjs';

/** Goes through all screens of one app; answers how many there were, and what was said of them. */
async function all(path) {
  const { code, said } = await program(path, '--axe', '--fast');
  return { code, said, screens: Number(/(\d+) screens/.exec(said)?.[1] ?? 0) };
}

test("the resident's screens, German in light and English in dark, at 360 px and at 320 px enlarged to 200 %", async () => {
  const { code, said, screens } = await all('pictures/render.mjs');
  assert.equal(code, 0, said);
  assert.ok(screens >= 60, said);
});

test("the visitor's screens, likewise", async () => {
  const { code, said, screens } = await all('pictures-visitor/render.mjs');
  assert.equal(code, 0, said);
  assert.ok(screens >= 60, said);
});

test('a letter is read, changed and signed with the keyboard alone', async () => {
  const server = await servedGallery();
  const people = await browse();
  after(async () => {
    await people.end();
    await server.close();
  });
  const { page, complaints } = await people.person({ width: 360, height: 780, timezoneId: 'Europe/Berlin' });
  await page.clock.setFixedTime(new Date('2026-03-12T11:05:00+01:00'));
  await page.goto(`${server.origin}/?home=awaiting#/`);
  await page.getByRole('link', { name: 'Read and decide' }).waitFor();

  const focus = () =>
    page.evaluate(() => {
      const at = document.activeElement;
      const label = at.closest('label');
      const looks = getComputedStyle(label ?? at);
      const { top, bottom } = (label ?? at).getBoundingClientRect();
      return {
        role: at.localName === 'input' ? at.type : at.localName,
        name: (label ?? at).innerText.trim(),
        isSeen: looks.outlineStyle !== 'none' && Number.parseFloat(looks.outlineWidth) >= 2,
        isInView: bottom > 0 && top < innerHeight,
      };
    });
  /** Presses Tab until this has the focus; on the way it is always in sight where the focus is. */
  const reach = async (name) => {
    const passed = [];
    for (let presses = 0; presses < 30; presses += 1) {
      await page.keyboard.press('Tab');
      const at = await focus();
      passed.push(at.name);
      if (at.role === 'body') continue;
      assert.ok(at.isSeen && at.isInView, `the focus is not in sight: ${JSON.stringify(at)}`);
      if (at.name === name || (name instanceof RegExp && name.test(at.name))) return at;
    }
    throw new Error(`Tab does not lead to ${name}, but to ${passed.join(', ')}`);
  };

  await page.keyboard.press('Tab');
  assert.equal((await focus()).name, 'Skip to content');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  await reach('Read and decide');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Allow', exact: true }).waitFor();
  // The new page is heard from its title.
  await page.waitForFunction(() => document.activeElement.localName === 'h1');
  const chosen = await reach(/^\d+ s/);
  assert.equal(chosen.role, 'radio');
  await page.keyboard.press('ArrowRight');
  const other = await focus();
  assert.notEqual(other.name, chosen.name);
  await page.getByText(`You allow: 1 opening, ${other.name} at most, on camera.`).first().waitFor();
  await reach('Allow');
  await page.keyboard.press('Enter');
  await page.getByRole('status').getByRole('heading', { name: 'Signed, not in force yet.' }).waitFor();
  await page.waitForFunction(() => document.activeElement.localName === 'h1');
  await reach('Done');
  await page.keyboard.press('Enter');
  await page.waitForFunction(() => location.hash === '#/');
  assert.deepEqual(complaints, []);
});
