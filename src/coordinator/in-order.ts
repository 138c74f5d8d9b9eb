/** Keeps an engine busy with blocks and gives their results back in the order of the blocks. */

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
