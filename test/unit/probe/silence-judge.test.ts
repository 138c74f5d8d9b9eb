/** What the judge of silence takes note of: losses by when they happened, and refusals that were for a time. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostProgress } from '../../../src/probe/host-progress.ts';
import { LossWatch } from '../../../src/probe/loss-watch.ts';
import { ProbeLevel } from '../../../src/probe/probe-level.ts';
import { makeSchedule } from '../../../src/probe/schedule.ts';
import { prepareSharedState, SharedState } from '../../../src/probe/shared-state.ts';
import { SilenceJudge } from '../../../src/probe/silence-judge.ts';
import { SpareMemory } from '../../../src/probe/spare-memory.ts';
import { block, probe } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { reply } from './scripted-packets.ts';

/** Three planned probes, and eight more where some get lost. */
const MOST_PROBES = 11;

const HOSTS = 16;

/** A judge of hosts whose probes left at 1 s, were lost or refused, and were sent again at 2 s. */
function judged() {
  const memory = new SpareMemory();
  const schedule = makeSchedule({
    count: 1,
    retries: 2,
    timeoutMs: 1000,
    backoff: 1,
    periodMs: 1000,
  });
  const levels = [1e9, 2e9].map((sentAtNs) => {
    const level = new ProbeLevel(HOSTS, memory);
    for (let host = 0; host < HOSTS; host++) level.recordSent(host, sentAtNs);
    return level;
  });
  const shared = new SharedState(prepareSharedState({ ratePps: 1000, neighbourCap: 1, nowNs: 0 }));
  const hosts = new HostProgress(HOSTS, schedule, memory);
  const judge = new SilenceJudge(hosts, levels, schedule, new LossWatch(shared));
  return { hosts, judge, counts: () => shared.counts() };
}

/** Eight in a row lower the rate. */
const NOTABLE = 8;

test('losses of before the rate was lowered do not lower it again, whenever the retries left', () => {
  const { judge, counts } = judged();
  for (let host = 0; host < NOTABLE; host++) judge.noteFirstReply(host, 1, 1.5e9);
  assert.equal(counts().lossSlowDowns, 1);
  for (let host = NOTABLE; host < HOSTS; host++) judge.noteFirstReply(host, 1, 2.5e9);
  assert.equal(counts().lossSlowDowns, 1);
});

test('refusals of before the rate was lowered do not lower it again, whenever the next probes left', () => {
  const { hosts, judge, counts } = judged();
  const leaves = (host: number, atNs: number): void => {
    hosts.unsent[host] = 1;
    judge.noteSent(host, 1, atNs);
  };
  for (let host = 0; host < NOTABLE; host++) leaves(host, 1.5e9);
  assert.equal(counts().lossSlowDowns, 1);
  for (let host = NOTABLE; host < HOSTS; host++) leaves(host, 2.5e9);
  assert.deepEqual([counts().lossSlowDowns, counts().refusalsOvercome], [1, HOSTS]);
});

for (const [what, note, overcome] of [
  ['was refused', () => {}, 1],
  ['seemed to leave and did not', (judge: SilenceJudge) => judge.noteRetracted(), 0],
  ['had no route any more', (judge: SilenceJudge) => judge.noteLostRoute(), 0],
] as const) {
  test(`a probe that leaves after one that ${what} ${overcome === 1 ? 'shows' : 'does not show'} that the system lets probes out now and then`, () => {
    const { hosts, judge, counts } = judged();
    note(judge);
    hosts.unsent[0] = 1;
    judge.noteSent(0, 1, 2e9);
    assert.equal(counts().refusalsOvercome, overcome);
  });
}

test('a host that is refused each time is tried no more often than any, and then doubted', () => {
  const refusedAlways = '198.51.100.1';
  const net = new ScriptedNetwork(4, (request) => [reply(request)]);
  const tried = new Set<string>();
  net.socket.refuses = (address) => {
    if (address !== refusedAlways && tried.has(address)) return undefined;
    tried.add(address);
    return { failure: 'refused', errno: 'EPERM' };
  };
  const { host, counts } = probe(net, block(refusedAlways, 4), { retries: 2 });
  assert.equal(host(refusedAlways).pattern, 'E'.repeat(MOST_PROBES));
  assert.equal(counts.doubtful, 1);
});

test('on a path that loses most probes, a silent host is sent no more than any, and then doubted', () => {
  const silent = '198.51.100.1';
  const net = new ScriptedNetwork(4, (request) =>
    request.address !== silent && request.nth % 3 === 2 ? [reply(request)] : [],
  );
  const { host, counts } = probe(net, block(silent, 100), { retries: 2 });
  assert.equal(host(silent).pattern, '.'.repeat(MOST_PROBES));
  assert.equal(counts.doubtful, 1);
});
