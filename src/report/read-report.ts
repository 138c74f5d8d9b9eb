/** An earlier report read back, whichever of the formats that hold all it is in, from a file or standard input. */

import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { EchosweepError } from '../errors.ts';
import type { RunRecord } from '../results/run-record.ts';
import { type OpenReport, openCsvReport } from './read-csv.ts';
import { openJsonLines, readJsonLines, type SiteRow } from './read-json-lines.ts';
import { openNmapReport } from './read-nmap-xml.ts';

/** RFC 1952, section 2.3.1. */
const GZIP = [0x1f, 0x8b] as const;
const JSON_START = '{'.charCodeAt(0);
/** The octets as Latin-1: after a byte order mark, and between the zeros of UTF-16, which PowerShell writes. */
const XML_START = /^(\xEF\xBB\xBF|\xFF\xFE|\xFE\xFF)?[\s\0]*</;

type Kind = 'csv' | 'json-lines' | 'nmap-xml';

/** What messages call a report. @param path `-` for standard input */
export function nameOfReport(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/**
 * Hands over each host by site and in address order, then the names without an address.
 * @param path `-` for standard input
 * @returns the record of the run, if the report has one: only JSON Lines has
 * @throws EchosweepError REPORT_INVALID
 */
export async function readReport(
  path: string,
  stdin: Readable,
  onHost: (row: SiteRow) => void,
): Promise<RunRecord | undefined> {
  const name = nameOfReport(path);
  const { kind, whole } = await recognised(name, path === '-' ? stdin : createReadStream(path));
  if (kind === 'json-lines') return readJsonLines(name, onHost, whole);
  const report = await opened(kind, name, whole);
  for await (const batch of report.batches) for (const row of batch) onHost(row);
  for (const row of report.unresolved) onHost(row);
  return undefined;
}

/**
 * Opens a report to be read piece by piece.
 * @param file where it comes from, by default the file of that name
 * @throws EchosweepError REPORT_INVALID
 */
export async function openReport(
  path: string,
  file: Readable = createReadStream(path),
): Promise<OpenReport> {
  const { kind, whole } = await recognised(path, file);
  return opened(kind, path, whole);
}

function opened(kind: Kind, name: string, whole: Readable): Promise<OpenReport> | OpenReport {
  switch (kind) {
    case 'json-lines':
      return openJsonLines(name, whole);
    case 'nmap-xml':
      return openNmapReport(name, whole);
    case 'csv':
      return openCsvReport(name, whole);
  }
}

/** @throws EchosweepError REPORT_INVALID if it is compressed */
async function recognised(
  name: string,
  file: Readable,
): Promise<{ readonly kind: Kind; readonly whole: Readable }> {
  const { start, whole } = await peeked(file);
  if (GZIP.every((octet, i) => start[i] === octet)) {
    throw new EchosweepError(
      'REPORT_INVALID',
      `${name}: it is compressed`,
      'unpack it first, as in zcat report.csv.gz | echosweep map -',
    );
  }
  return { kind: kindOf(name, start), whole };
}

function kindOf(name: string, start: Uint8Array): Kind {
  if (start[0] === JSON_START || /\.jsonl$/i.test(name)) return 'json-lines';
  const head = Buffer.from(start.subarray(0, 64)).toString('latin1');
  return XML_START.test(head) ? 'nmap-xml' : 'csv';
}

/** The beginning decides: names may mislead, and standard input has none. `whole` throws the error of a failed read. */
async function peeked(file: Readable): Promise<{ start: Uint8Array; whole: Readable }> {
  const octets: AsyncIterator<Uint8Array> = file[Symbol.asyncIterator]();
  const first = await octets.next().then(
    ({ done, value }) => ({ start: done ? new Uint8Array() : value, fault: undefined }),
    (fault: unknown) => ({ start: new Uint8Array(), fault }),
  );
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    if (first.fault !== undefined) throw first.fault;
    if (first.start.length > 0) yield first.start;
    yield* { [Symbol.asyncIterator]: () => octets };
  };
  return { start: first.start, whole: Readable.from(whole()) };
}
