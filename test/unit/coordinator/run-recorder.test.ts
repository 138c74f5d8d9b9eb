/** What the record of a run says while it runs, and in the end. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OpenedEngine } from '../../../src/coordinator/block-engine.ts';
import type { Canary } from '../../../src/coordinator/canary.ts';
import { RunRecorder } from '../../../src/coordinator/run-recorder.ts';
import { EchosweepError } from '../../../src/errors.ts';
import { prepareSharedState, SharedState } from '../../../src/probe/shared-state.ts';
import {
  type BlockResults,
  emptyResults,
  NOT_COVERED,
} from '../../../src/results/block-results.ts';
import { blockOfRanges } from '../../../src/results/block-targets.ts';
import type { EarlierReport } from '../../../src/results/earlier-report.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import {
  type Reason,
  reasonNumber,
  type Status,
  statusNumber,
} from '../../../src/results/outcome.ts';

import type { RunRecord } from '../../../src/results/run-record.ts';
import { runOf } from '../report/samples.ts';

const ENGINE: OpenedEngine = {
  engine: 'raw-socket',
  reason: 'asked for',
  clock: 'process',
  workers: 3,
  canSearch: false,
  canProbeZones: false,
  canGoOn: true,
  links: [],
  start: () => Promise.reject(new Error('is not started here')),
  close: async () => {},
};

/** A recorder of a sweep of four hosts. @param earlier the report that it resumes */
function recording(
  canary?: Pick<Canary, 'packets' | 'record' | 'noteHosts'>,
  earlier?: EarlierReport,
) {
  const state = prepareSharedState({ ratePps: 1, neighbourCap: 1, nowNs: 0 });
  const shared = new SharedState(state);
  const targets = { count: 4, unresolved: [], notes: ['a note on a name'] };
  const recorder = new RunRecorder({
    command: 'library',
    seed: 7,
    targets,
    engine: ENGINE,
    shared,
    canary: canary as Canary | undefined,
    extraPackets: canary === undefined ? [] : [canary.packets],
    earlier,
  });
  return { recorder, shared };
}

/** A block of hosts with these outcomes; undefined for hosts that a stopped sweep did not reach. */
function block(...outcomes: (readonly [Status, Reason, errno?: string] | undefined)[]) {
  const last = BigInt(outcomes.length);
  const targets = blockOfRanges([{ family: 4, zone: '', first: 1n, last }]);
  const errnos = outcomes.flatMap((outcome) => outcome?.[2] ?? []);
  const results: BlockResults = { ...emptyResults(targets, 1), errnos };
  outcomes.forEach((outcome, host) => {
    results.status[host] = outcome === undefined ? NOT_COVERED : statusNumber(outcome[0]);
    if (outcome === undefined) return;
    results.reason[host] = reasonNumber(outcome[1]);
    if (outcome[2] !== undefined) results.errno[host] = 1 + errnos.indexOf(outcome[2]);
  });
  return results;
}

const UP = ['up', 'echo-reply'] as const;
const DOWN = ['down', 'no-response'] as const;

test('a record begins with what was planned and has not ended', () => {
  const record = recording().recorder.record();
  assert.equal(record.command, 'library');
  assert.equal(record.engine, 'raw-socket');
  assert.equal(record.clock, 'process');
  assert.deepEqual([record.seed, record.workers, record.targets], [7, 3, 4]);
  assert.deepEqual([record.endedAt, record.partial, record.failure], [null, false, null]);
  assert.deepEqual([record.doubts, record.notes], [[], ['a note on a name']]);
});

test('a record has the counters of the sample to which docs/csv.md is held, and no others', () => {
  const counters = Object.keys(recording().recorder.record().packets);
  assert.deepEqual(counters.sort(), Object.keys(runOf().packets).sort());
});

test('results add up block by block, and a sweep that covered every target is not partial', () => {
  const { recorder } = recording();
  recorder.add(block(UP, DOWN));
  assert.equal(recorder.silentHosts, 1);
  recorder.add(block(UP, ['unreachable', 'host-unreach']));
  assert.equal(recorder.silentHosts, 2);
  const record = recorder.close();
  assert.deepEqual(record.statuses, { up: 2, unreachable: 1, down: 1, error: 0 });
  assert.equal(record.partial, false);
  assert.ok(record.endedAt! >= record.startedAt);
});

test('a sweep that did not cover every target is partial', () => {
  const { recorder } = recording();
  recorder.add(block(UP, DOWN, UP, undefined));
  assert.equal(recorder.record().partial, false, 'while it runs');
  assert.equal(recorder.close().partial, true);
});

test('of several failures the first one is recorded', () => {
  const { recorder } = recording();
  recorder.noteFailure(new EchosweepError('SOCKET_FAILED', 'the first', 'see to it'));
  recorder.noteFailure(new Error('the second'));
  assert.match(recorder.close().failure!, /^the first/);
});

test("the canary's packets do not count as the sweep's", () => {
  const packets = { sent: 2, received: 1, duplicates: 0, errors: 0, hostsDone: 2, hostsUp: 1 };
  const record = {
    address: '192.0.2.1',
    choice: 'named',
    sent: 2,
    received: 1,
    silences: [],
  } as const;
  const noted: BlockResults[] = [];
  const { recorder, shared } = recording({
    packets,
    record,
    noteHosts: (results) => void noted.push(results),
  });
  shared.add('sent', 12);
  shared.add('received', 5);
  shared.add('hostsDone', 6);
  const results = block(UP);
  recorder.add(results);
  assert.deepEqual([recorder.counts().sent, recorder.counts().hostsDone], [10, 4]);
  const { packets: counted, canary } = recorder.close();
  assert.deepEqual([counted.sent, counted.received], [10, 4]);
  assert.equal(canary, record);
  assert.deepEqual(noted, [results]);
});

test('an interface is to blame only if sending failed as it does without the interface', () => {
  const quiet = recording().recorder;
  quiet.add(block(UP, DOWN));
  quiet.noteLosses({ lostInterfaces: ['eth0'], lostAddresses: [] });
  assert.equal(quiet.close().failure, null, 'nothing failed to be sent');

  const unrouted = recording().recorder;
  unrouted.add(block(['error', 'no-route', 'ENETUNREACH']));
  assert.equal(unrouted.close().failure, null, 'no interface went down');

  const lost = recording().recorder;
  lost.add(block(['error', 'no-route', 'ENETUNREACH'], UP));
  lost.noteLosses({ lostInterfaces: ['eth0', 'eth1'], lostAddresses: [] });
  assert.match(lost.close().failure!, /^interfaces eth0, eth1 .*: 1 host /);

  const refused = recording().recorder;
  refused.add(block(['error', 'send-failed', 'ENETDOWN'], ['error', 'send-failed', 'ENETDOWN']));
  assert.match(refused.close().failure!, /^the interface could not send \(ENETDOWN\): 2 hosts /);
});

test('a lost interface casts doubt on silent hosts, unless it is a failure anyhow', () => {
  const { recorder } = recording();
  recorder.add(block(DOWN));
  recorder.noteLosses({ lostInterfaces: ['eth0'], lostAddresses: [] });
  assert.match(recorder.record().doubts.join(), /^eth0 was down/);
  recorder.add(block(['error', 'send-failed', 'ENODEV']));
  const record = recorder.close();
  assert.deepEqual(record.doubts, []);
  assert.match(record.failure!, /eth0/);
});

test('addresses and gateways that were lost, and hosts that are hidden, cast doubt on silent hosts', () => {
  const { recorder } = recording();
  recorder.add(block(DOWN));
  recorder.noteLosses({ lostInterfaces: [], lostAddresses: ['192.0.2.1'] });
  recorder.noteLostGateways(['192.0.2.254']);
  recorder.addHiddenHosts(1);
  recorder.addHiddenHosts(2);
  const doubts = recorder.record().doubts.join('\n');
  assert.match(doubts, /^this host was without its address 192\.0\.2\.1:/m);
  assert.match(doubts, /^macOS refused to send to 3 hosts /m);
  recorder.noteLosses({ lostInterfaces: [], lostAddresses: [] });
  assert.match(recorder.record().doubts.join('\n'), /^no ARP or NDP reply from the gateway /m);
});

test('hosts whose name servers did not answer are counted', () => {
  const { recorder } = recording();
  recorder.addUnansweredNames(2);
  recorder.addUnansweredNames(3);
  assert.match(recorder.close().notes.join('\n'), /^name servers did not answer for 5 hosts, /m);
});

test('an interface without a carrier is the one reason why a gateway was lost', () => {
  const { recorder } = recording();
  recorder.add(block(DOWN));
  recorder.noteLostGateways(['192.0.2.254']);
  recorder.noteWithoutCarrier(['eth0']);
  recorder.noteWithoutCarrier(['eth0']);
  const [doubt, ...others] = recorder.close().doubts;
  assert.match(doubt!, /^no carrier on eth0:/);
  assert.deepEqual(others, []);
});

test('a note has the system’s name for why sending failed, of hosts that are send-failed only', () => {
  const { recorder } = recording();
  recorder.add(
    block(
      ['error', 'send-failed', 'EMSGSIZE'],
      ['error', 'no-route', 'EINVAL'],
      [...UP, 'ENOBUFS'],
    ),
  );
  assert.deepEqual(recorder.close().notes.slice(1), [
    'send-failed: EMSGSIZE, message too long for the interface (1 host)',
  ]);
});

test('all conflicts of MAC addresses are kept, and no more than eight are noted', () => {
  const { recorder } = recording();
  for (let i = 0; i < 5; i++) {
    const macConflicts = ['192.0.2', '198.51.100'].map((net) => ({
      address: `${net}.${i}`,
      macs: ['a', 'b'] as const,
    }));
    recorder.add({ ...block(UP), macConflicts });
  }
  const { notes, macConflicts } = recorder.close();
  assert.equal(notes.filter((note) => note.includes('MAC')).length, 8);
  assert.equal(macConflicts.length, 10);
});

test('a doubt of a run before is taken over once, however often the sweep is resumed', () => {
  const doubted = { ...recording().recorder.close(), doubts: ['the clock stepped'] };
  const resumed = (run: RunRecord): RunRecord =>
    recording(undefined, { path: 'r', rows: 0, up: 0, run, async *read() {} }).recorder.close();
  const once = resumed(doubted);
  assert.deepEqual(once.doubts, ['before it was resumed: the clock stepped']);
  assert.deepEqual(resumed(once).doubts, once.doubts);
});

test('round-trip times of an earlier report count, even if it does not say how many there were', () => {
  const times = { rttsMs: [], rttMinMs: 1, rttAvgMs: 2, rttMaxMs: 3 };
  const rows = [{ received: null }, { received: 0 }, { received: 3 }].map((more) => ({
    status: 'up',
    reason: 'echo-reply',
    ...times,
    ...more,
  }));
  const earlier = { path: 'r', rows: 3, up: 3, run: undefined, async *read() {} };
  const resumed = recording(undefined, earlier).recorder;
  resumed.addEarlier(rows as unknown as HostResult[]);
  const { minMs, maxMs } = resumed.close().rtt!;
  assert.deepEqual([Math.round(minMs), Math.round(maxMs)], [1, 3]);
});
