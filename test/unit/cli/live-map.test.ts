/** What the live map promises before any terminal: it writes what has changed, and takes little of the sweep's time. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LiveMap } from '../../../src/cli/live-map.ts';
import { cellCode } from '../../../src/results/cell-code.ts';
import type { SweepProgress } from '../../../src/sweep-job.ts';
import { KeptStream } from './fakes.ts';

const UP = cellCode('up', 'echo-reply', 1);

function progressOf(done: number): SweepProgress {
  return {
    targets: 256,
    done,
    up: done,
    sent: done,
    received: done,
    elapsedMs: 1000,
    ratePps: 100,
  } as SweepProgress;
}

function liveMap(hosts: number): { map: LiveMap; stream: KeptStream } {
  const stream = new KeptStream({ isTTY: true });
  const first = 10n << 24n;
  const range = { family: 4, zone: '', first, last: first + BigInt(hosts) - 1n } as const;
  return { map: new LiveMap([range], stream, { TERM: 'xterm', NO_COLOR: '1' }), stream };
}

/** Lets so much time pass as a drawing wants. */
async function updated(map: LiveMap, stream: KeptStream, done: number): Promise<string> {
  const before = stream.text.length;
  while (stream.text.length === before) {
    map.update(progressOf(done));
    await new Promise((resolve) => setImmediate(resolve));
  }
  return stream.text.slice(before);
}

describe('a live map', () => {
  test('writes the lines that changed and no others', async () => {
    const { map, stream } = liveMap(256);
    assert.match(await updated(map, stream, 0), /10\.0\.0\.0 .*10\.0\.0\.192 /s);
    map.liveCells[70] = UP;
    const change = await updated(map, stream, 1);
    assert.match(change, /10\.0\.0\.64 /);
    assert.doesNotMatch(change, /10\.0\.0\.(0|128|192) |addresses, each/);
    map.end();
  });

  test('never wipes the screen, which terminals would keep as scrolled off', async () => {
    const { map, stream } = liveMap(256);
    for (let done = 0; done < 5; done++) {
      map.liveCells[done] = UP;
      await updated(map, stream, done);
    }
    map.end();
    assert.doesNotMatch(stream.text.replaceAll('\u001B', '^'), /\^\[[0-3]?J/);
  });

  test('leaves its last state behind, and none of what it drew before', async () => {
    const { map, stream } = liveMap(4);
    await updated(map, stream, 0);
    map.liveCells.fill(UP);
    map.end();
    const last = stream.text.slice(stream.text.lastIndexOf('\r')).replaceAll('\u001B[2K', '');
    assert.match(last, /10\.0\.0\.0 +▂{4}\n\n▂█ up 4 .*\n\n$/);
    assert.doesNotMatch(last, /done|░/);
  });

  test('is drawn whole, below what a shell has written, when a stopped job goes on', async () => {
    const { map, stream } = liveMap(256);
    await updated(map, stream, 0);
    const before = stream.text.length;
    process.emit('SIGCONT', 'SIGCONT');
    const again = stream.text.slice(before);
    assert.match(again, /addresses, each.*10\.0\.0\.0 .*10\.0\.0\.192 /s);
    // Nothing goes up into the shell's lines.
    assert.doesNotMatch(again.replaceAll('\u001B', '^'), /\^\[\d*A/);
    map.end();
    assert.equal(process.listenerCount('SIGCONT'), 0);
  });

  test('says how far the sweep is in a narrow terminal as well', async () => {
    const stream = new KeptStream({ isTTY: true, columns: 60 });
    const range = { family: 4, zone: '', first: 1n, last: 4n } as const;
    const map = new LiveMap([range], stream, { TERM: 'xterm' });
    await updated(map, stream, 2);
    assert.match(stream.text, /\n0 % {2}2\/256 hosts {2}2 up {2}100\/s {2}\d+:\d\d left$/);
    map.end();
  });

  test('leaves room for ^C on its last line', async () => {
    const stream = new KeptStream({ isTTY: true, columns: 30 });
    const range = { family: 4, zone: '', first: 1n, last: 4n } as const;
    const map = new LiveMap([range], stream, { TERM: 'xterm' });
    const drawn = await updated(map, stream, 2);
    assert.equal(drawn.split('\n').at(-1), '0 %  2/256 hosts  2 up  100/');
    map.end();
  });
});
