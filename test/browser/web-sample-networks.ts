/** Four made-up networks: how large each is, when it was scanned, and how every address of it is. */

import type { HostState } from '../../src/web/page/answers.ts';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Deterministic, from 0 to 1. */
export function chance(host: number, salt: number): number {
  let x = Math.imul(host + 1, 0x9e3779b1) ^ Math.imul(salt + 1, 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 16), 0x45d9f3b);
  x = Math.imul(x ^ (x >>> 15), 0x2c1b3c6d);
  return ((x ^ (x >>> 16)) >>> 0) / 2 ** 32;
}

/** A network of consecutive addresses. */
export interface SampleNetwork {
  readonly name: string;
  readonly prefix: string;
  readonly site: string | null;
  /** First two octets. */
  readonly base: string;
  readonly third: number;
  readonly size: number;
  /** Share of the addresses in use. */
  readonly use: number;
  readonly scannedAgo: number | null;
  readonly doubt?: string;
}

export const NETWORKS: readonly SampleNetwork[] = [
  {
    name: 'office',
    prefix: '10.20.30.0/24',
    site: 'Berlin',
    base: '10.20',
    third: 30,
    size: 256,
    use: 0.62,
    scannedAgo: 12 * 60_000,
  },
  {
    name: 'datacentre',
    prefix: '10.64.0.0/16',
    site: 'Frankfurt',
    base: '10.64',
    third: 0,
    size: 65_536,
    use: 0.31,
    scannedAgo: 47 * 60_000,
  },
  {
    name: 'cameras',
    prefix: '10.20.31.0/25',
    site: 'Berlin',
    base: '10.20',
    third: 31,
    size: 128,
    use: 0.96,
    scannedAgo: 3 * HOUR,
    doubt: '3 % of the replies were dropped by this host',
  },
  {
    name: 'branch',
    prefix: '10.31.0.0/22',
    site: 'Hamburg',
    base: '10.31',
    third: 0,
    size: 1024,
    use: 0.4,
    scannedAgo: null,
  },
];

export function stateOf(i: number, { use }: SampleNetwork): HostState {
  // Neighbours are alike: subnets fill from their beginning.
  const block = i >> 6;
  const here = use * (0.55 + 0.9 * chance(block, 1)) * (i % 64 < 40 ? 1.15 : 0.6);
  const luck = chance(i, 2);
  if (luck < here) return chance(i, 3) < 0.035 ? 'missing' : 'up';
  return chance(i, 4) < 0.045 ? 'gone' : 'silent';
}

export function rttOf(i: number): number {
  return 0.3 + 6 * chance(i >> 6, 5) ** 3 + 2 * chance(i, 6) ** 4;
}

export function addressAt(i: number, { base, third }: SampleNetwork): string {
  return `${base}.${third + (i >> 8)}.${i & 255}`;
}

export function isConflict(i: number, { name }: SampleNetwork): boolean {
  return name === 'office' && i === 41;
}

/** As the API writes a time. */
export function iso(at: number): string {
  return new Date(at).toISOString();
}
