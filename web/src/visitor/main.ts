import '../theme.css';
import './visitor.css';
import { mount } from 'svelte';
import { version } from '../core/version.svelte.ts';
import App from './App.svelte';
import { connect } from './round.svelte.ts';
import { words } from './words/spoken.svelte.ts';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no #app');
connect().then(
  (round) => mount(App, { target, props: { round } }),
  (error: unknown) => {
    target.textContent = words().trouble;
    throw error;
  },
);
version.keep();
