/** An agent with a scripted broker, a scripted sweep and a clock of the test's own. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EchosweepError } from '../../../src/errors.ts';
import { addressText, blockOfRanges } from '../../../src/results/block-targets.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { Agent, type AgentEvent } from '../../../src/sites/agent.ts';
import { AllowedTargets } from '../../../src/sites/allowed-targets.ts';
import { NotConnected } from '../../../src/sites/broker.ts';
import type { AgentClock } from '../../../src/sites/chunk-work.ts';
import { type Chunk, encodeChunk } from '../../../src/sites/contract/chunk.ts';
import { decodeAnswer, type ReceivedAnswer } from '../../../src/sites/contract/chunk-result.ts';
import { encodeJson } from '../../../src/sites/contract/message.ts';
import type { SweepJob, SweepProgress } from '../../../src/sweep-job.ts';
import { runOf } from '../report/samples.ts';
import { chunkOf, findingsOf } from './samples.ts';
import { ScriptedBroker } from './scripted-broker.ts';

const NOW_MS = Date.UTC(2026, 0, 2);

/** A clock that stands still; what is to happen at intervals happens when the test says so. */
class TestClock implements AgentClock {
  now = NOW_MS;
  readonly pauses: number[] = [];
  private readonly intervals = new Set<{ readonly ms: number; readonly act: () => void }>();

  nowMs(): number {
    return this.now;
  }

  async pause(ms: number): Promise<void> {
    this.pauses.push(ms);
    await new Promise(setImmediate);
  }

  every(ms: number, act: () => void): () => void {
    const interval = { ms, act };
    this.intervals.add(interval);
    return () => this.intervals.delete(interval);
  }

  memoryOctets(): number {
    return 1;
  }

  /** What is due at intervals of so long happens once. */
  pass(ms: number): void {
    this.now += ms;
    for (const interval of this.intervals) if (interval.ms === ms) interval.act();
  }
}

type Sweep = (job: SweepJob) => Promise<RunRecord>;

/** Every target of the job is up. */
const allUp: Sweep = async (job) => {
  const chunk = chunkOf({ ranges: job.targets.ranges });
  if (job.targets.count > 0) job.onBlock?.(findingsOf(chunk).results, new Map());
  return runOf();
};

const PROGRESS: SweepProgress = {
  targets: 8,
  done: 3,
  up: 2,
  sent: 8,
  received: 2,
  elapsedMs: 100,
  ratePps: 80,
};

/** Sweeps until it is stopped. */
const endless: Sweep = (job) =>
  new Promise((resolve) => {
    job.onProgress?.(PROGRESS);
    job.signal?.addEventListener('abort', () => resolve(runOf({ partial: true })));
  });

interface Setting {
  readonly sweep?: Sweep;
  readonly allow?: readonly string[];
  readonly deny?: readonly string[];
  readonly mostRatePps?: number;
}

/** Runs an agent while the test does something, and ends it. */
async function withAgent(
  { sweep = allUp, allow = [], deny = [], mostRatePps = Number.POSITIVE_INFINITY }: Setting,
  act: (run: {
    readonly broker: ScriptedBroker;
    readonly clock: TestClock;
    readonly jobs: readonly SweepJob[];
    readonly events: readonly AgentEvent[];
    readonly stop: () => void;
    readonly ended: Promise<void>;
  }) => Promise<void>,
): Promise<void> {
  const broker = new ScriptedBroker();
  const clock = new TestClock();
  const jobs: SweepJob[] = [];
  const events: AgentEvent[] = [];
  const controller = new AbortController();
  const agent = new Agent({ site: 'berlin', agent: 'a1' }, broker, {
    rules: { allowed: new AllowedTargets(allow, deny), mostRatePps },
    slots: 1,
    clock,
    onEvent: (event) => events.push(event),
    sweep: (job) => {
      jobs.push(job);
      return sweep(job);
    },
  });
  const ended = agent.run(controller.signal);
  const stop = () => controller.abort();
  try {
    await act({ broker, clock, jobs, events, stop, ended });
  } finally {
    stop();
    await ended.catch(() => {});
    assert.ok(broker.isClosed);
  }
}

/** Resolves when a sweep has begun. */
async function underWay(jobs: readonly SweepJob[], many = 1): Promise<void> {
  while (jobs.length < many) await new Promise(setImmediate);
}

function answerOf(broker: ScriptedBroker, chunk: Chunk = chunkOf()): ReceivedAnswer {
  return decodeAnswer(broker.sent[0]!.octets, chunk, blockOfRanges(chunk.ranges));
}

const problemsOf = (events: readonly AgentEvent[]) =>
  events.flatMap((event) => (event.type === 'problem' ? [event.message] : []));

describe('an agent', () => {
  test('sends the result of a chunk before it lets the chunk go', () =>
    withAgent({}, async ({ broker }) => {
      broker.offer('chunk', encodeChunk(chunkOf()), 2);
      await broker.until('chunk done');
      assert.deepEqual(broker.deeds, ['sent s1 0', 'chunk done']);
      const { attempt, findings } = answerOf(broker);
      assert.equal(attempt, 2);
      assert.deepEqual([...findings!.results.status], [0, 0, 0, 0, 0, 0, 0, 0]);
    }));

  test('sweeps with the settings and the rate of the chunk', () =>
    withAgent({}, async ({ broker, jobs }) => {
      const settings = { count: 4, periodMs: 50, canary: false as const, seed: 9 };
      broker.offer('chunk', encodeChunk(chunkOf({ settings, ratePps: 250 })));
      await broker.until('chunk done');
      const { ratePps, count, periodMs, seed, canary } = jobs[0]!.settings;
      assert.deepEqual([ratePps, count, periodMs, seed, canary], [250, 4, 50, 9, undefined]);
    }));

  test('renews a chunk three times in a lease while it is being swept', () =>
    withAgent({ sweep: endless }, async ({ broker, clock, jobs }) => {
      broker.offer('chunk', encodeChunk(chunkOf({ leaseMs: 6000 })));
      await underWay(jobs);
      clock.pass(2000);
      clock.pass(2000);
      assert.deepEqual(broker.deeds, ['chunk renewed', 'chunk renewed']);
    }));

  test('gives a chunk back at once when it is to end', () =>
    withAgent({ sweep: endless }, async ({ broker, jobs, stop, ended }) => {
      broker.offer('chunk', encodeChunk(chunkOf()));
      await underWay(jobs);
      stop();
      await ended;
      assert.deepEqual(broker.deeds, ['chunk given back for 0 ms']);
    }));

  test('stops a scan that is cancelled, and takes no more of its chunks', () =>
    withAgent({ sweep: endless }, async ({ broker, jobs }) => {
      broker.offer('first', encodeChunk(chunkOf()));
      await underWay(jobs);
      broker.cancel('another');
      broker.cancel('s1');
      broker.offer('second', encodeChunk(chunkOf({ chunk: 1 })));
      await broker.until('second dropped: cancelled');
      assert.deepEqual(broker.deeds, ['first dropped: cancelled', 'second dropped: cancelled']);
      assert.equal(jobs.length, 1);
    }));

  test('stops a scan that is paused, and takes its chunks again afterwards', () =>
    withAgent({ sweep: endless }, async ({ broker, jobs }) => {
      broker.offer('first', encodeChunk(chunkOf()));
      await underWay(jobs);
      broker.pause('s1');
      await broker.until('first dropped: paused');
      broker.offer('second', encodeChunk(chunkOf({ chunk: 1 })));
      await underWay(jobs, 2);
    }));

  test('ignores what is no control, and says what is one of a later version', () =>
    withAgent({}, async ({ broker, events }) => {
      // The server's answer to a message of another site's agent, which chose where it goes.
      broker.say(encodeJson({ stream: 'ES_RESULT', seq: 7 }));
      broker.say(encodeJson({ v: 2, cancel: 's1' }));
      assert.equal(problemsOf(events).length, 1);
      assert.match(problemsOf(events)[0]!, /version 2.*update it/);
    }));

  test('leaves a chunk whose time is over to others first, and says that its clock may be why', () =>
    withAgent({}, async ({ broker, clock, jobs, events }) => {
      const late = encodeChunk(chunkOf({ notAfterMs: NOW_MS - 1 }));
      broker.offer('chunk', late, 2);
      await broker.until('chunk given back for 1000 ms');
      broker.offer('chunk', late, 3);
      await broker.until('chunk dropped: too late');
      assert.deepEqual(clock.pauses, [10_000, 10_000]);
      assert.equal(jobs.length, 0);
      assert.match(problemsOf(events)[0]!, /clock may be ahead/);
    }));

  test('stops a chunk whose time ends', () =>
    withAgent({ sweep: endless }, async ({ broker, clock, jobs }) => {
      broker.offer('chunk', encodeChunk(chunkOf({ notAfterMs: NOW_MS + 1000 })));
      await underWay(jobs);
      clock.now += 1001;
      jobs[0]!.onProgress?.(PROGRESS);
      await broker.until('chunk given back for 1000 ms');
      assert.equal(broker.sent.length, 0);
    }));

  test('keeps a result until it can be sent, always as the same execution', () =>
    withAgent({}, async ({ broker, clock, events }) => {
      broker.sendError = new NotConnected('no connection');
      broker.offer('chunk', encodeChunk(chunkOf()));
      await broker.untilIt(() => broker.deeds.length >= 8);
      assert.deepEqual(clock.pauses.slice(0, 7), [250, 500, 1000, 2000, 4000, 5000, 5000]);
      assert.deepEqual(problemsOf(events), []);
      broker.sendError = new Error('maximum bytes exceeded');
      await broker.untilIt(() => broker.deeds.filter((deed) => deed.includes('bytes')).length >= 2);
      broker.sendError = undefined;
      broker.connect({ isConnected: true });
      await broker.until('chunk done');
      assert.deepEqual(problemsOf(events), ['a result cannot be sent yet: maximum bytes exceeded']);
      assert.match(broker.sent[0]!.execution, /^[0-9a-f-]{36}$/);
    }));

  test('ends if the broker refuses its key for good, even while a result waits', () =>
    withAgent({}, async ({ broker, ended }) => {
      broker.sendError = new EchosweepError('BROKER_REFUSED', 'the key is refused', 'join again');
      broker.offer('chunk', encodeChunk(chunkOf()));
      await assert.rejects(ended, { code: 'BROKER_REFUSED' });
    }));

  test('gives back a chunk of a later version, and says that it needs an update', () =>
    withAgent({}, async ({ broker, clock, events }) => {
      const later = encodeJson({
        ...JSON.parse(Buffer.from(encodeChunk(chunkOf())).toString()),
        v: 2,
      });
      broker.offer('chunk', later);
      await broker.until('chunk given back for 1000 ms');
      while (clock.pauses.length === 0) await new Promise(setImmediate);
      assert.match(problemsOf(events)[0]!, /version 2.*understands 1: update it/);
    }));

  test('drops what is no chunk of its site', () =>
    withAgent({}, async ({ broker, jobs }) => {
      broker.offer('rubbish', Buffer.from('rubbish'));
      broker.offer('paris', encodeChunk(chunkOf({ site: 'paris' })));
      await broker.until('paris dropped: the chunk is of another site');
      assert.match(broker.deeds[0]!, /^rubbish dropped/);
      assert.equal(jobs.length, 0);
    }));

  test('answers a chunk with settings that it cannot use with a refusal', () =>
    withAgent({}, async ({ broker, jobs }) => {
      broker.offer('chunk', encodeChunk(chunkOf({ settings: { count: 0 } })));
      await broker.until('chunk done');
      assert.match(answerOf(broker).refusal!, /--count: 0 is not valid/);
      assert.equal(jobs.length, 0);
    }));

  test('gives back what this machine cannot sweep, refuses it the third time, and lets others go first', () =>
    withAgent(
      {
        sweep: async () => {
          throw new EchosweepError('NO_ENGINE', 'no engine works here', 'run echosweep doctor');
        },
      },
      async ({ broker, clock, events }) => {
        broker.offer('first', encodeChunk(chunkOf()), 1);
        await broker.until('first given back for 5000 ms');
        assert.deepEqual(clock.pauses, [5000]);
        broker.offer('third', encodeChunk(chunkOf()), 3);
        await broker.until('third done');
        assert.equal(answerOf(broker).refusal, 'no engine works here: run echosweep doctor');
        assert.deepEqual(problemsOf(events)[0], 'no engine works here: run echosweep doctor');
      },
    ));

  test('says in its status what it does', () =>
    withAgent({ sweep: endless }, async ({ broker, clock, jobs }) => {
      broker.offer('chunk', encodeChunk(chunkOf()));
      await underWay(jobs);
      clock.pass(2000);
      const { chunks, nowMs, slots, unsent } = broker.statuses.at(-1)!;
      assert.deepEqual(
        { chunks, nowMs, slots, unsent },
        {
          chunks: [{ scan: 's1', chunk: 0, startedAtMs: NOW_MS, hosts: 8, done: 3, up: 2 }],
          nowMs: NOW_MS + 2000,
          slots: 1,
          unsent: 0,
        },
      );
    }));
});

describe('what an agent allows', () => {
  test('limits the targets, and what is denied is not covered', () =>
    withAgent({ allow: ['192.0.2.0/30'], deny: ['192.0.2.1'] }, async ({ broker, jobs }) => {
      broker.offer('chunk', encodeChunk(chunkOf()));
      await broker.until('chunk done');
      const { results, denied } = answerOf(broker).findings!;
      assert.equal(denied, 5);
      assert.deepEqual([...results.status], [0, 255, 0, 0, 255, 255, 255, 255]);
      assert.equal(jobs[0]!.targets.count, 3);
    }));

  test('sends nothing if no target is allowed', () =>
    withAgent({ allow: ['198.51.100.0/24'] }, async ({ broker, jobs }) => {
      broker.offer('chunk', encodeChunk(chunkOf()));
      await broker.until('chunk done');
      assert.equal(answerOf(broker).findings!.denied, 8);
      assert.equal(jobs[0]!.targets.count, 0);
    }));

  test('limits gateways, canaries and name servers too', async () => {
    for (const settings of [{ canary: '203.0.113.1' }, { dnsServer: '203.0.113.1:53' }]) {
      await withAgent({ allow: ['192.0.2.0/24'] }, async ({ broker, jobs }) => {
        broker.offer('chunk', encodeChunk(chunkOf({ settings })));
        await broker.until('chunk done');
        assert.match(
          answerOf(broker).refusal!,
          /203\.0\.113\.1.*outside what this agent may probe/,
        );
        assert.equal(jobs.length, 0);
      });
    }
    const allowed = new AllowedTargets(['192.0.2.0/24'], []);
    const gateway = { family: 4 as const, zone: '', first: 0xc6336401n, last: 0xc6336401n };
    assert.ok(
      allowed
        .deniedIn('')
        .some(({ first, last }) => first <= gateway.first && gateway.last <= last),
    );
  });

  test('limits the rate, also that of ARP requests', () =>
    withAgent({ mostRatePps: 100 }, async ({ broker, jobs }) => {
      const settings = { arpRatePps: 5000 };
      broker.offer('chunk', encodeChunk(chunkOf({ settings, ratePps: Number.POSITIVE_INFINITY })));
      await broker.until('chunk done');
      assert.equal(jobs[0]!.settings.ratePps, 100);
      assert.equal(jobs[0]!.settings.arpRatePps, 100);
    }));

  test('holds on every interface', () => {
    const allowed = new AllowedTargets([], ['fe80::/64']);
    const first = 0xfe80n << 112n;
    const ranges = [{ family: 6 as const, zone: 'eth0', first, last: first + 3n }];
    assert.deepEqual(allowed.of(ranges), []);
    const targets = blockOfRanges(ranges);
    assert.equal(addressText(targets, 0), 'fe80::%eth0');
  });

  test('holds for IPv4 addresses in IPv6, to which a TCP connection would lead past it', () => {
    const allowed = new AllowedTargets([], ['10.0.0.0/8']);
    const first = 0xffff_0a00_0001n;
    assert.deepEqual(allowed.of([{ family: 6, zone: '', first, last: first }]), []);
    assert.equal(allowed.allowsHost('[::ffff:10.0.0.53]:53'), false);
    assert.equal(allowed.allowsHost('2001:db8::53'), true);
  });

  test('holds for the addresses of IPv6 that a NAT64 makes denied ones of', () => {
    const allowed = new AllowedTargets([], ['203.0.113.0/24']);
    assert.equal(allowed.allowsHost('64:ff9b::203.0.113.7'), false);
    assert.equal(allowed.allowsHost('64:ff9b::203.0.112.255'), true);
    assert.equal(allowed.allowsHost('64:ff9b::203.0.114.0'), true);
    assert.equal(new AllowedTargets(['64:ff9b::/96'], []).allowsHost('64:ff9b::1.2.3.4'), true);
  });

  test('must be addresses', () => {
    assert.throws(() => new AllowedTargets(['printer.example'], []), { code: 'TARGET_INVALID' });
    assert.throws(() => new AllowedTargets(['192.0.2.0/99'], []), { code: 'TARGET_INVALID' });
  });
});
