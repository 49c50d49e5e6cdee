import { browse, raise } from './stage.mjs';
const stage = await raise();
const people = await browse();
try {
  const resident = await people.person();
  await resident.page.goto(stage.links.resident);
  await resident.page.waitForTimeout(2000);
  await resident.page.screenshot({ path: '/tmp/e1.png' });
  console.log(await resident.page.innerText('body'));
  await resident.page.getByRole('button').last().click().catch(e=>console.log(e));
  await resident.page.waitForTimeout(6000);
  await resident.page.screenshot({ path: '/tmp/e2.png' });
  console.log(await resident.page.innerText('body'));
  console.log(resident.complaints);
} finally { await people.end(); await stage.end(); }
