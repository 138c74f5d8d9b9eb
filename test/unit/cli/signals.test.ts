/** Signals: one stops, two stop at once, others tell how far the sweep is. */

import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { beforeEach, describe, test } from 'node:test';
import { SweepSignals } from '../../../src/cli/signals.ts';

const NAMES = ['SIGHUP', 'SIGINT', 'SIGTERM', 'SIGQUIT', 'SIGUSR1', 'SIGBREAK'];

let source: EventEmitter;
let happened: string[];
let nowMs: number;
let signals: SweepSignals;

beforeEach(() => {
  source = new EventEmitter();
  happened = [];
  nowMs = 5000;
  signals = new SweepSignals(
    source,
    {
      onStop: (name) => happened.push(`stop ${name}`),
      onStopAtOnce: (first) => happened.push(`at once, first ${first}`),
      onSnapshot: () => happened.push('snapshot'),
    },
    () => nowMs,
  );
});

describe('stopping', () => {
  for (const name of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) {
    test(`${name} asks the sweep to end`, () => {
      assert.equal(signals.signal.aborted, false);
      source.emit(name);
      assert.equal(signals.signal.aborted, true);
      assert.equal(signals.stoppedBy, name);
      assert.deepEqual(happened, [`stop ${name}`]);
    });
  }

  test('a second SIGINT ends it at once, whatever the first signal was', () => {
    source.emit('SIGTERM');
    nowMs += 1000;
    source.emit('SIGINT');
    assert.deepEqual(happened, ['stop SIGTERM', 'at once, first SIGTERM']);
    assert.equal(signals.stoppedBy, 'SIGTERM');
  });

  test('one Ctrl-C that comes twice, from the terminal and through npm, is one', () => {
    source.emit('SIGINT');
    nowMs += 20;
    source.emit('SIGINT');
    assert.deepEqual(happened, ['stop SIGINT']);
    nowMs += 500;
    source.emit('SIGINT');
    assert.deepEqual(happened, ['stop SIGINT', 'at once, first SIGINT']);
  });

  test('a second SIGTERM changes nothing', () => {
    source.emit('SIGTERM');
    nowMs += 1000;
    source.emit('SIGTERM');
    assert.deepEqual(happened, ['stop SIGTERM']);
  });
});

describe('SIGHUP in a service', () => {
  for (const [platform, expected] of [
    ['linux', 'reload'],
    // There it means that the console closes, and the process has seconds to end.
    ['win32', 'stop SIGHUP'],
  ] as const) {
    test(`on ${platform}: ${expected}`, () => {
      signals.release();
      const reactions = {
        onStop: (name: string) => happened.push(`stop ${name}`),
        onStopAtOnce: () => {},
        onReload: () => happened.push('reload'),
      };
      signals = new SweepSignals(source, reactions, () => nowMs, platform);
      source.emit('SIGHUP');
      assert.deepEqual(happened, [expected]);
      assert.equal(signals.signal.aborted, expected !== 'reload');
    });
  }
});

test('SIGQUIT, SIGUSR1 and Ctrl-Break ask how far it is, and nothing stops', () => {
  source.emit('SIGQUIT');
  source.emit('SIGUSR1');
  source.emit('SIGBREAK');
  assert.deepEqual(happened, ['snapshot', 'snapshot', 'snapshot']);
  assert.equal(signals.signal.aborted, false);
  assert.equal(signals.stoppedBy, undefined);
});

test('once released, the signals are the system’s again', () => {
  assert.deepEqual(
    NAMES.map((name) => source.listenerCount(name)),
    NAMES.map(() => 1),
  );
  signals.release();
  assert.deepEqual(
    NAMES.map((name) => source.listenerCount(name)),
    NAMES.map(() => 0),
  );
});
