/** An earlier report read back, whichever of the formats that hold all it is in, from a file or standard input. */

import { Readable } from 'node:stream';
import { EchosweepError } from '../errors.ts';
import type { RunRecord } from '../results/run-record.ts';
import { type InputFile, inputFile } from './input-file.ts';
import { type OpenReport, openCsvReport } from './read-csv.ts';
import { openJsonLines, readJsonLines, type SiteRow } from './read-json-lines.ts';
import { openNmapReport } from './read-nmap-xml.ts';

/** RFC 1952, section 2.3.1. */
const GZIP = [0x1f, 0x8b] as const;
/** Enough to recognise a format by. */
const PEEKED_OCTETS = 64;
/** The octets as Latin-1: after a byte order mark, and between the zeros of UTF-16, which PowerShell writes. */
const FIRST_SIGN = /^(?:\xEF\xBB\xBF|\xFF\xFE|\xFE\xFF)?[\s\0]*([<{])/;

type Kind = 'csv' | 'json-lines' | 'nmap-xml';

/** What messages call a report. @param path `-` for standard input */
export function nameOfReport(path: string): string {
  return path === '-' ? 'standard input' : path;
}

/** What a report says besides its hosts. */
interface ReadReport {
  /** Only JSON Lines has one. */
  readonly run: RunRecord | undefined;
  /** Whether it has a place for responders: if not, an empty one does not mean the host itself. */
  readonly saysWhoAnswered: boolean;
}

/**
 * Hands over each host by site and in address order, then the names without an address.
 * @param path `-` for standard input
 * @throws EchosweepError REPORT_INVALID
 */
export async function readReport(
  path: string,
  stdin: InputFile,
  onHost: (row: SiteRow) => void,
): Promise<ReadReport> {
  const file = path === '-' ? stdin : inputFile(path);
  try {
    return await readFrom(file, nameOfReport(path), onHost);
  } finally {
    // If it is wrong, more of it may still be to come.
    file.unref?.();
  }
}

async function readFrom(
  file: Readable,
  name: string,
  onHost: (row: SiteRow) => void,
): Promise<ReadReport> {
  const { kind, whole } = await recognised(name, file);
  if (kind === 'json-lines') {
    return { run: await readJsonLines(name, onHost, whole), saysWhoAnswered: true };
  }
  const report = await opened(kind, name, whole);
  for await (const batch of report.batches) for (const row of batch) onHost(row);
  for (const row of report.unresolved) onHost(row);
  return { run: undefined, saysWhoAnswered: report.columns.has('responder') };
}

/**
 * Opens a report to be read piece by piece.
 * @param file where it comes from, by default the file of that name
 * @throws EchosweepError REPORT_INVALID
 */
export async function openReport(
  path: string,
  file: Readable = inputFile(path),
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
  const head = Buffer.from(start.subarray(0, PEEKED_OCTETS)).toString('latin1');
  const sign = FIRST_SIGN.exec(head)?.[1];
  if (sign === '{' || /\.jsonl$/i.test(name)) return 'json-lines';
  return sign === '<' ? 'nmap-xml' : 'csv';
}

/** The beginning decides: names may mislead, and standard input has none. `whole` throws the error of a failed read. */
async function peeked(file: Readable): Promise<{ start: Uint8Array; whole: Readable }> {
  const octets: AsyncIterator<Uint8Array> = file[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array();
  let fault: unknown;
  try {
    // A pipe may give less at first, such as the byte order mark alone.
    while (start.length < PEEKED_OCTETS) {
      const { done, value } = await octets.next();
      if (done) break;
      start = start.length === 0 ? value : Buffer.concat([start, value]);
    }
  } catch (error) {
    fault = error;
  }
  const whole = async function* (): AsyncGenerator<Uint8Array> {
    if (start.length > 0) yield start;
    if (fault !== undefined) throw fault;
    yield* { [Symbol.asyncIterator]: () => octets };
  };
  return { start, whole: Readable.from(whole()) };
}
