/** One scan of a network at a time, whatever process makes it. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { IN_MEMORY } from '../../../src/inventory/database.ts';
import { lockNetwork } from '../../../src/inventory/network-lock.ts';
import { temporaryFolder } from './samples.ts';

const FOLDER = temporaryFolder();

describe('a network’s lock', () => {
  test('keeps others out until it is released, and no other network', async () => {
    const path = join(FOLDER, 'locked.db');
    const lock = await lockNetwork(path, 'office');
    await assert.rejects(lockNetwork(path, 'office'), {
      code: 'INVENTORY_BUSY',
      // Linux alone shows who it is; Wine shows the files of Linux.
      message: existsSync('/proc/locks')
        ? /^office is being scanned already by process \d+: wait until that scan is done$/
        : /^office is being scanned already: wait until that scan is done$/,
    });
    (await lockNetwork(path, 'lab')).release();
    lock.release();
    (await lockNetwork(path, 'office')).release();
  });

  test('makes no file if the inventory is in memory: Windows has no file names with colons', async () => {
    (await lockNetwork(IN_MEMORY, 'office')).release();
    assert.deepEqual(
      readdirSync('.').filter((name) => name.startsWith(IN_MEMORY)),
      [],
    );
  });
});
