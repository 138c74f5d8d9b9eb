/** The unit tests of all that meets the system or runs in workers, by Node for Windows: in one process, because Wine starts Node slowly. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { labTestUnless } from '../lab/lab-test.ts';
import { ROOT } from '../root.ts';
import { endWine, missing, nodeOnWindows, note } from './wine.ts';

after(endWine);

/** The project with the packages of Windows, as links. */
const TREE = join(ROOT, '.cache/wine/tree');
const UNITS = 'dist/test/unit';
/** On a busy machine; they take a minute on an idle one. */
const DEADLINE_MS = 240_000;
/** Tests of processes wait until Wine has started them. */
const HANGS_AFTER_IDLE_MS = 40_000;

/** Parts of paths, and why their tests are not run here. */
const LEFT_OUT: Readonly<Record<string, string>> = {
  'cli/': 'starts Node again and again, each time for seconds',
  'coordinator/system-ping-engine': 'starts a shell script in place of ping',
  'host-network/linux/': 'is of Linux',
  'inventory/': 'takes minutes of file accesses, and Wine lets no fetch connect',
  'report/output-file': 'tests permissions and symbolic links, which Wine does not show',
  'report/parquet': 'reads its files by a library for this system',
  'sites/hub/': 'starts openssl and a stand-in for nats-server, which are of this system',
  'transport/linux/': 'is of Linux',
  'web/': 'waits for fetch, which cannot connect under Wine',
};

function isRun(path: string): boolean {
  return path.endsWith('.test.js') && !Object.keys(LEFT_OUT).some((part) => path.startsWith(part));
}

labTestUnless(
  missing,
  'the unit tests of what meets the system pass',
  async () => {
    const names = readdirSync(join(TREE, UNITS), { recursive: true, encoding: 'utf8' });
    const files = names
      .filter(isRun)
      .sort()
      .map((name) => `${UNITS}/${name}`);
    const oneProcess = ['--experimental-test-isolation=none', '--test-force-exit'];
    const { code, stdout, stderr, ms } = await nodeOnWindows(
      ['--test', ...oneProcess, '--test-reporter=spec', ...files],
      { folder: TREE, hangsAfterIdleMs: HANGS_AFTER_IDLE_MS, deadlineMs: DEADLINE_MS },
    );
    const [passed, failed] = ['pass', 'fail'].map((kind) =>
      Number(new RegExp(`^ℹ ${kind} (\\d+)$`, 'm').exec(stdout)?.[1]),
    );
    const failures = /^✖ failing tests:[\s\S]*/m.exec(stdout)?.[0] ?? `${stdout}${stderr}`;
    assert.deepEqual([code, failed], [0, 0], failures);
    assert.ok(passed! > 0, stdout);
    note(
      `${passed} unit tests of ${files.length} files passed on Windows (${Math.round(ms / 1000)} s)`,
    );
  },
  2 * DEADLINE_MS,
);
