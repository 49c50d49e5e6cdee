import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin, type Rolldown } from 'vite';

/**
 * Writes into the service worker which files this build has, with their hashes, and which of them each app needs.
 * What no page names, such as the WebAssembly of the worker that reads labels, is the visitor's.
 */
function files(): Plugin {
  return {
    name: 'vestibule-files',
    apply: 'build',
    writeBundle({ dir = 'dist' }, bundle) {
      const hashes: Record<string, string> = {};
      for (const entry of readdirSync(dir, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile()) continue;
        const at = join(entry.parentPath, entry.name);
        const path = relative(dir, at).split(sep).join('/');
        if (path !== 'worker.js') hashes[path] = createHash('sha256').update(readFileSync(at)).digest('hex');
      }
      const paths = Object.keys(hashes).sort();
      const resident = needs(bundle, 'resident');
      const visitor = needs(bundle, 'visitor');
      const breakin = needs(bundle, 'breakin');
      const share = needs(bundle, 'share');
      const isVisitors = (path: string): boolean => path.startsWith('v/') || path.startsWith('icons/tour');
      const isBreakins = (path: string): boolean => path.startsWith('try/');
      const isShares = (path: string): boolean => path.startsWith('s/');
      const parts = {
        resident: paths.filter((path) => (path.startsWith('assets/') ? resident.has(path) : !isVisitors(path) && !isBreakins(path) && !isShares(path))),
        visitor: paths.filter((path) =>
          path.startsWith('assets/') ? visitor.has(path) || !(resident.has(path) || breakin.has(path) || share.has(path)) : isVisitors(path),
        ),
        breakin: paths.filter((path) => (path.startsWith('assets/') ? breakin.has(path) : isBreakins(path))),
        share: paths.filter((path) => (path.startsWith('assets/') ? share.has(path) : isShares(path))),
      };
      const list = JSON.stringify(Object.fromEntries(paths.map((path) => [path, hashes[path]])));
      const name = createHash('sha256').update(list).digest('hex').slice(0, 16);
      const values = { VESTIBULE_FILES: list, VESTIBULE_PARTS: JSON.stringify(parts), VESTIBULE_BUILD: JSON.stringify(name) };
      const worker = join(dir, 'worker.js');
      const script = readFileSync(worker, 'utf8');
      if (/^\s*(?:import|export)\b/m.test(script)) throw new Error('the service worker must be one file: it shares a module with a page');
      writeFileSync(worker, `const ${Object.entries(values).map(([key, value]) => `${key}=${value}`).join(',')};${script}`);
    },
  };
}

/** The built files that an entry reaches. */
function needs(bundle: Rolldown.OutputBundle, entry: string): Set<string> {
  const found = new Set<string>();
  const follow = (name: string): void => {
    const part = bundle[name];
    if (found.has(name) || !part) return;
    found.add(name);
    if (part.type !== 'chunk') return;
    const { importedAssets, importedCss } = part.viteMetadata ?? {};
    for (const next of [...part.imports, ...part.dynamicImports, ...(importedAssets ?? []), ...(importedCss ?? [])]) follow(next);
  };
  for (const part of Object.values(bundle)) {
    if (part.type === 'chunk' && part.isEntry && part.name === entry) follow(part.fileName);
  }
  return found;
}

// Four pages from one source tree: the resident's at /, the visitor's at /v/, at /try/ the one on which anybody tries to
// break in, and at /s/ the one of a link to a recording. And the service worker of all.
export default defineConfig({
  plugins: [svelte(), files()],
  build: {
    target: 'es2022',
    // Nothing inline: the policy of the page allows scripts and styles from its own origin only.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: { resident: 'index.html', visitor: 'v/index.html', breakin: 'try/index.html', share: 's/index.html', worker: 'src/worker/worker.ts' },
      output: {
        // A worker must keep its address: browsers look there for the next build.
        entryFileNames: ({ name }) => (name === 'worker' ? 'worker.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
});
