/** Shares a sweep between the coordinator's own thread, which probes while the other still starts, and a pool of one worker. */

import type { EchosweepError } from '../errors.ts';
import { type BlockResults, memoryOf } from '../results/block-results.ts';
import type { OnFinalHosts } from '../results/final-hosts.ts';
import type { BlockEngine, PlannedBlock } from './block-engine.ts';

export class JointEngine implements BlockEngine {
  readonly window: number;
  private readonly local: BlockEngine;
  private readonly pool: Promise<BlockEngine>;
  private readonly blocksUnderWay = { local: 0, pool: 0 };
  /** Results of this thread. */
  private readonly own = new WeakSet<BlockResults>();

  /** @param pool if it does not start, its blocks reject as it does */
  constructor(local: BlockEngine, pool: Promise<BlockEngine>) {
    this.window = 2 * local.window;
    this.local = local;
    this.pool = pool;
    // It may fail before a block waits for it.
    pool.catch(() => {});
  }

  get socketFailure(): EchosweepError | undefined {
    return this.local.socketFailure;
  }

  async probe(block: PlannedBlock, onFinal?: OnFinalHosts): Promise<BlockResults | undefined> {
    const { blocksUnderWay } = this;
    const side = blocksUnderWay.local <= blocksUnderWay.pool ? 'local' : 'pool';
    blocksUnderWay[side]++;
    try {
      const results = await (await this[side]).probe(block, onFinal);
      if (side === 'pool' || results === undefined) return results;
      const own = asFromWorker(results);
      this.own.add(own);
      return own;
    } finally {
      blocksUnderWay[side]--;
    }
  }

  reuse(results: BlockResults): void {
    if (this.own.has(results)) this.local.reuse?.(results);
    // A copy that was made of results of this thread comes here too, even if the pool did not start.
    else void this.pool.then((pool) => pool.reuse?.(results)).catch(() => {});
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

/** A copy, as those of a worker are: for objects of another make, V8 compiles again all that reads results. */
function asFromWorker(results: BlockResults): BlockResults {
  return structuredClone(results, { transfer: memoryOf(results) });
}
