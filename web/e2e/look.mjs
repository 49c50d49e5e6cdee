import { allow, arrive, enrol, isQuiet, moveIn, scan, sees } from './people.mjs';
import { browse, raise } from './stage.mjs';
const stage = await raise();
const people = await browse();
const shot = async (p, n) => { await p.page.screenshot({ path: `/tmp/${n}.png` }); console.log('-----', n, '\n', (await p.page.innerText('body')).replaceAll('\n\n','\n')); };
const resident = await people.person();
const courier = await people.person();
try {
  await moveIn(resident, stage.links.resident);
  await enrol(courier, stage.links.courier);
  await allow(resident);
  await arrive(courier);
  await sees(resident.page, 'Live.', 20_000);
  await shot(resident, 'r1');
  await scan(courier);
  const t0 = Date.now(); let last = '';
  while (Date.now() - t0 < 14000) {
    const now = (await courier.page.innerText('body')).replaceAll('\n\n', ' | ').replaceAll('\n', ' | ');
    if (now !== last) { console.log(Date.now() - t0, now); last = now; await courier.page.screenshot({ path: `/tmp/c${Date.now()-t0}.png` }); 
    await resident.page.screenshot({ path: `/tmp/rr${Date.now()-t0}.png` }); console.log('   R', (await resident.page.innerText('body')).replaceAll('\n', ' | ').slice(0,400)); }
    await courier.page.waitForTimeout(50);
  }
  await shot(resident, 'r2');
  await resident.page.getByRole('link', { name: 'Visits' }).click();
  await resident.page.waitForTimeout(1000);
  await shot(resident, 'r3');
  await resident.page.locator('main a').first().click();
  await resident.page.waitForTimeout(4000);
  await shot(resident, 'r4');
} catch (e) { console.log(e); } finally { console.log(resident.complaints, courier.complaints); await people.end(); await stage.end(); }
