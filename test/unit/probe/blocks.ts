/** Blocks without a prober, for tests of their parts: each test moves the clock and says what happens to the probes. */

import type { BlockSetup } from '../../../src/probe/block-setup.ts';
import { type BlockRules, HostBlock } from '../../../src/probe/host-block.ts';
import { type NeighbourPlaces, NO_PLACES } from '../../../src/probe/neighbour-places.ts';
import { RetryPace } from '../../../src/probe/retry-pace.ts';
import { makeSchedule, type ProbeSettings } from '../../../src/probe/schedule.ts';
import { SpareMemory } from '../../../src/probe/spare-memory.ts';
import { AllHosts, type UnprobedHosts } from '../../../src/probe/unprobed-hosts.ts';
import { block as targetsOf } from './probing.ts';

/** Two probes a host, 100 ms each. */
const SETTINGS: ProbeSettings = {
  count: 1,
  retries: 1,
  timeoutMs: 100,
  backoff: 1,
  periodMs: 100,
};

export const MS = 1e6;

export function setupOf(first: string, count: number, setup: Partial<BlockSetup> = {}): BlockSetup {
  return { number: 1, targets: targetsOf(first, count), scopeId: 0, reach: 'routed', ...setup };
}

export function blockOf(
  setup: BlockSetup,
  parts: {
    readonly settings?: Partial<ProbeSettings>;
    readonly unprobed?: UnprobedHosts;
    readonly places?: NeighbourPlaces;
  } = {},
): HostBlock {
  const schedule = makeSchedule({ ...SETTINGS, ...parts.settings });
  const rules: BlockRules = {
    schedule,
    retryPace: new RetryPace(schedule),
    sequenceKey: 77,
    loss: undefined,
    memory: new SpareMemory(),
  };
  const { unprobed = new AllHosts(setup.targets.count, undefined), places = NO_PLACES } = parts;
  return new HostBlock(setup, rules, unprobed, places);
}

/** Sends everything that is due now. @returns the hosts, in order */
export function sendDue(block: HostBlock, nowNs: number): number[] {
  const hosts: number[] = [];
  for (let host = block.due.take(nowNs); host >= 0; host = block.due.take(nowNs)) hosts.push(host);
  for (const host of hosts) block.recordSent(host, nowNs);
  return hosts;
}
