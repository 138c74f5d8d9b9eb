/** Reads a file of targets, whatever its format, into a collector. */

import { decodedText } from '../text/decoded-text.ts';
import { peekedText } from '../text/peeked-text.ts';
import { FoundTargets } from './files/format.ts';
import { formatOf } from './files/registry.ts';
import type { TargetCollector } from './target-collector.ts';

/** What a target file turned out to be. */
export interface TargetFile {
  /** What its format is called; undefined for a plain list. */
  readonly format: string | undefined;
  /** Its targets and hosts, each time they occur. */
  readonly count: number;
  /** Addresses in it that cannot be swept, such as multicast ones in a hosts file. */
  readonly leftOut: number;
}

/**
 * Reads from start to end, and never holds more than 64 KB and a line of it. Targets that are wrong are kept for
 * `collector.refuseWrong`, so that all files are read first.
 * @param source names the file in messages
 * @throws EchosweepError `TARGET_INVALID` if the file as a whole cannot be read
 */
export async function readTargetFile(
  chunks: AsyncIterable<Uint8Array | string>,
  source: string,
  collector: TargetCollector,
): Promise<TargetFile> {
  const found = new FoundTargets(collector, source);
  const { count, leftOut } = collector;
  const text = await peekedText(decodedText(chunks, found.refuse));
  const format = formatOf(text.head);
  await format.read(text, found);
  return {
    format: format.name,
    count: collector.count - count,
    leftOut: collector.leftOut - leftOut,
  };
}
