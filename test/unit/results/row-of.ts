/** One row of a block's results, for keeping. */

import type { BlockResults } from '../../../src/results/block-results.ts';
import { HostCursor } from '../../../src/results/host-cursor.ts';
import { type HostResult, keptHost } from '../../../src/results/host-result.ts';

export function rowOf(
  block: BlockResults,
  index: number,
  hostnames: ReadonlyMap<string, string> = new Map(),
): HostResult {
  const cursor = new HostCursor(block, hostnames);
  cursor.moveTo(index);
  return keptHost(cursor);
}
