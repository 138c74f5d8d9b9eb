/** When a canary was silent, and whom that concerns. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CanaryLog } from '../../../src/coordinator/canary-log.ts';
import {
  type BlockResults,
  emptyResults,
  NOT_COVERED,
} from '../../../src/results/block-results.ts';
import { blockOfRanges } from '../../../src/results/block-targets.ts';
import { statusNumber } from '../../../src/results/outcome.ts';
import { comesToTakeAtMost } from '../heap-use.ts';

const T0 = Date.parse('2026-03-04T05:06:00Z');
const SECOND = 1000;

interface Asked {
  /** Seconds after T0. */
  readonly at: number;
  readonly isUp: boolean;
  readonly count?: number;
}

function results(asked: readonly Asked[]): BlockResults {
  const hosts = asked.flatMap((one) => new Array<Asked>(one.count ?? 1).fill(one));
  const last = BigInt(hosts.length - 1);
  const block = emptyResults(blockOfRanges([{ family: 4, zone: '', first: 0n, last }]), 1);
  hosts.forEach(({ at, isUp }, host) => {
    block.startedAtMs[host] = T0 + at * SECOND;
    block.status[host] = statusNumber(isUp ? 'up' : 'down');
    block.sent[host] = 1;
    block.received[host] = isUp ? 1 : 0;
    if (isUp) block.rttNs[host] = 1e6;
  });
  return block;
}

/** @param answers one mark a second from T0 on, as in a report's pattern */
function logOf(answers: string, spreadMs = 0, countsLoss = false): CanaryLog {
  const log = new CanaryLog(T0, spreadMs, countsLoss);
  [...answers].forEach((mark, i) => {
    log.noteProbe(T0 + i * SECOND, mark === '!');
  });
  return log;
}

const spansOf = (log: CanaryLog) =>
  log.spans.map(({ from, to, hosts, answered }) => [
    (from.getTime() - T0) / SECOND,
    (to.getTime() - T0) / SECOND,
    hosts,
    answered,
  ]);

test('one probe lost is no silence; two in a row are, from the last answer to the next', () => {
  for (const answers of ['!.!.!', '.!']) assert.deepEqual(spansOf(logOf(answers)), []);
  assert.deepEqual(spansOf(logOf('!..!')), [[0, 3, 0, 0]]);
  assert.deepEqual(spansOf(logOf('!!..!!...!')), [
    [1, 4, 0, 0],
    [5, 9, 0, 0],
  ]);
});

test('a silence at the end lasts to the end, and one at the beginning from the beginning', () => {
  const log = logOf('..!!..');
  log.close(T0 + 7 * SECOND);
  assert.deepEqual(spansOf(log), [
    [0, 2, 0, 0],
    [3, 7, 0, 0],
  ]);
});

test('hosts whose probes fell into it are counted, whether their results come before it is over or after', () => {
  const hosts = results([
    { at: 0.05, isUp: false, count: 7 },
    { at: 2.5, isUp: false, count: 20 },
    { at: 2.5, isUp: true, count: 3 },
    { at: 8.5, isUp: false, count: 500 },
  ]);
  const before = logOf('!!..');
  before.noteHosts(hosts);
  before.noteProbe(T0 + 4 * SECOND, true);
  before.noteProbe(T0 + 12 * SECOND, true);
  before.close(T0 + 13 * SECOND);
  const after = logOf('!!..!!!!!!!!');
  after.noteHosts(hosts);
  after.close(T0 + 13 * SECOND);
  assert.deepEqual(spansOf(before), [[1, 4, 20, 3]]);
  assert.deepEqual(spansOf(after), [[1, 4, 20, 3]]);
});

test('hosts are counted to a tenth of a second, those that answered between its unanswered probes', () => {
  const log = logOf('!!..!');
  log.noteHosts(
    results([
      { at: 0.95, isUp: false, count: 1 },
      { at: 1.05, isUp: false, count: 10 },
      { at: 3.95, isUp: false, count: 100 },
      { at: 4, isUp: false, count: 1000 },
      { at: 1.95, isUp: true, count: 1 },
      { at: 2, isUp: true, count: 10 },
      { at: 2.95, isUp: true, count: 100 },
      { at: 3, isUp: true, count: 1000 },
    ]),
  );
  log.close(T0 + 9 * SECOND);
  assert.deepEqual(spansOf(log), [[1, 4, 110, 110]]);
});

test('a host that was first probed with the last answered probe is counted, also if its result comes before the silence', () => {
  const log = logOf('!!');
  log.noteHosts(results([{ at: 1, isUp: false, count: 5 }]));
  for (const [at, isAnswered] of [
    [2, false],
    [3, false],
    [4, true],
  ] as const) {
    log.noteProbe(T0 + at * SECOND, isAnswered);
  }
  log.close(T0 + 9 * SECOND);
  assert.deepEqual(spansOf(log), [[1, 4, 5, 0]]);
});

test('a host without a result is not counted, and one to which no packet left was probed by now', (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: T0 + 2.5 * SECOND });
  const hosts = results([
    { at: 2.5, isUp: false, count: 7 },
    { at: Number.NaN, isUp: false, count: 20 },
  ]);
  hosts.status.fill(NOT_COVERED, 0, 7);
  const log = logOf('!!..!');
  log.noteHosts(hosts);
  log.close(T0 + 9 * SECOND);
  assert.deepEqual(spansOf(log), [[1, 4, 20, 0]]);
});

test('a host that answered only a retry has not answered at once', () => {
  const hosts = results([{ at: 2.5, isUp: true, count: 3 }]);
  const twice = emptyResults(hosts.targets, 2);
  twice.startedAtMs.set(hosts.startedAtMs);
  twice.status.set(hosts.status);
  // The second probe of the second host, and the first one of the third.
  twice.rttNs.set([1e6, 1e6], 3);
  const log = logOf('!!..!');
  log.noteHosts(twice);
  log.close(T0 + 9 * SECOND);
  assert.deepEqual(spansOf(log), [[1, 4, 0, 1]]);
});

test('a host that is still being asked when it begins is concerned too, whether its result comes before or after', () => {
  const hosts = results([
    { at: 2.2, isUp: false, count: 9 },
    { at: 0.5, isUp: false, count: 70 },
  ]);
  const after = logOf('!!!!!..!', 2500);
  after.noteHosts(hosts);
  const before = logOf('!!!!!', 2500);
  before.noteHosts(hosts);
  [false, false, true].forEach((isAnswered, i) => {
    before.noteProbe(T0 + (5 + i) * SECOND, isAnswered);
  });
  for (const log of [before, after]) {
    log.close(T0 + 20 * SECOND);
    assert.deepEqual(spansOf(log), [[4, 7, 9, 0]]);
  }
});

test('hosts that were probed just before the end are counted into a silence that lasts to it', () => {
  const log = logOf('!..', 2500);
  log.noteHosts(results([{ at: 2.9, isUp: false, count: 5 }]));
  log.close(T0 + 3 * SECOND);
  assert.deepEqual(spansOf(log), [[0, 3, 5, 0]]);
});

test('with a count, a host that answered some of its probes is concerned; with retries it is none the worse', () => {
  const lossy = results([{ at: 2.5, isUp: true, count: 2 }]);
  lossy.sent[0] = 3;
  for (const countsLoss of [true, false]) {
    const log = logOf('!!..!', 0, countsLoss);
    log.noteHosts(lossy);
    log.close(T0 + 9 * SECOND);
    assert.equal(log.spans[0]!.hosts, countsLoss ? 1 : 0);
  }
});

test('nothing is kept of hosts asked while the canary answers', () => {
  const log = logOf('!!!!!!');
  for (let i = 0; i < 50; i++) log.noteHosts(results([{ at: i / 10, isUp: false, count: 3 }]));
  log.noteProbe(T0 + 100 * SECOND, true);
  assert.equal(log['bins'].size, 0);
});

test('a host that is counted takes no memory', () => {
  const log = new CanaryLog(T0, 3000, false);
  const hosts = 8192;
  const probed = results(
    Array.from({ length: hosts }, (_, i) => ({ at: (i % 400) / 1000, isUp: true })),
  );
  assert.ok(comesToTakeAtMost(hosts, () => log.noteHosts(probed)));
});
