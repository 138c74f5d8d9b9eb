/** The systemd units of the examples are right, as systemd itself says. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));

const UNITS = ['examples/inventory', 'examples/sites', 'examples/systemd'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => /\.(service|timer)$/.test(name))
    .map((name) => ({ folder, name })),
);

const hasSystemd = spawnSync('systemd-analyze', ['--version']).status === 0;
const skip = hasSystemd ? false : 'there is no systemd-analyze here';

for (const { folder, name } of UNITS) {
  // Where the command would be installed there is none, and systemd looks: Node stands in for it.
  const unit = readFileSync(join(folder, name), 'utf8').replace(
    '/usr/local/bin/echosweep',
    process.execPath,
  );
  writeFileSync(join(FOLDER, name), unit);
}

for (const { name } of UNITS) {
  test(`${name} passes systemd-analyze verify`, { skip }, () => {
    const { status, stdout, stderr } = spawnSync(
      'systemd-analyze',
      ['verify', join(FOLDER, name)],
      {
        encoding: 'utf8',
      },
    );
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  });
}

for (const { folder, name } of UNITS) {
  const unit = readFileSync(join(folder, name), 'utf8');
  if (!unit.includes('AmbientCapabilities=CAP_NET_RAW')) continue;
  test(`${name} lets local networks be discovered`, () => {
    assert.match(unit, /^RestrictAddressFamilies=.* AF_NETLINK AF_PACKET\b/m);
  });
}
