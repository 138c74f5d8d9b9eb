/** `--live` in a real terminal: the map grows, follows the window's size, and stays when the sweep is over. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NO_TMUX, Terminal } from '../terminal/tmux.ts';
import { readCsv } from '../unit/report/read-csv.ts';
import { missingFor } from './engine-runs.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { echosweep, freshFolder } from './run.ts';

const TARGETS = ['10.79.0.0/26', '10.62.0.0/26', '10.64.13.0/26'];

function live(size: { width: number; height: number }, ...args: string[]): Terminal {
  const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
  return new Terminal([LAB_NODE, main, ...TARGETS, '--live', ...args], size);
}

labTestUnless(
  NO_TMUX,
  'a live map grows while the sweep runs, and stays with the summary',
  async () => {
    const report = join(freshFolder(), 'report.csv');
    const terminal = live({ width: 90, height: 30 }, '--rate', '500', '-o', report);
    try {
      const growing = await terminal.screenWith(/^10\.62\.0\.0 .*░/);
      // The line below the map is the longer one as long as it fits, as at the very beginning.
      assert.match(
        growing.join('\n'),
        /░ waiting \d+\n\n *(\d+ % +\d+\/186 hosts |\d+ of 186 hosts done )/,
      );
      const screen = await terminal.finalScreen();
      const [names, ...rows] = readCsv(readFileSync(report, 'utf8'));
      const status = names!.indexOf('status');
      const glyphs: Record<string, string> = { unreachable: '×', down: '·', error: '!', up: '#' };
      const expected = rows.map((row) => glyphs[row[status]!]!).join('');
      const map = screen.filter((line) => /^10\./.test(line));
      const drawn = map.map((line) => line.replace(/^\S+ /, '').replaceAll(' ', '')).join('');
      assert.equal(drawn.replaceAll(/[▂-█]/g, '#'), expected);
      assert.doesNotMatch(screen.join('\n'), /░|186 hosts/);
      assert.equal(screen.filter((line) => /^186 addresses/.test(line)).length, 1);
      assert.match(screen.join('\n'), /\n186 targets in /);
    } finally {
      terminal.close();
    }
  },
);

labTestUnless(NO_TMUX, 'a live map follows the size of its window', async () => {
  const terminal = live({ width: 90, height: 30 }, '--rate', '500');
  try {
    await terminal.screenWith(/░ waiting/);
    terminal.resize(50, 14);
    await terminal.screenWith(/^10\.62\.0\.32 /);
    const screen = await terminal.finalScreen();
    assert.ok(screen.length <= 14);
    assert.ok(screen.every((line) => line.length <= 50));
    // Notes may push the summary off so small a screen.
    assert.match(terminal.history().join('\n'), /186 targets in /);
  } finally {
    terminal.close();
  }
});

labTestUnless(NO_TMUX, 'a live map as high as its window leaves nothing but itself', async () => {
  // The map begins in the first line, where a terminal that erases all takes the screen for scrolled off.
  const terminal = live({ width: 90, height: 14 }, '--rate', '300');
  try {
    await terminal.screenWith(/░ waiting/);
    await terminal.finalScreen();
    const kept = terminal.history();
    assert.equal(kept.filter((line) => /^186 addresses/.test(line)).length, 1, kept.join('\n'));
    assert.equal(kept.filter((line) => /186 hosts|░/.test(line)).length, 0, kept.join('\n'));
  } finally {
    terminal.close();
  }
});

labTestUnless(
  undefined,
  'without a terminal a live map is drawn once, in the end, beside the CSV',
  async () => {
    const { code, stdout, stderr } = await echosweep(['10.79.0.0/28', '--live']);
    assert.equal(code, 0);
    assert.equal(stdout.split('\n').length, 16);
    assert.match(
      stderr,
      /^14 addresses, each character an address\n\n10\.79\.0\.0 +[▂-█]{14}\n\n▂█ up 14 /,
    );
    assert.match(stderr, /\n14 targets in /);
  },
);

labTest('a live map tells the same with every engine', async () => {
  const maps: string[] = [];
  for (const engine of ['raw', 'raw-socket', 'system']) {
    if (missingFor(engine) !== undefined) continue;
    const args = [
      '10.79.0.0/29',
      '10.64.13.0/29',
      '10.62.0.0/30',
      '--live',
      '-t',
      '300',
      '-r',
      '1',
    ];
    const { stderr } = await echosweep([...args, '--engine', engine]);
    maps.push(stderr.split('\n').slice(2, 5).join('\n').replaceAll(/[▂-█]/g, '#'));
  }
  assert.match(maps[0]!, /^10\.62\.0\.0 +··\n10\.64\.13\.0 +×{6}\n10\.79\.0\.0 +#{6}$/);
  assert.deepEqual(new Set(maps), new Set([maps[0]]));
});
