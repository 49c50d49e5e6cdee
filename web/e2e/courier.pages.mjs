/** What a courier presses, and what the handset's camera reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { program } from './program.mjs';

for (const [what, path] of [
  ["every screen of the courier's is pressed", 'e2e/screens.mjs'],
  ['each symbology is read by the camera', 'e2e/scan.mjs'],
]) {
  test(what, async (t) => {
    const { code, said } = await program(path);
    for (const line of said.trimEnd().split('\n')) t.diagnostic(line);
    assert.equal(code, 0, said);
  });
}
