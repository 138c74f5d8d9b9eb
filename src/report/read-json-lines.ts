/** Reads JSON Lines reports back: the run's record and its hosts, as strictly as `read-csv.ts` reads CSV. */

import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { readAddress } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import { readFault } from '../file-errors.ts';
import { REASONS, STATUSES } from '../results/outcome.ts';
import type { RunRecord } from '../results/run-record.ts';
import { COLUMNS } from './columns.ts';
import type { PageRow } from './html/page-data.ts';

const SCHEMA = 1;
const ORIGINAL = 'take the report as it was written';

type Fields = Readonly<Record<string, unknown>>;

/**
 * Hands over each host in the order of the file.
 * @param path what it is called @param file where it comes from
 * @returns the run's last record; undefined where there is none
 * @throws EchosweepError REPORT_INVALID for the first line that is wrong, or where the file cannot be read
 */
export async function readJsonLines(
  path: string,
  onHost: (row: PageRow) => void,
  file: Readable = createReadStream(path),
): Promise<RunRecord | undefined> {
  let run: RunRecord | undefined;
  let line = 0;
  let lastKey = '';
  const invalid = (problem: string, advice: string): EchosweepError =>
    new EchosweepError('REPORT_INVALID', `${path}, line ${line}: ${problem}`, advice);
  try {
    const lines = createInterface({ input: file, crlfDelay: Infinity });
    for await (const text of lines) {
      line++;
      const fields = fieldsOf(text, invalid);
      if (fields['type'] === 'run') run = runOf(fields, invalid);
      else if (fields['type'] === 'host') {
        const row = rowOf(fields, invalid);
        const { key } = readAddress(row.address)!;
        if (key <= lastKey) throw invalid('the hosts are not in the order of addresses', ORIGINAL);
        lastKey = key;
        onHost(row);
      } else throw invalid('it is neither a run nor a host', ORIGINAL);
    }
  } catch (error) {
    if (error instanceof EchosweepError) throw error;
    const { problem, advice } = readFault(error);
    throw new EchosweepError(
      'REPORT_INVALID',
      `cannot read the report ${path}: ${problem}`,
      advice,
      { cause: error },
    );
  }
  if (line === 0) throw new EchosweepError('REPORT_INVALID', `${path}: it is empty`, ORIGINAL);
  return run;
}

type Complain = (problem: string, advice: string) => EchosweepError;

function fieldsOf(text: string, complain: Complain): Fields {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value))
      return value as Fields;
  } catch {
    // Reported below.
  }
  throw complain('it is not a JSON object', ORIGINAL);
}

function rowOf(fields: Fields, complain: Complain): PageRow {
  const wrong = (name: string): EchosweepError =>
    complain(`${name} is not written as echosweep does`, ORIGINAL);
  const text = (name: string): string | null => {
    const value = fields[name] ?? null;
    if (value !== null && typeof value !== 'string') throw wrong(name);
    return value;
  };
  const figure = (name: string): number | null => {
    const value = fields[name] ?? null;
    if (value !== null && (typeof value !== 'number' || !(value >= 0))) throw wrong(name);
    return value;
  };
  const address = text('address');
  if (address === null || readAddress(address)?.text !== address) throw wrong('address');
  const status = STATUSES.find((word) => word === text('status'));
  if (status === undefined) throw wrong('status');
  const reason = REASONS.find((word) => word === text('reason')) ?? null;
  if (reason === null && text('reason') !== null) throw wrong('reason');
  const startedAt = text('started_at');
  if (startedAt !== null && Number.isNaN(Date.parse(startedAt))) throw wrong('started_at');
  for (const { name, isNumber } of COLUMNS) if (isNumber) figure(name);
  return {
    address,
    hostname: text('hostname'),
    status,
    reason,
    responder: text('responder'),
    icmpType: figure('icmp_type'),
    icmpCode: figure('icmp_code'),
    sent: figure('sent'),
    received: figure('received'),
    duplicates: figure('duplicates'),
    rttMinMs: figure('rtt_min_ms'),
    rttAvgMs: figure('rtt_avg_ms'),
    rttMaxMs: figure('rtt_max_ms'),
    rttStddevMs: figure('rtt_stddev_ms'),
    ttl: figure('ttl'),
    hops: figure('hops'),
    pattern: text('pattern'),
    startedAt: startedAt === null ? null : new Date(startedAt),
    mac: text('mac') || null,
  };
}

/** The record with the names that the program has for its fields. */
function runOf(fields: Fields, complain: Complain): RunRecord {
  if (fields['schema'] !== SCHEMA) {
    throw complain(
      `its schema is ${JSON.stringify(fields['schema'])}, not ${SCHEMA}`,
      'take the echosweep that wrote it',
    );
  }
  const run = camelCase(fields) as Omit<RunRecord, 'startedAt' | 'endedAt'> & {
    startedAt: string;
    endedAt: string | null;
  };
  const startedAt = new Date(run.startedAt);
  const endedAt = run.endedAt === null ? null : new Date(run.endedAt);
  const isWhole =
    !Number.isNaN(startedAt.getTime()) &&
    !Number.isNaN(endedAt?.getTime()) &&
    typeof run.targets === 'number' &&
    isObject(run.statuses) &&
    isObject(run.packets) &&
    Array.isArray(run.doubts) &&
    Array.isArray(run.notes);
  if (!isWhole) throw complain('its record of the run is not whole', ORIGINAL);
  // Fields that came later are not in every report of schema 1.
  const { failure = null, canary = null, outcomes = {} } = run;
  return { ...run, startedAt, endedAt, failure, canary, outcomes };
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** `rtt_ms` → `rttMs`; reasons have hyphens and stay as they are. */
function camelCase(value: unknown): unknown {
  if (Array.isArray(value) || value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()),
      camelCase(inner),
    ]),
  );
}
