/** A program of this folder that tries things by itself and says how it went. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';

const WEB = join(import.meta.dirname, '..');

/** Runs it to its end; answers with its code, and all that it said. */
export async function program(path, ...options) {
  const child = spawn(process.execPath, [join(WEB, path), ...options], { cwd: WEB, stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes) => (said += bytes));
  const code = await new Promise((done) => child.on('exit', done));
  return { code, said };
}
