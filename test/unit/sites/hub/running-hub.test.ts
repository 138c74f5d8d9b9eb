import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MS_AN_HOUR } from '../../../../src/durations.ts';
import { HubFolder } from '../../../../src/sites/hub/hub-folder.ts';
import { RunningHub } from '../../../../src/sites/hub/running-hub.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));

const skip =
  process.platform === 'win32'
    ? 'starts a shell script'
    : spawnSync('openssl', ['version']).status !== 0 && 'no openssl here';

/** A program that says what nats-server says once it is ready, and stays. */
function readyProgram(): { path: string; version: string } {
  const path = join(FOLDER, 'server');
  const ready = '[1] 2026/01/31 12:00:00.000000 [INF] Server is ready';
  writeFileSync(path, `#!/bin/sh\necho '${ready}' >&2\nexec sleep 60\n`, { mode: 0o700 });
  return { path, version: '2.15.1' };
}

test('a certificate that cannot be made again is reported at each look, and the hub goes on', {
  skip,
}, async (t) => {
  const path = join(FOLDER, 'hub');
  const folder = HubFolder.create(path, { listen: '127.0.0.1:4222', names: ['hub.example'] });
  t.mock.timers.enable({ apis: ['setInterval'] });
  const failures: string[] = [];
  const hub = await RunningHub.start(path, readyProgram(), {
    onEvent: () => {},
    onNotRenewed: (error) => failures.push(String(error)),
    kill: () => assert.fail('no server was left'),
  });
  try {
    for (const name of ['server.pem', 'ca.key']) rmSync(folder.file(name));
    for (const look of [1, 2]) {
      t.mock.timers.tick(12 * MS_AN_HOUR);
      await new Promise(setImmediate);
      assert.equal(failures.length, look);
    }
    assert.match(failures[0]!, /openssl could not make a certificate/);
  } finally {
    await hub.stop();
  }
});
