/** Sets a prober on a scripted network and runs it to its end, without a moment of real waiting. */

import { parseAddress } from '../../../src/address.ts';
import type { FinalHostOutlet } from '../../../src/probe/final-host-queue.ts';
import { Prober } from '../../../src/probe/prober.ts';
import type { Reach } from '../../../src/probe/reach.ts';
import { makeSchedule, type ProbeSettings } from '../../../src/probe/schedule.ts';
import {
  type Counts,
  type HostCounts,
  prepareSharedState,
  SharedState,
} from '../../../src/probe/shared-state.ts';
import { type BlockResults, NOT_COVERED } from '../../../src/results/block-results.ts';
import { type BlockTargets, blockOfRanges } from '../../../src/results/block-targets.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import type { Transport } from '../../../src/transport/contract.ts';
import { rowOf } from '../results/row-of.ts';

const SETTINGS: ProbeSettings = {
  count: 1,
  retries: 2,
  timeoutMs: 1000,
  backoff: 1.5,
  periodMs: 1000,
};

/** A transport with a clock of its own. */
type ProbedNetwork = Transport & { readonly clockNs: number };

export interface Probing extends Partial<ProbeSettings> {
  readonly ratePps?: number;
  readonly requestRatePps?: number;
  readonly reach?: Reach;
  readonly interfaceIndex?: number;
  readonly scopeId?: number;
  readonly liveCells?: Uint8Array;
  readonly hostCounts?: HostCounts;
  readonly neighbourCap?: number;
  readonly ownAddresses?: readonly string[];
  readonly orderSeed?: number;
  readonly outlet?: FinalHostOutlet;
  /** Called after every step; may stop the sweep or meddle with the network. */
  readonly afterStep?: (shared: SharedState) => void;
}

export interface Probed {
  readonly results: BlockResults | undefined;
  readonly counts: Counts;
  /** As the sweep left it. */
  readonly shared: SharedState;
  /** Hosts with a row, by address. */
  readonly hosts: ReadonlyMap<string, HostResult>;
  host(address: string): HostResult;
}

export function block(first: string, count = 1): BlockTargets {
  const { family, value } = parseAddress(first)!;
  return blockOfRanges([{ family, zone: '', first: value, last: value + BigInt(count - 1) }]);
}

/** Probes one block to its end. */
export function probe(
  network: ProbedNetwork,
  targets: BlockTargets,
  probing: Probing = {},
): Probed {
  const shared = sharedState(network, probing);
  const prober = makeProber(network, shared, probing);
  let results: BlockResults | undefined;
  const { reach = 'routed', interfaceIndex = 0, scopeId = 0, liveCells, hostCounts } = probing;
  const where = { scopeId, reach, interfaceIndex };
  const shown = { ...(liveCells && { liveCells }), ...(hostCounts && { hostCounts }) };
  const setup = { number: 7, targets, ...where, ...shown };
  const done = (ended: BlockResults | undefined): void => {
    results = ended;
  };
  prober.addBlock(setup, done, probing.outlet);
  while (prober.busy) {
    const pauseNs = prober.step();
    probing.afterStep?.(shared);
    // As `drive` does: what waits for the system's neighbour table has no time of its own.
    if (pauseNs > 0 && prober.busy) void network.wait(pauseNs < Infinity ? pauseNs / 1e6 : 20);
  }
  const hosts = new Map<string, HostResult>();
  for (let host = 0; results !== undefined && host < targets.count; host++) {
    if (results.status[host] === NOT_COVERED) continue;
    const row = rowOf(results, host);
    hosts.set(row.address!, row);
  }
  return {
    results,
    counts: shared.counts(),
    shared,
    hosts,
    host: (address) => hosts.get(address)!,
  };
}

export function sharedState(network: ProbedNetwork, probing: Probing): SharedState {
  const memory = prepareSharedState({
    ratePps: probing.ratePps ?? Number.POSITIVE_INFINITY,
    ...(probing.requestRatePps !== undefined && { requestRatePps: probing.requestRatePps }),
    neighbourCap: probing.neighbourCap ?? 100,
    nowNs: network.clockNs,
  });
  return new SharedState(memory);
}

export function makeProber(
  network: ProbedNetwork,
  shared: SharedState,
  probing: Probing,
  worker = 0,
): Prober {
  return new Prober(network, shared, {
    schedule: makeSchedule({ ...SETTINGS, ...probing }),
    orderSeed: probing.orderSeed,
    key: [0x01234567, 0x89abcdef, 0x5a5a5a5a],
    worker,
    ownAddresses: probing.ownAddresses ?? ['192.0.2.1', '2001:db8::1'],
  });
}
