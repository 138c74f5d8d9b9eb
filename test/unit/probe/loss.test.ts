/** Paths that lose packets: how often a silent host is probed there, how fast, and when its silence is doubted. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HostProgress } from '../../../src/probe/host-progress.ts';
import { LossWatch } from '../../../src/probe/loss-watch.ts';
import { OutageWatch } from '../../../src/probe/outage-watch.ts';
import { ProbeLevel } from '../../../src/probe/probe-level.ts';
import { makeSchedule } from '../../../src/probe/schedule.ts';
import {
  type HostCounts,
  prepareSharedState,
  SharedState,
} from '../../../src/probe/shared-state.ts';
import { SilenceJudge } from '../../../src/probe/silence-judge.ts';
import { SpareMemory } from '../../../src/probe/spare-memory.ts';
import { block, probe } from './probing.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { reply, type Script } from './scripted-packets.ts';

const FIRST = '192.0.2.0';
/** When the probes of a host left, for tests in which the path is never out. */
const SOME_TIME = (): number => 0;

function network(script: Script): ScriptedNetwork {
  return new ScriptedNetwork(4, script);
}

/** Lets so many packets a second pass, and a few more after a pause. */
function bucket(passPps: number, burst = 20): (nowNs: number) => boolean {
  let tokens = burst;
  let lastNs = Number.NaN;
  return (nowNs) => {
    const sinceNs = Number.isNaN(lastNs) ? 0 : nowNs - lastNs;
    tokens = Math.min(burst, tokens + (sinceNs / 1e9) * passPps);
    lastNs = nowNs;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}

function policed(passPps: number): Script {
  const passes = bucket(passPps);
  return (request) => (passes(request.sentAtNs) ? [reply(request)] : []);
}

function watch(): LossWatch {
  const limits = { ratePps: 1000, neighbourCap: 1, nowNs: 0 };
  return new LossWatch(new SharedState(prepareSharedState(limits)));
}

describe('a path that lets so many pings a second through', () => {
  for (const passPps of [200, 100, 50]) {
    test(`${passPps} a second: every live host is found, or the run doubts itself`, () => {
      const net = network(policed(passPps));
      const { hosts, counts } = probe(net, block(FIRST, 254), { ratePps: 1000 });
      const up = [...hosts.values()].filter(({ status }) => status === 'up').length;
      assert.ok(up === 254 || counts.doubtful > 0, `${up} of 254 are up, none is doubted`);
      assert.ok(counts.lossSlowDowns > 0);
    });
  }
});

describe('a firewall of this host that lets so many pings a second out', () => {
  for (const passPps of [200, 50]) {
    test(`${passPps} a second: every live host is found, or the run doubts itself`, () => {
      const net = network((request) => [reply(request)]);
      const passes = bucket(passPps);
      net.socket.refuses = () =>
        passes(net.clockNs) ? undefined : { failure: 'refused', errno: 'EPERM' };
      const { hosts, counts } = probe(net, block(FIRST, 254), { ratePps: 1000 });
      const up = [...hosts.values()].filter(({ status }) => status === 'up').length;
      assert.ok(up === 254 || counts.doubtful > 0, `${up} of 254 are up, none is doubted`);
      assert.ok(up >= 200, `${up} of 254 are up`);
      assert.equal(counts.retriedUp, 0, 'what did not leave did not get lost on the path');
    });
  }

  test('one that refuses all is not asked again and again, and nobody is doubted', () => {
    const net = network(() => []);
    net.socket.refuses = () => ({ failure: 'refused', errno: 'EPERM' });
    const { hosts, counts } = probe(net, block(FIRST, 254), { ratePps: 1000 });
    for (const { reason, pattern } of hosts.values())
      assert.deepEqual([reason, pattern], ['permission-denied', 'EEE']);
    assert.equal(counts.doubtful, 0);
  });
});

describe('a path that loses probes at random', () => {
  for (const percent of [5, 20, 40]) {
    test(`${percent} %: hardly any live host is missed`, () => {
      let seed = 1;
      const net = network((request) => {
        seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
        return (seed >>> 16) % 100 < percent ? [] : [reply(request)];
      });
      const { hosts } = probe(net, block(FIRST, 4000), { ratePps: 10_000, orderSeed: 1 });
      const missed = [...hosts.values()].filter(({ status }) => status !== 'up').length;
      assert.ok(missed <= 4, `${missed} of 4000 are missed`);
    });
  }
});

test('a tenth of a network without loss is not probed once more than planned', () => {
  const net = network((request) => (request.address.endsWith('7') ? [reply(request)] : []));
  const { hosts, counts } = probe(net, block(FIRST, 254), { ratePps: 1000 });
  for (const { pattern } of hosts.values()) assert.match(pattern, /^(!|\.\.\.)$/);
  assert.equal(counts.doubtful, 0);
});

test('if every host loses its first probe, a silent one is probed four times and not doubted', () => {
  const silent = '192.0.2.5';
  const net = network((request) =>
    request.nth > 0 && request.address !== silent ? [reply(request)] : [],
  );
  const { host: row, counts } = probe(net, block(FIRST, 254), { ratePps: 1000 });
  assert.equal(row(silent).pattern, '....');
  assert.equal(counts.doubtful, 0);
  assert.equal(counts.retriedUp, 253);
});

test('what a block counts is its own, for its worker may die before it has ended', () => {
  const net = network((request) => (request.nth > 0 ? [reply(request)] : []));
  const hostCounts: HostCounts = new Int32Array(new SharedArrayBuffer(12));
  const { counts } = probe(net, block(FIRST, 100), { ratePps: 1000, hostCounts });
  assert.deepEqual([...hostCounts], [100, 100, 100]);
  assert.deepEqual([counts.hostsDone, counts.hostsUp, counts.retriedUp], [0, 0, 0]);
});

/** Answers everything except for a while, counted from the first request. */
function out(fromMs: number, toMs: number, isUp = (_: string): boolean => true): Script {
  let startNs = Number.NaN;
  return (request) => {
    if (Number.isNaN(startNs)) startNs = request.sentAtNs;
    const atMs = (request.sentAtNs - startNs) / 1e6;
    return (atMs >= fromMs && atMs < toMs) || !isUp(request.address) ? [] : [reply(request)];
  };
}

/** 100 of 254. */
function isLive(address: string): boolean {
  return (Number(address.split('.')[3]) * 7) % 254 < 100;
}

describe('a path that is out for a while', () => {
  for (const lastsMs of [300, 500, 1000, 2900]) {
    for (const fromMs of [-1, 5, 100, 250, 700]) {
      test(`${lastsMs} ms from ${fromMs} ms on: every live host is found`, () => {
        const net = network(out(fromMs, fromMs + lastsMs, isLive));
        const { hosts, counts } = probe(net, block(FIRST, 254), { ratePps: 1000, orderSeed: 1 });
        const up = [...hosts.values()].filter(({ status }) => status === 'up').length;
        const live = [...hosts.keys()].filter(isLive).length;
        assert.ok(up === live || counts.doubtful > 0, `${up} of ${live} are up, none is doubted`);
      });
    }
  }

  test('an outage of three seconds takes no host of a small sweep', () => {
    for (const hosts of [1, 6]) {
      const { host: row } = probe(network(out(-1, 2950)), block('192.0.2.1', hosts), {});
      assert.equal(row('192.0.2.1').status, 'up');
    }
  });

  test('in the middle of a longer sweep, every live host is found', () => {
    const net = network(out(1000, 4100, (address) => Number(address.split('.')[3]) % 5 > 0));
    const { hosts, counts } = probe(net, block(FIRST, 6000), { ratePps: 1000, orderSeed: 1 });
    const missed = [...hosts.values()].filter(
      ({ address, status }) => Number(String(address).split('.')[3]) % 5 > 0 && status !== 'up',
    );
    assert.ok(missed.length === 0 || counts.doubtful > 0, `${missed.length} are missed`);
  });
});

test('one host of fifteen that answers only its second probe changes nothing for the silent ones', () => {
  const late = '192.0.2.3';
  const net = network((request) => {
    if (request.address === '192.0.2.5' || (request.address === late && request.nth === 0))
      return [];
    return [reply(request)];
  });
  const { host: row } = probe(net, block(FIRST, 16), { retries: 1 });
  assert.equal(row(late).pattern, '.!');
  assert.equal(row('192.0.2.5').pattern, '..');
});

test('an empty network is probed as planned, and ends when the options say', () => {
  const net = network(() => []);
  const started = net.clockNs;
  const { hosts, counts } = probe(net, block(FIRST, 254), { ratePps: 1000 });
  for (const { pattern } of hosts.values()) assert.equal(pattern, '...');
  assert.equal(counts.doubtful, 0);
  assert.ok((net.clockNs - started) / 1e6 < 4750 + 254 + 50);
});

/** The usual schedule, in probes. */
const PLANNED = { probes: 3, room: 11 } as const;

describe('silence', () => {
  test('is certain after the planned probes if nothing was lost', () => {
    const loss = watch();
    assert.equal(loss.isSilenceCertain(SOME_TIME, 3, PLANNED), true);
    for (let host = 0; host < 100; host++) loss.noteFirstReply(0, 0, 0);
    assert.equal(loss.isSilenceCertain(SOME_TIME, 3, PLANNED), true);
    assert.equal(loss.isSilenceCertain(SOME_TIME, 2, PLANNED), false);
  });

  test('takes the more probes the more get lost', () => {
    const needed = [0.05, 0.2, 0.4].map((share) => {
      const loss = watch();
      let left = 10_000;
      for (let round = 0; round < 16; round++) {
        const answered = Math.round(left * (1 - share));
        for (let host = 0; host < answered; host++) loss.noteFirstReply(round, -1, 1);
        left -= answered;
      }
      let probes = 3;
      while (!loss.isSilenceCertain(SOME_TIME, probes, PLANNED)) probes++;
      return probes;
    });
    assert.deepEqual(needed, [4, 7, 11]);
  });
});

const LOST_MS = [1050, 1250, 1450];

/** A probe to a live host left every 100 ms, but for those of the times `lostMs` and `unusedMs` each was answered. */
function pathWith(lostMs: readonly number[], unusedMs: readonly number[]): OutageWatch {
  const outages = new OutageWatch();
  for (let ms = 50; ms < 3000; ms += 100) {
    if (lostMs.includes(ms)) outages.noteLost(ms * 1e6);
    else if (!unusedMs.includes(ms)) outages.noteAnswered(ms * 1e6);
  }
  return outages;
}

describe('an outage', () => {
  test('is half a second without a reply in which three probes to live hosts were lost', () => {
    const outages = pathWith(LOST_MS, [1150, 1350]);
    for (let ms = 50; ms < 3000; ms += 100)
      assert.equal(outages.wasOut(ms * 1e6), ms >= 1000 && ms < 1500, `${ms} ms`);
  });

  test('is longer than 0.4 s, takes more than two probes, and lets none through', () => {
    assert.equal(pathWith([1050, 1150, 1350], [1250]).wasOut(1250e6), false);
    assert.equal(pathWith([1050, 1450], [1150, 1250, 1350]).wasOut(1250e6), false);
    const outages = pathWith(LOST_MS, [1150, 1350]);
    outages.noteAnswered(1250e6);
    assert.equal(outages.wasOut(1250e6), false);
  });

  test('is made of the probes before the first that a host answers', () => {
    const memory = new SpareMemory();
    const fixed = { timeoutMs: 1000, backoff: 1, periodMs: 1000 };
    const schedule = makeSchedule({ count: 1, retries: 2, ...fixed });
    const levels = [0, 1].map(() => new ProbeLevel(LOST_MS.length, memory));
    const loss = watch();
    const hosts = new HostProgress(LOST_MS.length, schedule, memory);
    const judge = new SilenceJudge(hosts, levels, schedule, loss);
    LOST_MS.forEach((ms, host) => {
      levels[0]!.recordSent(host, ms * 1e6);
      levels[1]!.recordSent(host, (ms + 1000) * 1e6);
      judge.noteFirstReply(host, 1, (ms + 1005) * 1e6);
    });
    assert.equal(loss.outages.wasOut(1250e6), true);
    assert.equal(loss.outages.wasOut(2250e6), false);
  });

  test('long ago says nothing about now', () => {
    const outages = pathWith(LOST_MS, [1150, 1350]);
    const now = (ms: number): number => (ms + 51_200) * 1e6;
    outages.noteLost(now(1250));
    outages.noteLost(now(1250));
    assert.equal(outages.wasOut(now(1250)), false);
    outages.noteLost(now(950));
    assert.equal(outages.wasOut(now(1250)), true);
  });
});
