/** Whether the loopback address answered an engine's probe, in words. */

import type { BlockResults } from '../results/block-results.ts';
import { STATUSES } from '../results/outcome.ts';

/**
 * @param results of one block with one host
 * @returns one line; undefined if it did not answer
 */
export function loopbackAnswer(results: BlockResults): string | undefined {
  if (STATUSES[results.status[0]!] !== 'up') return undefined;
  const rttNs = results.rttNs.find((each) => !Number.isNaN(each));
  // On a busy host, the clock may not show when the probe left.
  if (rttNs === undefined) return '127.0.0.1 answered';
  return `127.0.0.1 answered in ${(rttNs / 1e6).toFixed(3)} ms`;
}
