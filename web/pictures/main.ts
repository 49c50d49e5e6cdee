/**
 * Mounts the resident's app over a home that nobody lives in: `/?home=live#/`. A code instead fails to connect; `breakin` is
 * the page on which anybody tries to break in, `share` and its like that of a link to a recording.
 */
import { mount } from 'svelte';
import { version } from '../src/core/version.svelte.ts';
import '../src/theme.css';
import BreakIn from '../src/breakin/App.svelte';
import { raise } from '../src/breakin/playground.ts';
import App from '../src/resident/App.svelte';
import { homes } from '../src/resident/fixtures.ts';
import { Trouble, type Resident } from '../src/resident/model.ts';
import SharePage from '../src/share/App.svelte';
import type { Offer } from '../src/share/shown.ts';
import { footage } from './footage.ts';

const asked = new URLSearchParams(location.search);
const name = asked.get('home') ?? 'quiet';
version.isHere = asked.has('newer');
const target = document.getElementById('app');

async function connect(): Promise<Resident> {
  const make = homes[name];
  if (!make) throw new Trouble(name);
  return make(footage);
}

async function shared(): Promise<Offer> {
  if (name === 'shareOver') throw new Trouble('share_over');
  const de = document.documentElement.lang === 'de';
  const make = homes.quiet;
  if (!make) throw new Trouble(name);
  const open = (): ReturnType<Offer['open']> => make(footage).clip('v1', () => {}).then((clip) => ({ ...clip, moments: [] }));
  return { by: de ? 'Telefon' : 'Phone', untilMs: Date.now() + 23 * 3_600_000, open };
}

if (target && name === 'breakin') mount(BreakIn, { target, props: { raise } });
else if (target && name.startsWith('share')) mount(SharePage, { target, props: { look: name === 'shareNoLink' ? null : shared } });
else if (target) mount(App, { target, props: { connect } });
