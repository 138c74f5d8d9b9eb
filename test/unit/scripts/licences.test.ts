/** What is passed on comes with its licences. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT, scriptUrl } from '../../root.ts';

// Plain JavaScript, which the compiler of the tests does not see.
const { bundleCommand } = (await import(scriptUrl('scripts/bundle-command.mjs'))) as {
  readonly bundleCommand: (root: string, folder: string) => Promise<string[]>;
};

const folder = mkdtempSync(join(tmpdir(), 'licences-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('the command has the licences of the packages in its bundles and in its pages', async () => {
  await bundleCommand(ROOT, folder);
  const texts = readFileSync(join(folder, 'src/bin/LICENSES.txt'), 'utf8');
  for (const name of ['commander', 'zod', 'preact', 'uplot', '@tanstack/virtual-core'])
    assert.match(texts, new RegExp(`^${name} \\d.*\\n\\n.*(?:Licen[sc]e|Copyright)`, 'm'), name);
});
