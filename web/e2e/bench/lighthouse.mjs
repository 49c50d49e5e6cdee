#!/usr/bin/env node
/**
 * What Lighthouse says of the pages that the cloud serves, to whoever opens them for the first time on a phone. It is a
 * package of its own: nothing of it is needed to build or to test.
 *
 *   npm run bench:pages
 *
 * Prints one JSON line for each page and category with what it should reach, and ends with 1 if one does not.
 */
import { join } from 'node:path';
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';
import { serveApp } from '../stage.mjs';

const REACH = 95;
const PAGES = ['/', '/v/', '/try/', '/s/'];
const CATEGORIES = ['performance', 'accessibility', 'best-practices'];

const cloud = await serveApp(join(import.meta.dirname, '../../dist'));
const chrome = await launch({
  chromePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  chromeFlags: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
let missed = 0;
try {
  for (const page of PAGES) {
    const { lhr } = await lighthouse(`${cloud.origin}${page}`, { port: chrome.port, onlyCategories: CATEGORIES, logLevel: 'error' });
    for (const category of CATEGORIES) {
      const value = Math.round((lhr.categories[category].score ?? 0) * 100);
      const ok = value >= REACH;
      if (!ok) missed += 1;
      const lost = lhr.categories[category].auditRefs
        .filter(({ id, weight }) => weight > 0 && (lhr.audits[id].score ?? 1) < 0.9)
        .map(({ id }) => `${id} ${lhr.audits[id].displayValue ?? ''}`.trim());
      console.log(JSON.stringify({ what: `${page} ${category}`, value, reach: REACH, ok, lost }));
    }
  }
} finally {
  chrome.kill();
  await cloud.end();
}
process.exitCode = missed > 0 ? 1 : 0;
