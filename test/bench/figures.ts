/** The benchmark's results, as saved in figures.json and shown on the page. */

import type { Cost } from './measure.ts';

/** One whole process: its cost and the hosts it found. */
export interface Run extends Omit<Cost, 'memoryMiB'> {
  /** Live hosts that it did not find, and hosts that it found but do not exist; undefined for programs that do not report hosts. */
  readonly missed?: number;
  readonly invented?: number;
}

/** A program's runs of one scenario; the n-th runs of all programs are from the same round. */
export interface Entrant {
  readonly name: string;
  readonly version: string;
  /** Its command line, with placeholders for the range and the files. */
  readonly command: string;
  /** How long it waits at the end because of its command line; excluded from its probes per second. */
  readonly idleMs: number;
  readonly runs: readonly Run[];
}

/** Several programs over the same hosts. */
export interface Race {
  readonly kind: 'race';
  readonly hosts: number;
  readonly live: number;
  readonly entrants: readonly Entrant[];
}

/** Measurements of a sweep, as a table and as the numbers that targets use. */
export interface Observation {
  readonly kind: 'observation';
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly values: Readonly<Record<string, number>>;
}

export interface Figures {
  /** The machine, in general terms. */
  readonly machine: string;
  /** By the scenario's name. */
  readonly scenarios: Readonly<Record<string, Race | Observation>>;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @param share 0–1; interpolated linearly between two values */
export function quantile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)]!;
  return below + (sorted[Math.ceil(at)]! - below) * (at - Math.floor(at));
}
