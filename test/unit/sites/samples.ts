/** Messages between hub and agents, for tests. */

import { parseAddress } from '../../../src/address.ts';
import { emptyResults } from '../../../src/results/block-results.ts';
import { blockOfRanges } from '../../../src/results/block-targets.ts';
import { MARKS, reasonNumber, statusNumber } from '../../../src/results/outcome.ts';
import type { AgentStatus } from '../../../src/sites/contract/agent-status.ts';
import type { Chunk } from '../../../src/sites/contract/chunk.ts';
import type { ChunkFindings } from '../../../src/sites/contract/chunk-result.ts';
import type { ChunkRun } from '../../../src/sites/contract/chunk-run.ts';
import { PACKETS, runOf } from '../report/samples.ts';

/** Of an agent that is sweeping one chunk. */
export const STATUS: AgentStatus = {
  version: '1.2.3',
  oldestContract: 1,
  newestContract: 1,
  nowMs: Date.UTC(2026, 0, 2),
  startedAtMs: Date.UTC(2026, 0, 1),
  slots: 2,
  chunks: [{ scan: 's1', chunk: 3, startedAtMs: Date.UTC(2026, 0, 2), hosts: 256, done: 9, up: 4 }],
  unsent: 0,
  problem: null,
  memoryOctets: 90_000_000,
};

/** The run of one chunk. */
export function chunkRun(values: Partial<ChunkRun> = {}): ChunkRun {
  const { version, engine, clock, workers, startedAt, endedAt } = runOf();
  const { worstDelayMs, canary, tcp, failure, doubts, notes } = runOf();
  return {
    version,
    engine,
    clock,
    workers,
    startedAt,
    endedAt: endedAt!,
    packets: PACKETS,
    worstDelayMs,
    canary,
    tcp,
    failure,
    doubts,
    notes,
    ...values,
  };
}

/** `192.0.2.0` to `192.0.2.7` at the site berlin. */
export function chunkOf(values: Partial<Chunk> = {}): Chunk {
  const first = parseAddress('192.0.2.0')!.value;
  return {
    site: 'berlin',
    scan: 's1',
    chunk: 0,
    ranges: [{ family: 4, zone: '', first, last: first + 7n }],
    settings: { retries: 1, canary: false },
    ratePps: 1000,
    notAfterMs: null,
    leaseMs: 6000,
    ...values,
  };
}

/** Every host of the chunk is up and has answered its first of two probes. */
export function findingsOf(chunk: Chunk = chunkOf()): ChunkFindings {
  const results = emptyResults(blockOfRanges(chunk.ranges), 2);
  const run = chunkRun();
  for (let host = 0; host < results.targets.count; host++) {
    results.status[host] = statusNumber('up');
    results.reason[host] = reasonNumber('echo-reply');
    results.sent[host] = 1;
    results.received[host] = 1;
    results.marks[2 * host] = MARKS.reply.charCodeAt(0);
    results.rttNs[2 * host] = 1_234_500;
    results.startedAtMs[host] = run.startedAt.getTime() + host;
  }
  return { results, hostnames: new Map(), run, denied: 0 };
}
