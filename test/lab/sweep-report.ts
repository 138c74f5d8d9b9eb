/** Sweeps with the built command and reads both of its reports back, so that tests can hold them against the plan. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CsvRow, rowsByAddress } from './csv.ts';
import { echosweep, type Finished, freshFolder, type RunOptions } from './run.ts';

/** A host's record in JSON Lines. */
export interface HostRecord {
  readonly address: string;
  readonly hostname: string | null;
  readonly status: string;
  readonly reason: string;
  readonly responder: string | null;
  readonly icmp_type: number | null;
  readonly icmp_code: number | null;
  readonly sent: number;
  readonly received: number;
  readonly loss_pct: number | null;
  readonly duplicates: number;
  readonly rtt_min_ms: number | null;
  readonly rtt_max_ms: number | null;
  readonly ttl: number | null;
  readonly hops: number | null;
  readonly pattern: string;
  readonly started_at: string | null;
  readonly rtts_ms: readonly (number | null)[];
  readonly errno: string | null;
  readonly mac: string | null;
}

/** The run's last record in JSON Lines, as far as tests look at it. */
export interface RunSummary {
  readonly engine: string;
  readonly seed: number;
  readonly workers: number;
  readonly started_at: string;
  readonly ended_at: string;
  readonly targets: number;
  readonly statuses: Readonly<Record<string, number>>;
  readonly reasons: Readonly<Record<string, number>>;
  readonly packets: Readonly<Record<string, number>>;
  readonly worst_delay_ms: number;
  readonly canary: {
    readonly address: string;
    readonly choice: string;
    readonly sent: number;
    readonly received: number;
    readonly silences: readonly {
      readonly from: string;
      readonly to: string;
      readonly hosts: number;
      readonly answered: number;
    }[];
  } | null;
  readonly tcp: {
    readonly ports: readonly number[];
    readonly hosts: number;
    readonly connections: number;
    readonly failed: number;
  } | null;
  readonly partial: boolean;
  readonly failure: string | null;
  readonly doubts: readonly string[];
  readonly notes: readonly string[];
}

export interface SweepReport {
  readonly finished: Finished;
  readonly run: RunSummary;
  /** In the order of the report. */
  readonly hosts: readonly HostRecord[];
  /** The CSV's rows. */
  readonly rows: ReadonlyMap<string, CsvRow>;
  /** From the first record to the last, without the time that the process takes to start. */
  readonly ms: number;
  /** @throws Error where the address is not in the report */
  host(address: string): HostRecord;
}

/**
 * Sweeps and reads the reports.
 * @param options of the command line, blanks between @param exitCode that the command has to end with
 * @throws Error if the command does not end with that or writes no report that can be read
 */
export async function sweep(
  options: string,
  targets: readonly string[],
  how?: RunOptions,
  exitCode = 0,
): Promise<SweepReport> {
  const folder = freshFolder();
  const args = [...options.split(' ').filter((word) => word !== ''), ...targets];
  const [csv, jsonl] = [join(folder, 'report.csv'), join(folder, 'report.jsonl')];
  const finished = await echosweep([...args, '-o', csv, '-o', jsonl], how);
  if (finished.code !== exitCode) {
    throw new Error(`echosweep ${args.join(' ')}: exit code ${finished.code}\n${finished.stderr}`);
  }
  const records = readFileSync(jsonl, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string });
  const run = records.at(-1) as unknown as RunSummary;
  const hosts = records.slice(1, -1) as unknown as HostRecord[];
  const byAddress = new Map(hosts.map((host) => [host.address, host]));
  return {
    finished,
    run,
    hosts,
    rows: rowsByAddress(readFileSync(csv, 'utf8')),
    ms: Date.parse(run.ended_at) - Date.parse(run.started_at),
    host: (address) => {
      const found = byAddress.get(address);
      if (found === undefined) throw new Error(`${address} is not in the report`);
      return found;
    },
  };
}

/** The last round-trip time of each host that answered, but for probes that may have left long after their stamp. */
export function timesOf({ run, hosts }: SweepReport, answered: number): number[] {
  const times = hosts.flatMap(({ rtts_ms }) => rtts_ms.at(-1) ?? []);
  const untimed = answered - times.length;
  assert.ok(untimed >= 0 && untimed <= run.packets['unsure_sends']!, `${untimed} have no time`);
  return times;
}

/** The silence of a host that was to get so many probes: it gets another for each that left while the thread stalled. */
export function silentPattern(
  { run, host }: SweepReport,
  address: string,
  planned: number,
): string {
  const { pattern } = host(address);
  const most = '.'.repeat(planned + run.packets['unsure_sends']!);
  return pattern.length > planned && most.startsWith(pattern) ? '.'.repeat(planned) : pattern;
}

const MOST_ATTEMPTS = 3;

/** Why the summary doubts such a sweep: the process was held up, or a simulated network was and lost packets. */
const SPOILED = /exit code 5\n.*(was held up|may have answered without being heard)/s;

/** Makes again what a machine without time has spoiled: such a sweep says so itself (exit code 5). */
export async function whenMachineHasTime<Value>(attempt: () => Promise<Value>): Promise<Value> {
  for (let made = 1; ; made++) {
    try {
      return await attempt();
    } catch (error) {
      const isSpoiled = error instanceof Error && SPOILED.test(error.message);
      if (!isSpoiled || made === MOST_ATTEMPTS) throw error;
    }
  }
}

/** The address a number of places behind a range's own. */
export function hostIn(range: string, place = 1): string {
  const address = range.split('/')[0]!;
  if (!address.includes(':')) {
    const octets = address.split('.').map(Number);
    octets[3]! += place;
    return octets.join('.');
  }
  if (address.endsWith('::')) return `${address}${place.toString(16)}`;
  const words = address.split(':');
  const last = (Number.parseInt(words.at(-1)!, 16) + place).toString(16);
  return [...words.slice(0, -1), last].join(':');
}

/** Runs something at most once, and only when it is first asked for: a sweep that several tests look at. */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
