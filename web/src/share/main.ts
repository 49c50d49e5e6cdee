/** The page of a link to one recording. */
import { mount } from 'svelte';
import '../theme.css';
import App from './App.svelte';
import { offered, secretHere } from './shown.ts';

const target = document.getElementById('app');
const secret = secretHere();
if (target) mount(App, { target, props: { look: secret === null ? null : () => offered(secret) } });
