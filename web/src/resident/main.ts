/** Mounts the resident's app over the real home. What only somebody who lives here needs comes after the first paint. */
import { mount } from 'svelte';
import { keysUnder, recall } from '../core/store.ts';
import { version } from '../core/version.svelte.ts';
import '../theme.css';
import App from './App.svelte';
import type { Resident } from './model.ts';

// Kept on this phone, the rest is near, and nothing waits for the first paint.
if (navigator.serviceWorker?.controller) {
  void import('./Screens.svelte').catch(() => undefined);
  void import('./home.svelte.ts').then(({ prepare }) => prepare()).catch(() => undefined);
}

const connect = async (): Promise<Resident> => (await import('./home.svelte.ts')).connect();
const knows = async (): Promise<boolean> => (await recall(keysUnder('resident'))) !== undefined;

const target = document.getElementById('app');
if (target) mount(App, { target, props: { connect, knows } });
version.keep();
