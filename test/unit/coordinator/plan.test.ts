/** Cutting a sweep up, and putting it together again in order. */

import assert from 'node:assert/strict';
import { availableParallelism } from 'node:os';
import { test } from 'node:test';
import fc from 'fast-check';
import type { BlockEngine, PlannedBlock } from '../../../src/coordinator/block-engine.ts';
import { probeInOrder } from '../../../src/coordinator/in-order.ts';
import {
  blockHostsFor,
  cutIntoBlocks,
  inOrderOfRanks,
  ownShare,
  withLiveProbes,
  workersFor,
} from '../../../src/coordinator/plan.ts';
import { Tally } from '../../../src/coordinator/tally.ts';
import type { LocalLink } from '../../../src/host-network/local-link.ts';
import { emptyResults, NOT_COVERED } from '../../../src/results/block-results.ts';
import {
  type AddressRange,
  addressText,
  blockOfRanges,
} from '../../../src/results/block-targets.ts';
import { makeLiveProbes } from '../../../src/results/live-probes.ts';
import { OUTCOMES, reasonNumber, statusNumber } from '../../../src/results/outcome.ts';

const SETTINGS = {
  count: 1,
  retries: 2,
  timeoutMs: 1000,
  backoff: 1.5,
  periodMs: 1000,
  ratePps: 1000,
};

const FAST = { ...SETTINGS, ratePps: Number.POSITIVE_INFINITY };

function range(first: number, last: number): AddressRange {
  return { family: 4, zone: '', first: BigInt(first), last: BigInt(last) };
}

/** Disjoint ascending ranges from cut points. */
const ranges = fc
  .uniqueArray(fc.integer({ min: 1, max: 4000 }), { minLength: 2, maxLength: 20, size: 'max' })
  .map((cuts) => [...cuts].sort((a, b) => a - b))
  .map((cuts) =>
    cuts.flatMap((cut, i) =>
      i % 2 === 0 && i + 1 < cuts.length ? [range(cut, cuts[i + 1]! - 1)] : [],
    ),
  )
  .filter((all) => all.length > 0);

test('blocks hold every address exactly once, in order, none too large, and none on two sides of a link', () => {
  fc.assert(
    fc.property(ranges, ranges, fc.integer({ min: 1, max: 300 }), (targets, onLink, blockHosts) => {
      const blocks = [...cutIntoBlocks(targets, onLink, blockHosts, () => 0)];
      const cut = blocks.flatMap(({ targets: block }) =>
        Array.from({ length: block.count }, (_, i) => addressText(block, i)),
      );
      const whole = blockOfRanges(targets);
      assert.deepEqual(
        cut,
        Array.from({ length: whole.count }, (_, i) => addressText(whole, i)),
      );
      for (const block of blocks) {
        assert.ok(block.targets.count <= blockHosts);
        for (const first of block.targets.firsts) {
          const isOnLink = onLink.some(
            (net) => net.first <= BigInt(first) && BigInt(first) <= net.last,
          );
          assert.equal(block.reach, isOnLink ? 'system' : 'routed');
        }
      }
    }),
  );
});

test('families and zones never share a block, and a zone is on its link', () => {
  const zoned = {
    family: 6,
    zone: 'eth0',
    first: 0xfe80n << 112n,
    last: (0xfe80n << 112n) + 3n,
  } as const;
  const blocks = [
    ...cutIntoBlocks([range(1, 2), zoned], [], 100, (zone) => (zone === 'eth0' ? 5 : 0)),
  ];
  assert.deepEqual(
    blocks.map(({ targets, scopeId, reach }) => [targets.family, targets.count, scopeId, reach]),
    [
      [4, 2, 0, 'routed'],
      [6, 4, 5, 'system'],
    ],
  );
});

test('hosts that are reached in different ways never share a block', () => {
  const link = (index: number): LocalLink => ({
    index,
    family: 4,
    interface: `eth${index}`,
    source: '192.0.2.1',
  });
  const onLink = [
    { ...range(3, 4), link: link(0) },
    { ...range(5, 6), link: link(1) },
    range(7, 8),
    { ...range(9, 9), link: link(0) },
  ];
  const blocks = [...cutIntoBlocks([range(1, 10)], onLink, 100, () => 0)];
  assert.deepEqual(
    blocks.map(({ targets, reach }) => [targets.count, reach]),
    [
      [2, 'routed'],
      [2, { link: 0 }],
      [2, { link: 1 }],
      [2, 'system'],
      [1, { link: 0 }],
      [1, 'routed'],
    ],
  );
  for (const [special, reach] of [
    [{ ...range(2, 3), isCutOff: true }, 'cut-off'],
    [{ ...range(2, 3), isRefused: true }, 'refused'],
  ] as const) {
    assert.deepEqual(
      [...cutIntoBlocks([range(1, 4)], [special], 100, () => 0)].map((block) => block.reach),
      ['routed', reach, 'routed'],
    );
  }
  const atTheEnds = [range(8, 9), range(1, 2)];
  assert.deepEqual(
    [...cutIntoBlocks([range(2, 8)], atTheEnds, 100, () => 0)].map(({ targets, reach }) => [
      targets.count,
      reach,
    ]),
    [
      [1, 'system'],
      [5, 'routed'],
      [1, 'system'],
    ],
  );
  const neighbours = [range(1, 2), range(3, 4)].map((net) => ({ ...net, link: link(0) }));
  assert.equal([...cutIntoBlocks([range(1, 4)], neighbours, 100, () => 0)].length, 1);
});

test('without targets there are no blocks', () => {
  assert.deepEqual([...cutIntoBlocks([], [range(1, 2)], 100, () => 0)], []);
});

test('hosts of a local network go by the index of its interface', () => {
  const networks = [
    { ...range(1, 2), interface: 'eth0' },
    { ...range(3, 4), interface: 'eth1' },
  ];
  const indexOf = (name: string): number => ({ eth0: 5, eth1: 6 })[name] ?? 0;
  assert.deepEqual(
    [...cutIntoBlocks([range(1, 5)], networks, 100, indexOf)].map((block) => block.interfaceIndex),
    [5, 6, undefined],
  );
});

test('a small or slow sweep has one worker, a large fast one as many as the machine has', () => {
  assert.equal(workersFor(16_384, FAST), 1);
  assert.equal(workersFor(1e6, SETTINGS), 1);
  assert.equal(workersFor(1e6, FAST), Math.min(availableParallelism(), 8));
  assert.equal(workersFor(1e6, { ...SETTINGS, ratePps: 59_999 }), 1);
  assert.equal(
    workersFor(1e6, { ...SETTINGS, ratePps: 60_000 }),
    Math.min(availableParallelism(), 8),
  );
  for (const few of [0, 1, 4_096]) assert.equal(workersFor(few, { ...FAST, tcpPorts: [443] }), 1);
  assert.equal(
    workersFor(4_097, { ...FAST, tcpPorts: [443] }),
    Math.min(availableParallelism(), 2),
  );
});

test('as many workers as the options name, but none without a block', () => {
  const withSeven = { ...SETTINGS, workers: 7 };
  assert.equal(workersFor(0, withSeven), 1);
  assert.equal(workersFor(1, withSeven), 1);
  assert.equal(workersFor(257, withSeven), 2);
  assert.equal(workersFor(6 * 256, withSeven), 6);
  assert.equal(workersFor(6 * 256 + 1, withSeven), 7);
  assert.equal(workersFor(1e6, withSeven), 7);
  // A block of so many probes has 128 hosts.
  assert.equal(workersFor(300, { ...withSeven, count: 1024 }), 3);
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e6 }),
      fc.integer({ min: 1, max: 64 }),
      fc.integer({ min: 1, max: 70_000 }),
      (targets, named, count) => {
        const settings = { ...SETTINGS, count, workers: named };
        const workers = workersFor(targets, settings);
        const blocks = Math.ceil(targets / blockHostsFor(targets, workers, settings));
        assert.ok(workers <= Math.min(named, blocks));
      },
    ),
  );
});

test('a small sweep has no other thread, a fast one is small for longer, and two processors share the fastest, unless it takes TCP connections or the options name workers', () => {
  assert.equal(ownShare(1_024, SETTINGS), 'all');
  assert.equal(ownShare(1_025, SETTINGS), 'none');
  assert.equal(ownShare(1_025, { ...SETTINGS, ratePps: 60_000 }), 'all');
  assert.equal(ownShare(16_384, FAST), 'all');
  for (const processors of [1, 2, 3, 8]) {
    assert.equal(ownShare(16_384, FAST, processors), 'all');
    assert.equal(ownShare(16_385, FAST, processors), processors === 2 ? 'half' : 'none');
    assert.equal(ownShare(16_385, { ...SETTINGS, ratePps: 1e6 }, processors), 'none');
  }
  for (const targets of [254, 65_536]) {
    assert.equal(ownShare(targets, { ...FAST, tcpPorts: [443] }, 2), 'none');
    assert.equal(ownShare(targets, { ...FAST, workers: 2 }, 2), 'none');
  }
});

test('each worker gets four blocks, none too small or too large; many probes a host make small ones', () => {
  assert.equal(blockHostsFor(100_000, 4, SETTINGS), 6_250);
  assert.equal(blockHostsFor(1e6, 2, SETTINGS), 8_192);
  assert.equal(blockHostsFor(1e6, 2, { ...SETTINGS, count: 1024 }), 128);
  assert.equal(blockHostsFor(1, 1, SETTINGS), 256);
});

/** Finishes blocks when told, and counts how many it has at once. */
class EngineByHand implements BlockEngine {
  readonly window = 4;
  readonly waiting: { block: PlannedBlock; finish: (fail?: Error) => void }[] = [];
  most = 0;

  probe(block: PlannedBlock): ReturnType<BlockEngine['probe']> {
    return new Promise((resolve, reject) => {
      const finish = (fail?: Error): void =>
        fail === undefined ? resolve(emptyResults(block.targets, 1)) : reject(fail);
      this.waiting.push({ block, finish });
      this.most = Math.max(this.most, this.waiting.length);
    });
  }

  async close(): Promise<void> {}
}

test('results come in the order of the blocks, however they finish, and a failed block does not stop the others', async () => {
  const engine = new EngineByHand();
  const blocks = cutIntoBlocks([range(1, 10)], [], 1, () => 0);
  const failures: unknown[] = [];
  const seen: string[] = [];
  const reading = (async () => {
    for await (const results of probeInOrder(blocks, engine, (error) => failures.push(error))) {
      seen.push(addressText(results.targets, 0));
    }
  })();
  for (let finished = 0; finished < 10; finished++) {
    await new Promise((resolve) => setImmediate(resolve));
    const { block, finish } = engine.waiting.pop()!;
    finish(addressText(block.targets, 0) === '0.0.0.3' ? new Error('lost') : undefined);
  }
  await reading;
  assert.deepEqual(
    seen,
    [1, 2, 4, 5, 6, 7, 8, 9, 10].map((n) => `0.0.0.${n}`),
  );
  assert.equal(failures.length, 1);
  assert.ok(engine.most <= engine.window);
});

test('the tally counts rows by status and reason, and round-trip times to a thousandth', () => {
  const tally = new Tally();
  const block = { ...emptyResults(blockOfRanges([range(1, 100)]), 1), errnos: ['ENETUNREACH'] };
  for (let host = 0; host < 100; host++) {
    block.status[host] = host < 98 ? statusNumber('up') : statusNumber('error');
    block.reason[host] = reasonNumber(host < 98 ? 'echo-reply' : 'no-route');
    if (host < 98) block.rttNs[host] = (host + 1) * 1e6;
  }
  block.errno[98] = 1;
  block.status[99] = NOT_COVERED;
  tally.add(block);
  assert.deepEqual(tally.statuses, { up: 98, unreachable: 0, down: 0, error: 1 });
  assert.deepEqual(tally.reasons, { 'echo-reply': 98, 'no-route': 1 });
  assert.deepEqual(tally.outcomes, { up: { 'echo-reply': 98 }, error: { 'no-route': 1 } });
  assert.equal(tally.rows, 99);
  assert.equal(tally.uncovered, 1);
  assert.deepEqual([...tally.sendErrors], [['ENETUNREACH', 1]]);
  const { minMs, medianMs, p95Ms, maxMs } = tally.rtt!;
  assert.deepEqual([minMs, maxMs], [1, 98]);
  for (const [got, expected] of [
    [medianMs, 49],
    [p95Ms, 93],
  ] as const) {
    assert.ok(Math.abs(got - expected) <= expected * 0.001, `${got} for ${expected}`);
  }
});

test('no round-trip time of a tally is shorter than the shortest or longer than the longest', () => {
  const slow = emptyResults(blockOfRanges([range(1, 1)]), 1);
  slow.rttNs[0] = 1500e6;
  const one = new Tally();
  one.add(slow);
  const all = { minMs: 1500, medianMs: 1500, p95Ms: 1500, maxMs: 1500 };
  assert.deepEqual(one.rtt, all);
  const fast = emptyResults(blockOfRanges([range(2, 2)]), 1);
  fast.rttNs[0] = 333.333e6;
  const other = new Tally();
  other.add(fast);
  one.addAll(other);
  assert.equal(one.rtt!.minMs, 333.333);
  assert.equal(one.rtt!.maxMs, 1500);
});

test('the tally counts every outcome that there is', () => {
  const tally = new Tally();
  const block = emptyResults(blockOfRanges([range(1, OUTCOMES.length)]), 1);
  OUTCOMES.forEach(({ status, reason }, host) => {
    block.status[host] = statusNumber(status);
    block.reason[host] = reasonNumber(reason);
  });
  tally.add(block);
  for (const { status, reason } of OUTCOMES)
    assert.equal(tally.outcomes[status]?.[reason], 1, `${status}, ${reason}`);
});

test('hosts and blocks follow the ranks of their targets, and keep their part of the memory', () => {
  const live = makeLiveProbes(9, 1);
  const blocks = withLiveProbes(
    cutIntoBlocks([range(0, 8)], [], 3, () => 0),
    live,
  );
  const ranked = inOrderOfRanks(blocks, Uint32Array.of(5, 1, 3, 2, 0, 4, 8, 7, 6));
  assert.deepEqual(
    ranked.map(({ targets, order, liveProbes }) => [
      targets.firsts[0]! & 0xff,
      [...order!],
      liveProbes!.states.byteOffset,
      liveProbes!.states.length,
    ]),
    [
      [3, [1, 0, 2], 3, 3],
      [0, [1, 2, 0], 0, 3],
      [6, [2, 1, 0], 6, 3],
    ],
  );
});
