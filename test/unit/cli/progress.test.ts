/** The progress bar: what it says, and that it leaves a terminal as it found it. */

import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { clock, snapshotLine } from '../../../src/cli/progress.ts';
import { ProgressBar } from '../../../src/cli/progress-bar.ts';
import type { SweepProgress } from '../../../src/sweep-job.ts';
import { KeptStream } from './fakes.ts';

const HALF: SweepProgress = {
  targets: 65_534,
  done: 32_767,
  up: 1234,
  sent: 60_000,
  received: 1240,
  elapsedMs: 65_000,
  ratePps: 923.4,
};

let bar: ProgressBar | undefined;

function barOn(stream: KeptStream): ProgressBar {
  bar?.end();
  bar = new ProgressBar(stream);
  return bar;
}

// A bar that is left shown keeps its timer.
afterEach(() => bar?.end());

describe('the bar', () => {
  test('says how far the sweep is, how many are up, how fast it goes and how long it takes', () => {
    const stream = new KeptStream({ isTTY: true, columns: 120 });
    barOn(stream).update(HALF);
    assert.equal(
      stripVTControlCharacters(stream.text),
      `[${'#'.repeat(15)}${'.'.repeat(15)}]  50 %  32,767/65,534 hosts  1,234 up  923/s  1:05 left`,
    );
  });

  test('leaves room for ^C in any terminal, and gives its place to the words', () => {
    for (const columns of [20, 40, 60, 72, 80, 200]) {
      const stream = new KeptStream({ isTTY: true, columns });
      barOn(stream).update(HALF);
      assert.ok(stripVTControlCharacters(stream.text).length <= columns - 2, String(columns));
    }
  });

  test('does not guess the time left before a host is done', () => {
    const stream = new KeptStream({ isTTY: true, columns: 120 });
    barOn(stream).update({ ...HALF, done: 0 });
    assert.match(stripVTControlCharacters(stream.text), / -:-- left$/);
  });

  test('measures the time left by the hosts of this sweep, not by those of a report that it resumes', () => {
    const takenOver = 32_767 - 6_500;
    assert.match(snapshotLine({ ...HALF, takenOver }), /, about 5:28 left$/);
    assert.doesNotMatch(snapshotLine({ ...HALF, takenOver: HALF.done }), /left/);
  });

  test('is off the line while it is hidden, and does not come back by itself', () => {
    const stream = new KeptStream({ isTTY: true });
    const shown = barOn(stream);
    shown.update(HALF);
    shown.hide();
    assert.ok(stream.text.endsWith('\u001b[2K'), JSON.stringify(stream.text.slice(-20)));
    stream.text = '';
    shown.show();
    assert.match(stripVTControlCharacters(stream.text), /50 %/);
  });

  test('shows nothing before the first numbers and after the end', () => {
    const stream = new KeptStream({ isTTY: true });
    const shown = barOn(stream);
    shown.show();
    assert.equal(stream.text, '');
    shown.update(HALF);
    shown.end();
    stream.text = '';
    shown.update(HALF);
    shown.show();
    assert.equal(stream.text, '');
  });

  test('neither hides the cursor nor turns line wrapping off, which a killed process could not undo', () => {
    const stream = new KeptStream({ isTTY: true });
    const shown = barOn(stream);
    shown.update(HALF);
    shown.end();
    assert.ok(!stream.text.includes('\u001b[?'), JSON.stringify(stream.text));
  });

  test('goes back to no line that it was on before Enter or a shell moved it down', () => {
    const stream = new KeptStream({ isTTY: true });
    const shown = barOn(stream);
    shown.update(HALF);
    shown.end();
    for (const word of ['\u001b7', '\u001b8']) assert.ok(!stream.text.includes(word));
    assert.ok(stream.text.endsWith('\u001b[1G\u001b[2K'), JSON.stringify(stream.text.slice(-20)));
  });
});

test('a snapshot is one line of all the numbers', () => {
  assert.equal(
    snapshotLine(HALF),
    '32,767 of 65,534 hosts done (50 %), 1,234 up, 60,000 sent, 1,240 received, 923 probes/s, 1:05 gone, about 1:05 left',
  );
  assert.doesNotMatch(snapshotLine({ ...HALF, done: 0 }), /left/);
});

test('99.99 % is not yet 100 %', () => {
  assert.match(snapshotLine({ ...HALF, done: 65_533 }), /\(99 %\)/);
  assert.match(snapshotLine({ ...HALF, done: 65_534 }), /\(100 %\)/);
});

test('times are minutes and seconds, and hours where there are any', () => {
  assert.deepEqual([0, 59_499, 59_500, 3_599_000, 3_600_000, 90_061_000].map(clock), [
    '0:00',
    '0:59',
    '1:00',
    '59:59',
    '1:00:00',
    '25:01:01',
  ]);
});

test('sites that are not done are named, those that are furthest behind first', () => {
  const site = (name: string, done: number, isHeard = true) => {
    return { site: name, targets: 200, done, up: 0, isHeard };
  };
  const sites = [site('berlin', 100), site('paris', 0, false), site('rome', 200)];
  assert.match(snapshotLine({ ...HALF, sites }), /left, paris 0 %, silent, berlin 50 %$/);
  const many = [...sites, site('oslo', 150), site('wien', 160)];
  assert.match(snapshotLine({ ...HALF, sites: many }), /berlin 50 %, oslo 75 %, 1 more site$/);
});
