/** Who is asked beside the targets, and how often. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatZonedAddress, parseAddress } from '../../../src/address.ts';
import type { BlockEngine, PlannedBlock } from '../../../src/coordinator/block-engine.ts';
import { Canary, chooseCanary } from '../../../src/coordinator/canary.ts';
import { parseRoutes4 } from '../../../src/host-network/linux/routes.ts';
import { RoutesToTargets } from '../../../src/host-network/routes-to-targets.ts';
import { type BlockResults, emptyResults } from '../../../src/results/block-results.ts';
import { type AddressRange, blockOfRanges } from '../../../src/results/block-targets.ts';
import { type Status, statusNumber } from '../../../src/results/outcome.ts';
import { resolveSettings, type SweepOptions } from '../../../src/settings.ts';
import type { TargetSet } from '../../../src/targets/target-set.ts';

/** Everything goes by 10.0.2.254, but 10.0.2.0/24. */
const WAY = new RoutesToTargets(
  undefined,
  parseRoutes4(
    `Iface Destination Gateway Flags RefCnt Use Metric Mask MTU Window IRTT
eth0 00000000 FE02000A 0003 0 0 100 00000000 0 0 0
eth0 0002000A 00000000 0001 0 0 100 00FFFFFF 0 0 0
`,
    () => true,
  ),
);

function range(first: string, last = first): AddressRange {
  const { family, value } = parseAddress(first)!;
  return { family, zone: '', first: value, last: parseAddress(last)!.value };
}

function targetsOf(ranges: readonly AddressRange[], excluded: readonly AddressRange[] = []) {
  const count = ranges.reduce((sum, { first, last }) => sum + Number(last - first) + 1, 0);
  return {
    ranges,
    count,
    hostnames: new Map(),
    excluded,
    unresolved: [],
    notes: [],
  } satisfies TargetSet;
}

const settingsOf = (options: Omit<SweepOptions, 'targets'> = {}) =>
  resolveSettings({ targets: [], ...options });

const ROUTED = range('192.0.2.0', '192.0.2.255');

describe('the canary of a sweep', () => {
  const chosen = (targets: TargetSet, options: Omit<SweepOptions, 'targets'> = {}) => {
    const choice = chooseCanary(settingsOf(options), targets, WAY);
    return choice === undefined ? 'nobody' : `${choice.choice} ${formatZonedAddress(choice)}`;
  };

  test('is the gateway, or the host that was named', () => {
    assert.equal(chosen(targetsOf([ROUTED])), 'gateway 10.0.2.254');
    assert.equal(chosen(targetsOf([ROUTED]), { canary: '198.51.100.1' }), 'named 198.51.100.1');
    assert.equal(
      chosen(targetsOf([range('127.0.0.1')]), { canary: 'fe80::1%eth0' }),
      'named fe80::1%eth0',
    );
  });

  test('is left out for few targets, for this host and its links, on request, and if the gateway is excluded', () => {
    assert.equal(chosen(targetsOf([range('192.0.2.1', '192.0.2.15')])), 'nobody');
    assert.equal(chosen(targetsOf([range('192.0.2.1', '192.0.2.16')])), 'gateway 10.0.2.254');
    assert.equal(chosen(targetsOf([range('127.0.0.0', '127.255.255.255')])), 'nobody');
    assert.equal(chosen(targetsOf([range('10.0.2.0', '10.0.2.255')])), 'nobody');
    assert.equal(chosen(targetsOf([ROUTED]), { canary: false }), 'nobody');
    const excluded = [range('10.0.2.128', '10.0.2.255')];
    assert.equal(chosen(targetsOf([ROUTED], excluded)), 'nobody');
  });

  test('is never a group of hosts', () => {
    for (const canary of ['224.0.0.1', '255.255.255.255', '0.0.0.0', 'ff02::1', '::'])
      assert.throws(() => chosen(targetsOf([ROUTED]), { canary }), /is not a single host/, canary);
  });
});

/** Answers as it is told, one mark an ask, and then no more. What is marked `~` is answered when the engine closes. */
class ScriptedEngine implements BlockEngine {
  readonly window = 1;
  readonly asked: PlannedBlock[] = [];
  private readonly marks: string;
  private answer = (): void => {};

  constructor(marks: string) {
    this.marks = marks;
  }

  probe(block: PlannedBlock): Promise<BlockResults | undefined> {
    const mark = this.marks[this.asked.length];
    this.asked.push(block);
    if (mark === undefined) return new Promise(() => {});
    const results = emptyResults(block.targets, 1);
    results.status[0] = statusNumber(mark === '!' ? 'up' : 'down');
    results.startedAtMs[0] = Date.now();
    results.sent[0] = 1;
    results.received[0] = mark === '!' ? 1 : 0;
    if (mark !== '~') return Promise.resolve(results);
    return new Promise((resolve) => {
      this.answer = () => resolve(results);
    });
  }

  async close(): Promise<void> {
    this.answer();
  }
}

async function asks(
  choice: 'named' | 'gateway',
  marks: string,
  hasSilentHosts: boolean,
  probed: readonly BlockResults[] = [],
  options: Omit<SweepOptions, 'targets'> = {},
): Promise<{ asked: number; canary: Canary; engine: ScriptedEngine }> {
  const engine = new ScriptedEngine(marks);
  const host = { family: 4, value: parseAddress('10.0.2.254')!.value, zone: '', choice } as const;
  const canary = new Canary(host, settingsOf(options), WAY, 0);
  canary.start(engine);
  await new Promise((resolve) => setImmediate(resolve));
  for (const results of probed) canary.noteHosts(results);
  await canary.end(engine, hasSilentHosts);
  return { asked: engine.asked.length, canary, engine };
}

describe('at the end of a short sweep', () => {
  test('the canary is not probed again if every host answered', async () => {
    assert.equal((await asks('gateway', '!', false)).asked, 1);
    assert.equal((await asks('named', '!', false)).asked, 1);
  });

  test('the canary is probed once more if hosts were silent, and twice if it is silent itself', async () => {
    assert.equal((await asks('gateway', '!!', true)).asked, 2);
    assert.equal((await asks('gateway', '!.!', true)).asked, 3);
    const { asked, canary } = await asks('gateway', '!..', true);
    assert.equal(asked, 3);
    assert.equal(canary.record.silences.length, 1);
  });

  test('a gateway that has not answered yet is not waited for; a named host is, for two probes', async () => {
    assert.equal((await asks('gateway', '', true)).asked, 1);
    const { asked, canary } = await asks('named', '..', false);
    assert.equal(asked, 2);
    assert.deepEqual([canary.record.sent, canary.record.received], [2, 0]);
  });

  test('a probe under way at the end is in the record', async () => {
    const { canary, engine } = await asks('gateway', '~', false);
    assert.equal(canary.record.sent, 0);
    await engine.close();
    await canary.settle();
    assert.equal(canary.record.sent, 1);
  });

  test('what was sent for it is counted apart', async () => {
    const { canary } = await asks('gateway', '!!', true);
    const { sent, received, hostsDone, hostsUp } = canary.packets;
    assert.deepEqual([sent, received, hostsDone, hostsUp], [2, 2, 2, 2]);
  });
});

/** Two silent hosts and one that answered only its retry, probed just now. */
function threeHosts(first: string, last: string): BlockResults {
  const results = emptyResults(blockOfRanges([range(first, last)]), 2);
  results.status.set(['down', 'down', 'up'].map((status) => statusNumber(status as Status)));
  results.sent.fill(2);
  results.received[2] = 1;
  results.startedAtMs.fill(Date.now() - 100);
  return results;
}

describe('hosts that may be missed because the canary was silent', () => {
  const missed = async (
    choice: 'named' | 'gateway',
    options: Omit<SweepOptions, 'targets'> = {},
  ): Promise<number> => {
    const probed = [threeHosts('192.0.2.1', '192.0.2.3'), threeHosts('10.0.2.1', '10.0.2.3')];
    const { canary } = await asks(choice, '!..', true, probed, options);
    return canary.record.silences[0]!.hosts;
  };

  test('are those behind the gateway, or all if the canary was named', async () => {
    assert.equal(await missed('gateway'), 2);
    assert.equal(await missed('named'), 4);
  });

  test('are those too that answered not all of a count of probes', async () => {
    assert.equal(await missed('gateway', { count: 2 }), 3);
  });
});
