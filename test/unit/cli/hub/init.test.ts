/** `echosweep hub init` with what it cannot use. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { runCommand } from '../../../../src/cli/run-command.ts';
import { fakeSurroundings } from '../fakes.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));

test('a hub is not set up with an authority that is no certificate', async () => {
  const [ca, folder] = [join(FOLDER, 'ca.pem'), join(FOLDER, 'hub')];
  writeFileSync(ca, 'not a certificate\n');
  const args = ['--server', 'tls://nats.example:4222', '--ca', ca, '--folder', folder];
  await assert.rejects(runCommand(['hub', 'init', ...args], fakeSurroundings()), {
    code: 'CONFIG_INVALID',
    problem: `${ca} is not a certificate in PEM`,
  });
  assert.equal(existsSync(folder), false);
});
