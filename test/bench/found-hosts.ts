/** Compares the hosts that a program found with those that exist, each counted once. */

import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Program } from './programs.ts';
import { addressNumber, type Range } from './range.ts';

export interface Found {
  /** Live hosts that it did not find. */
  readonly missed: number;
  /** Hosts that it found but do not exist. */
  readonly invented: number;
}

/** @returns undefined for a program that does not report hosts */
export async function compareWithTruth(
  file: string,
  program: Program,
  range: Range,
  isLive: (address: number) => boolean,
): Promise<Found | undefined> {
  const { hostOf, countOf } = program;
  if (countOf !== undefined) {
    const surplus = countOf(await readFile(file, 'utf8')) - countLive(range, isLive);
    return { missed: Math.max(0, -surplus), invented: Math.max(0, surplus) };
  }
  if (hostOf === undefined) return undefined;
  const found = new Uint8Array(range.hosts);
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const host = hostOf(line);
    // Some programs also probe the network and broadcast addresses; that is neither right nor wrong.
    if (host !== undefined) found[addressNumber(host) - range.first] = 1;
  }
  let missed = 0;
  let invented = 0;
  for (let i = 0; i < range.hosts; i++) {
    const isUp = isLive(range.first + i);
    if (isUp && found[i] === 0) missed++;
    if (!isUp && found[i] === 1) invented++;
  }
  return { missed, invented };
}

export function countLive(range: Range, isLive: (address: number) => boolean): number {
  let live = 0;
  for (let address = range.first; address <= range.last; address++) if (isLive(address)) live++;
  return live;
}
