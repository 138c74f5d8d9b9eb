/** What `echosweep map` shows in terminals of several sizes. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { writeCsv } from '../browser/sample-files.ts';
import { sampleRows } from '../browser/sample-sweep.ts';
import { modulePath } from '../root.ts';
import { NO_TMUX, Terminal } from './tmux.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const MAIN = modulePath('src/cli/main.ts');
const REPORT = join(FOLDER, 'report.csv');

async function mapIn(width: number, height: number, env?: Record<string, string>) {
  const terminal = new Terminal([process.execPath, MAIN, 'map', REPORT], {
    width,
    height,
    ...(env === undefined ? {} : { env }),
  });
  try {
    return await terminal.finalScreen();
  } finally {
    terminal.close();
  }
}

describe('a map', { skip: NO_TMUX ?? false }, () => {
  before(() => writeCsv(REPORT, sampleRows(22)));
  after(() => rmSync(FOLDER, { recursive: true }));

  for (const [width, height] of [
    [40, 12],
    [80, 24],
    [100, 30],
    [200, 60],
  ] as const) {
    test(`fits a terminal of ${width} by ${height}`, async () => {
      const screen = await mapIn(width, height);
      assert.match(screen[0]!, /^1,022 addresses, each character /);
      const isNarrow = width < 60;
      assert.match(screen.join('\n'), isNarrow ? /\n▂█ \d+ {2}× \d+/ : /\n▂█ up \d+ \(/);
      // A line that had been too long would have been broken into two.
      assert.ok(
        screen.slice(2, screen.lastIndexOf('')).every((line) => /^10\.79\.\d+\.\d+ +\S/.test(line)),
        screen.join('\n'),
      );
    });
  }

  test('has a character an address where there is room', async () => {
    const screen = await mapIn(100, 30);
    const rows = [...sampleRows(22)];
    const glyphs = { unreachable: '×', down: '·', error: '!' };
    const expected = rows.map(({ status }) => (status === 'up' ? '#' : glyphs[status]));
    const drawn = screen.slice(2, -2).map((line) => line.replace(/^\S+ /, '').replaceAll(' ', ''));
    assert.equal(drawn.join('').replaceAll(/[▂-█]/g, '#'), expected.join(''));
  });

  test('keeps to ASCII in a dumb terminal', async () => {
    const screen = await mapIn(80, 24, { TERM: 'dumb' });
    assert.match(screen.join(''), /^[ -~]*$/);
  });
});
