/** What the benchmark found, as it is kept in figures.json and shown on the page. */

import type { Cost } from './measure.ts';

/** One whole process: what it cost and what it found. */
export interface Run extends Omit<Cost, 'memoryMiB'> {
  /** Live hosts that it did not find, and hosts that it found where there are none; undefined where it finds none by its nature. */
  readonly missed?: number;
  readonly invented?: number;
}

/** A program's runs of one scenario, the n-th taken in the same round as every other program's n-th. */
export interface Entrant {
  readonly name: string;
  readonly version: string;
  /** Its command line with the range and the files named by what they are. */
  readonly command: string;
  /** What it waits at the end because its command line says so; not counted in its probes a second. */
  readonly idleMs: number;
  readonly runs: readonly Run[];
}

/** Programs beside each other over the same hosts. */
export interface Race {
  readonly kind: 'race';
  readonly hosts: number;
  readonly live: number;
  readonly entrants: readonly Entrant[];
}

/** What was observed of a sweep, as a table, and as numbers that targets ask for. */
export interface Observation {
  readonly kind: 'observation';
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly values: Readonly<Record<string, number>>;
}

export interface Figures {
  /** What it was measured on, in general words. */
  readonly machine: string;
  /** By the scenario's name. */
  readonly scenarios: Readonly<Record<string, Race | Observation>>;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @param share 0–1; between two values, the mean of both by their distance */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}
