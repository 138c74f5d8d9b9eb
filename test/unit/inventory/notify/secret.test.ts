/** Secrets come from safe places, and no message holds one. */

import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSecret } from '../../../../src/inventory/notify/secret.ts';
import { temporaryFolder } from '../samples.ts';

const FOLDER = temporaryFolder();
const inFolder = (path: string): string => join(FOLDER, path);
const NO_ENV = { env: {}, resolve: inFolder };

function fileOf(name: string, content: string, mode: number): string {
  writeFileSync(inFolder(name), content);
  chmodSync(inFolder(name), mode);
  return name;
}

test('a secret is read from the environment or from a file, without its line end', async () => {
  assert.equal(
    await readSecret({ env: 'S' }, { env: { S: 'from env' }, resolve: inFolder }),
    'from env',
  );
  const file = fileOf('a', ' from file\n', 0o640);
  assert.equal(await readSecret({ file }, NO_ENV), ' from file');
  assert.equal(await readSecret({}, NO_ENV), undefined);
});

test('on Windows, where files have no mode, a secret is read as the file is', async () => {
  const file = fileOf('windows', 'hunter2', 0o644);
  assert.equal(await readSecret({ file }, { ...NO_ENV, system: 'win32' }), 'hunter2');
});

test('a secret that is missing, empty, or readable by everyone is refused in a line that says what to do', async () => {
  const open = fileOf('open', 'hunter2', 0o644);
  const empty = fileOf('empty', '\n', 0o600);
  const large = fileOf('large', 'x'.repeat(5000), 0o600);
  for (const [place, words, system] of [
    [{ file: open }, /^every user can read the secret in .*open: chmod o-r /, 'linux'],
    [{ env: 'S' }, /^the environment has no S, which a secret is to come from: set it$/],
    [{ file: empty }, /empty is empty: write the secret into it$/],
    [{ file: large }, /too large for a secret/],
    [{ file: 'none' }, /cannot read the secret in .*none \(ENOENT\)/],
  ] as const) {
    await assert.rejects(
      readSecret(place, { ...NO_ENV, ...(system && { system }) }),
      (error: Error) => {
        assert.match(error.message, words);
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      },
    );
  }
});
