/** Mounts the resident's app over the real home. */
import { mount } from 'svelte';
import { version } from '../core/version.svelte.ts';
import '../theme.css';
import App from './App.svelte';
import { connect } from './home.svelte.ts';

const target = document.getElementById('app');
if (target) mount(App, { target, props: { connect } });
version.keep();
