/** Works on several blocks at once, and gives their results back in the order of the blocks. */

import type { BlockResults } from '../results/block-results.ts';
import type { BlockEngine, PlannedBlock } from './block-engine.ts';

/**
 * Probes every block, at most `engine.window` at once; what is finished early waits for its turn. The caller's pace is
 * the engine's: no further block is begun while the caller is busy with a result.
 * @param onFailure called with what an engine threw over a block; the other blocks go on
 */
export async function* probeInOrder(
  blocks: Iterable<PlannedBlock>,
  engine: Pick<BlockEngine, 'window' | 'probe'>,
  onFailure: (error: unknown) => void,
): AsyncGenerator<BlockResults> {
  const source = blocks[Symbol.iterator]();
  const underWay: Promise<BlockResults | undefined>[] = [];
  const probe = (block: PlannedBlock): Promise<BlockResults | undefined> =>
    engine.probe(block).catch((error: unknown) => {
      onFailure(error);
      return undefined;
    });
  for (;;) {
    while (underWay.length < engine.window) {
      const next = source.next();
      if (next.done === true) break;
      underWay.push(probe(next.value));
    }
    const first = underWay.shift();
    if (first === undefined) return;
    const results = await first;
    if (results !== undefined) yield results;
  }
}

/**
 * Does further work on each block, on `window` blocks at most at once, and gives the results back in order. What is done
 * leaves at once, also while the next block is still to come.
 * @param work never rejects
 */
export async function* inOrder<In, Out>(
  source: AsyncIterable<In>,
  work: (item: In) => Promise<Out>,
  window: number,
): AsyncGenerator<Out> {
  const items = source[Symbol.asyncIterator]();
  const underWay: Promise<Out>[] = [];
  let coming: Promise<IteratorResult<In>> | undefined;
  let isOver = false;
  for (;;) {
    if (!isOver && underWay.length < window) coming ??= items.next();
    const oldest = underWay[0];
    if (oldest === undefined && coming === undefined) return;
    if (oldest !== undefined && (coming === undefined || (await isFirst(oldest, coming)))) {
      void underWay.shift();
      yield await oldest;
      continue;
    }
    const item = await coming!;
    coming = undefined;
    if (item.done === true) isOver = true;
    else underWay.push(work(item.value));
  }
}

function isFirst(one: Promise<unknown>, other: Promise<unknown>): Promise<boolean> {
  return Promise.race([one.then(() => true), other.then(() => false)]);
}
