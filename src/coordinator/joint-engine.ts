/** Shares a sweep between the coordinator's own thread, which probes while others still start, and a pool of workers. */

import type { EchosweepError } from '../errors.ts';
import { type BlockResults, memoryOf } from '../results/block-results.ts';
import type { OnFinalHosts } from '../results/final-hosts.ts';
import type { BlockEngine, PlannedBlock } from './block-engine.ts';

interface Side {
  readonly engine: BlockEngine | Promise<BlockEngine>;
  readonly threads: number;
  blocksUnderWay: number;
}

export class JointEngine implements BlockEngine {
  readonly window: number;
  private readonly local: BlockEngine;
  private readonly pool: Promise<BlockEngine>;
  private readonly sides: readonly [here: Side, there: Side];

  /**
   * @param pool each block that it should probe ends with what it rejects with
   * @param workers threads that probe, this one included
   */
  constructor(local: BlockEngine, pool: Promise<BlockEngine>, workers: number) {
    this.window = local.window * workers;
    this.local = local;
    this.pool = pool;
    this.sides = [
      { engine: local, threads: 1, blocksUnderWay: 0 },
      { engine: pool, threads: workers - 1, blocksUnderWay: 0 },
    ];
    // Until a block needs it, nothing else waits for it.
    pool.catch(() => {});
  }

  get socketFailure(): EchosweepError | undefined {
    return this.local.socketFailure;
  }

  async probe(block: PlannedBlock, onFinal?: OnFinalHosts): Promise<BlockResults | undefined> {
    const [here, there] = this.sides;
    const side = blocksPerThread(here) <= blocksPerThread(there) ? here : there;
    side.blocksUnderWay++;
    try {
      const results = await (await side.engine).probe(block, onFinal);
      return side === here && results !== undefined ? asFromWorker(results) : results;
    } finally {
      side.blocksUnderWay--;
    }
  }

  async close(): Promise<void> {
    // A pool that did not start has nothing left to end.
    const pool = await this.pool.catch(() => undefined);
    const ending = pool?.close();
    try {
      await this.local.close();
    } finally {
      await ending;
    }
  }
}

function blocksPerThread({ blocksUnderWay, threads }: Side): number {
  return blocksUnderWay / threads;
}

/** V8 compiles all that reads results again for objects of another make: those of a worker are copies. */
function asFromWorker(results: BlockResults): BlockResults {
  return structuredClone(results, { transfer: memoryOf(results) });
}
