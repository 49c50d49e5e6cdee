import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

// Two pages from one source tree: the resident's at /, the visitor's at /v/.
export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2022',
    // Nothing inline: the policy of the page allows scripts and styles from its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { resident: 'index.html', visitor: 'v/index.html' } },
  },
});
