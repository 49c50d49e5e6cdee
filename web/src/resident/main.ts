/** Mounts the resident's app over the real home. */
import { mount } from 'svelte';
import '../theme.css';
import App from './App.svelte';
import { connect } from './home.svelte.ts';

const target = document.getElementById('app');
if (target) mount(App, { target, props: { connect } });
