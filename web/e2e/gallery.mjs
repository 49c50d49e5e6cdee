/** The screens over fixtures, built each time into a folder of their own: two programs at once do not take each other's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'vite';
import { serve } from './serve.mjs';

/** Builds those of `pictures`, the resident's, or of `pictures-visitor`; answers the folder, which goes when the program ends. */
export async function builtGallery(whose = 'pictures') {
  const folder = mkdtempSync(join(tmpdir(), 'gallery-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const configFile = join(import.meta.dirname, '..', whose, 'vite.config.ts');
  await build({ configFile, logLevel: 'warn', build: { outDir: folder } });
  return folder;
}

/** Builds and serves the resident's; answers the origin and how to end it. */
export const servedGallery = async () => serve(await builtGallery());
