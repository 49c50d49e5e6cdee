/** The page on which anybody tries to break in: its own WebAssembly, and nothing of anybody's home. */
import { mount } from 'svelte';
import { version } from '../core/version.svelte.ts';
import '../theme.css';
import App from './App.svelte';
import { raise } from './playground.ts';

const target = document.getElementById('app');
if (target) mount(App, { target, props: { raise } });
version.keep();
