/** The record of a sweep on several sites: what its chunks say is added up. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { PacketCounts, RunRecord } from '../../../src/results/run-record.ts';
import type { ChunkRun } from '../../../src/sites/contract/chunk-run.ts';
import { noPackets } from '../../../src/sites/contract/chunk-run.ts';
import { honestFindings } from './scripted-hub.ts';
import { answerOf, CHUNK_HOSTS, HOSTS, World } from './site-world.ts';

const CHUNKS = HOSTS / CHUNK_HOSTS;
/** The sum of a counter that is 1 in the first chunk, 10 in the second, and so on. */
const SUM = 11_111;

/** The record of a sweep of one site whose chunks say this. */
async function recordOf(chunkRun: (chunk: number) => Partial<ChunkRun>): Promise<RunRecord> {
  const world = await World.of(['berlin']);
  world.step = () =>
    world.doAll('berlin', ({ site, chunk }) => {
      const findings = honestFindings(site, chunk.targets, chunkRun(chunk.chunk));
      const mac = `00:00:5e:00:53:0${chunk.chunk}`;
      const conflict = {
        address: `10.0.0.${CHUNK_HOSTS * chunk.chunk}`,
        macs: [mac, mac],
      } as const;
      const results = { ...findings.results, macConflicts: [conflict] };
      return answerOf(chunk, { ...findings, results });
    });
  return world.sweep();
}

describe('the record of a sweep on several sites', () => {
  test('has the sums of all counters, and those of the TCP ports', async () => {
    const counters = Object.keys(noPackets()) as (keyof PacketCounts)[];
    const countsOf = (unit: number) =>
      Object.fromEntries(counters.map((counter, i) => [counter, (i + 1) * unit]));
    const tcpOf = (unit: number) => ({
      ports: [22, 443],
      hosts: unit,
      connections: 2 * unit,
      failed: 3 * unit,
    });
    const { packets, tcp } = await recordOf((chunk) => ({
      packets: countsOf(10 ** chunk) as unknown as PacketCounts,
      tcp: chunk === 1 ? null : tcpOf(10 ** chunk),
    }));
    assert.deepEqual(packets, countsOf(SUM));
    assert.deepEqual(tcp, tcpOf(SUM - 10));
  });

  test('does not know what was dropped if one of the chunks does not', async () => {
    const { packets } = await recordOf((chunk) => ({
      packets: { ...noPackets(), dropped: chunk === 1 ? null : 1 },
    }));
    assert.equal(packets.dropped, null);
  });

  test('has every engine, the worst clock and delay, the most workers, and the first failure', async () => {
    const run = await recordOf((chunk) => ({
      engine: (['raw', 'dgram', null, 'raw', 'raw'] as const)[chunk]!,
      clock: chunk === 2 ? 'process' : 'kernel',
      workers: [2, 1, 3, 1, 1][chunk]!,
      worstDelayMs: [2, 1, 7, 3, 1][chunk]!,
      failure: chunk < 3 ? null : `failure of chunk ${chunk}`,
    }));
    assert.deepEqual(
      [run.engine, run.clock, run.workers, run.worstDelayMs, run.failure],
      ['dgram+raw', 'process', 3, 7, 'berlin/a1: failure of chunk 3'],
    );
  });

  test('has the addresses with two MAC addresses of all chunks', async () => {
    const { macConflicts } = await recordOf(() => ({}));
    assert.deepEqual(
      macConflicts.map(({ address }) => address),
      Array.from({ length: CHUNKS }, (_, chunk) => `10.0.0.${CHUNK_HOSTS * chunk}`),
    );
  });

  test('has each sentence once, and a hundred of a kind at most', async () => {
    const { doubts, notes } = await recordOf((chunk) => ({
      doubts: Array.from({ length: 50 }, (_, i) => `doubt ${50 * chunk + i}`),
      notes: chunk < 2 ? ['the same note'] : [],
    }));
    assert.deepEqual(doubts, [
      ...Array.from({ length: 100 }, (_, i) => `berlin/a1: doubt ${i}`),
      `and ${50 * CHUNKS - 100} more like these`,
    ]);
    assert.deepEqual(notes, ['berlin/a1: the same note (2 times)']);
  });
});
