#!/usr/bin/env node
/** Takes the pictures of the guide: a real delivery in two browsers. `node e2e/guide.mjs [FOLDER]`. */
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { allow, arrive, enrol, moveIn, scan, sees } from './people.mjs';
import { browse, raise } from './stage.mjs';

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, '../../docs/guide/pictures'));
mkdirSync(folder, { recursive: true });
const stage = await raise('--picture', '1280x720');
const people = await browse();
const take = async ({ page }, name) => {
  // Letters are there before the picture is taken.
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: join(folder, `app-${name}.png`) });
};
try {
  const resident = await people.person();
  const courier = await people.person();
  await moveIn(resident, stage.links.resident);
  await sees(resident.page, 'Parcel service asks.', 30_000);
  await take(resident, 'door');
  await resident.page.getByRole('link', { name: 'Read and decide' }).first().click();
  await sees(resident.page, 'You allow');
  await take(resident, 'letter');
  await resident.page.goto(stage.links.resident.replace(/#.*/, '#/'));
  await enrol(courier, stage.links.courier);
  await allow(resident);
  await arrive(courier);
  await sees(resident.page, 'Live.', 20_000);
  await courier.page.getByRole('button', { name: /^Scan parcel / }).first().waitFor({ timeout: 20_000 });
  await take(courier, 'scan');
  await scan(courier);
  await sees(courier.page, 'Push it in, please stay outside.');
  await take(courier, 'open');
  await sees(resident.page, 'Your door is open.');
  await resident.page.waitForTimeout(1_000);
  await take(resident, 'live');
  await sees(courier.page, 'Done.', 40_000);
} finally {
  await people.end();
  await stage.end();
}
