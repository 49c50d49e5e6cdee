/** The resident's screens over fixtures, each time in a folder of their own: two programs at once do not take each other's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { serve } from './serve.mjs';

const CONFIG = join(import.meta.dirname, '../pictures/vite.config.ts');

/** Builds them; answers the folder, which goes when the program ends. */
export async function builtGallery() {
  const folder = mkdtempSync(join(tmpdir(), 'gallery-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  await build({ configFile: CONFIG, logLevel: 'warn', build: { outDir: folder } });
  return folder;
}

/** Builds and serves them; answers the origin and how to end it. */
export const servedGallery = async () => serve(await builtGallery());
