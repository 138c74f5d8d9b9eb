/** One bar for sweeps that run at the same time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JointProgress } from '../../../src/cli/joint-progress.ts';
import type { SweepProgress } from '../../../src/sweep-job.ts';

class KeptBar {
  readonly calls: string[] = [];

  update({ done, targets, up, elapsedMs }: SweepProgress): void {
    this.calls.push(`${done}/${targets} ${up} up ${elapsedMs} ms`);
  }

  hide(): void {
    this.calls.push('hide');
  }

  show(): void {
    this.calls.push('show');
  }

  forget(): void {
    this.calls.push('forget');
  }
}

const progressOf = (done: number, targets: number, elapsedMs: number): SweepProgress => ({
  ...{ done, targets, elapsedMs, up: done },
  ...{ sent: done, received: done, ratePps: 1 },
});

test('the bar has the sum of all sweeps that run, and makes room for lines', () => {
  const bar = new KeptBar();
  const progress = new JointProgress(bar);
  progress.update('a', progressOf(1, 10, 5));
  progress.update('b', progressOf(2, 20, 3));
  progress.aside(() => bar.calls.push('a line'));
  progress.end('a');
  progress.end('a');
  progress.end('b');
  assert.deepEqual(bar.calls, [
    '1/10 1 up 5 ms',
    '3/30 3 up 5 ms',
    ...['hide', 'a line', 'show'],
    '2/20 2 up 3 ms',
    'forget',
  ]);
});
