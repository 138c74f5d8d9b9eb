/** The tests of units and docs by Node for Windows: those of a folder in one process, because Wine starts Node slowly. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { labTestUnless } from '../lab/lab-test.ts';
import { ROOT } from '../root.ts';
import { LEFT_OUT } from './left-out.ts';
import { endWine, missing, nodeOnWindows, note } from './wine.ts';

after(endWine);

/** The project with the packages of Windows, as links. */
const TREE = join(ROOT, '.cache/wine/tree');
const TESTS = 'dist/test';
/** On a busy machine; the slowest folder takes two minutes on an idle one. */
const DEADLINE_MS = 400_000;
const TEST_DEADLINE_MS = DEADLINE_MS + 60_000;

/** What runs in one process. */
const PARTS: readonly (readonly [name: string, folder: string])[] = [
  ['docs', 'docs/'],
  ['the command', 'unit/cli/'],
  ['the inventory', 'unit/inventory/'],
  ['everything else', 'unit/'],
];

/** Wine 8 has no TCP_KEEPALIVE, and lets no connection of fetch come about that asks for it. */
const WITHOUT_KEEPALIVE =
  "import net from 'node:net'; net.Socket.prototype.setKeepAlive = function () { return this; };";

const paths = readdirSync(join(ROOT, TESTS), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.test.js'))
  .sort();

function reasonToLeaveOut(path: string): string | undefined {
  return Object.entries(LEFT_OUT).find(([part]) => path.startsWith(part))?.[1];
}

/** Of each reason how often it was given, the most frequent first. */
function counted(reasons: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.map(([reason, count]) => `${count} ${reason}`).join('; ');
}

for (const [name, folder] of PARTS) {
  labTestUnless(
    missing,
    `the tests of ${name} pass`,
    async () => {
      const isOfPart = (path: string): boolean =>
        PARTS.find(([, each]) => path.startsWith(each))?.[1] === folder;
      const files = paths.filter((path) => isOfPart(path) && reasonToLeaveOut(path) === undefined);
      const oneProcess = ['--experimental-test-isolation=none', '--test-force-exit'];
      const { code, stdout, stderr, ms } = await nodeOnWindows(
        [
          '--test',
          ...oneProcess,
          '--test-reporter=spec',
          `--import=data:text/javascript,${encodeURIComponent(WITHOUT_KEEPALIVE)}`,
          ...files.map((path) => `${TESTS}/${path}`),
        ],
        { folder: TREE, deadlineMs: DEADLINE_MS },
      );
      const [passed, failed] = ['pass', 'fail'].map((kind) =>
        Number(new RegExp(`^ℹ ${kind} (\\d+)$`, 'm').exec(stdout)?.[1]),
      );
      const failures = /^✖ failing tests:[\s\S]*/m.exec(stdout)?.[0] ?? `${stdout}${stderr}`;
      assert.deepEqual([code, failed], [0, 0], failures);
      assert.ok(passed! > 0, stdout);
      const skipped = [...stdout.matchAll(/^ *﹣ .* # (.*?)\r?$/gm)].map(([, reason]) => reason!);
      note(
        `${passed} tests of ${name} in ${files.length} files passed on Windows (${Math.round(ms / 1000)} s)`,
      );
      if (skipped.length > 0) note(`  ${skipped.length} skipped: ${counted(skipped)}`);
    },
    TEST_DEADLINE_MS,
  );
}

labTestUnless(missing, 'what is left out is told with its reason', () => {
  const reasons = paths.map(reasonToLeaveOut).filter((reason) => reason !== undefined);
  note(`${reasons.length} files left out on Windows: ${counted(reasons)}`);
  assert.ok(reasons.length > 0);
});
