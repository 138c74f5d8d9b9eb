/** Files that are read, and pipes whose writer comes late or never. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, describe, test } from 'node:test';
import { inputFile } from '../../../src/report/input-file.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));
const LONG = 'report\n'.repeat(100_000);

describe('a file that is read', () => {
  test('is given whole', async () => {
    const path = join(FOLDER, 'report.csv');
    writeFileSync(path, LONG);
    assert.equal(await text(inputFile(path)), LONG);
  });

  test('reports as an error of its stream what the system says against it', async () => {
    await assert.rejects(text(inputFile(join(FOLDER, 'missing'))), { code: 'ENOENT' });
    await assert.rejects(text(inputFile(FOLDER)), { code: 'EISDIR' });
    const file = join(FOLDER, 'file');
    writeFileSync(file, '');
    await assert.rejects(text(inputFile(join(file, 'inside'))), { code: 'ENOTDIR' });
  });

  test('may be a pipe, also if its writer comes later', {
    skip: process.platform === 'win32',
  }, async () => {
    const path = join(FOLDER, 'pipe');
    execFileSync('mkfifo', [path]);
    const reading = text(inputFile(path));
    const writer = await open(path, 'w');
    await writer.writeFile(LONG);
    await writer.close();
    assert.equal(await reading, LONG);
  });
});
