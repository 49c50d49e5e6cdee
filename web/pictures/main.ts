/**
 * Mounts the resident's app over a home that nobody lives in: `/?home=live#/`. A code instead fails to connect; `breakin` is
 * the page on which anybody tries to break in, `share` and its like that of a link to a recording. Who takes pictures turns to
 * the next with `show`: to load the page for each would be most of its time.
 */
import { mount, unmount } from 'svelte';
import { version } from '../src/core/version.svelte.ts';
import { clock } from '../src/parts/clock.svelte.ts';
import '../src/theme.css';
import BreakIn from '../src/breakin/App.svelte';
import { raise } from '../src/breakin/playground.ts';
import App from '../src/resident/App.svelte';
import { homes } from '../src/resident/fixtures.ts';
import { Trouble, type Resident } from '../src/resident/model.ts';
import { route } from '../src/resident/route.svelte.ts';
import SharePage from '../src/share/App.svelte';
import type { Offer } from '../src/share/shown.ts';
import { footage } from './footage.ts';

let shown: Record<string, unknown> | null = null;

async function connect(name: string): Promise<Resident> {
  const make = homes[name];
  if (!make) throw new Trouble(name);
  return make(footage);
}

async function shared(name: string): Promise<Offer> {
  if (name === 'shareOver') throw new Trouble('share_over');
  const de = document.documentElement.lang === 'de';
  const make = homes.quiet;
  if (!make) throw new Trouble(name);
  const open = (): ReturnType<Offer['open']> => make(footage).clip('v1', () => {}).then((clip) => ({ ...clip, moments: [] }));
  return { by: de ? 'Telefon' : 'Phone', untilMs: Date.now() + 23 * 3_600_000, open };
}

/** What the address says, instead of what is there. */
function display(target: Element): void {
  if (shown) void unmount(shown);
  const asked = new URLSearchParams(location.search);
  const name = asked.get('home') ?? 'quiet';
  version.isHere = asked.has('newer');
  clock.now = Date.now();
  if (name === 'breakin') shown = mount(BreakIn, { target, props: { raise } });
  else if (name.startsWith('share')) {
    shown = mount(SharePage, { target, props: { look: name === 'shareNoLink' ? null : () => shared(name) } });
  } else shown = mount(App, { target, props: { connect: () => connect(name) } });
}

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');
display(target);

Object.assign(globalThis, {
  show(address: string): void {
    history.replaceState(null, '', address);
    route.secret = null;
    dispatchEvent(new HashChangeEvent('hashchange'));
    // As on a page that was just opened: nobody followed a link to here.
    route.visits = 0;
    scrollTo(0, 0);
    display(target);
  },
});
