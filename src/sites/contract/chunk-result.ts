/**
 * The result of a chunk, as one message: whole or absent. It has positions in the chunk and never an address of a target,
 * so an agent cannot speak of a host that it was not given.
 *
 * Layout: 4 octets with the length of the head (little-endian), the head as JSON, then, deflated, the columns and the host names.
 */

import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { BlockResults } from '../../results/block-results.ts';
import type { BlockTargets } from '../../results/block-targets.ts';
import { addressOf, type ChunkRun, messageOfRun, runOfMessage } from './chunk-run.ts';
import {
  encodeJson,
  listOf,
  MessageRefused,
  orNull,
  readJson,
  textOf,
  type Unchecked,
  versionOf,
  wholeOf,
} from './message.ts';
import type { ChunkName } from './names.ts';
import {
  columnsOf,
  conflictsOf,
  messageOfConflicts,
  namesOf,
  octetsOfColumns,
  octetsOfNames,
  sizeOfColumns,
} from './result-columns.ts';
import { CONTRACT, OLDEST_CONTRACT } from './version.ts';

/** What an agent found out about a chunk. */
export interface ChunkFindings {
  readonly results: BlockResults;
  /** By canonical address, as looked up at the site. */
  readonly hostnames: ReadonlyMap<string, string>;
  readonly run: ChunkRun;
  /** Hosts that the agent's machine does not allow to be probed; they are among those that are not covered. */
  readonly denied: number;
}

/** An agent's answer to a chunk: what it found out, or one sentence on why it cannot sweep this chunk at all. */
export type ChunkAnswer =
  | { readonly findings: ChunkFindings; readonly refusal: null }
  | { readonly findings: null; readonly refusal: string };

/** The answer as it arrived. */
export type ReceivedAnswer = ChunkAnswer & {
  /** How often the chunk had been handed out, by the broker's count since it was last offered. */
  readonly attempt: number;
};

/** The fields of a head, unchecked. */
type Head = Unchecked<
  | 'v'
  | 'scan'
  | 'site'
  | 'chunk'
  | 'attempt'
  | 'refusal'
  | 'count'
  | 'probes'
  | 'hasMacs'
  | 'nameOctets'
  | 'responders'
  | 'errnos'
  | 'macConflicts'
  | 'denied'
  | 'run'
>;

/** A message of a broker has 1 MB at most. */
export const MOST_RESULT_OCTETS = 1_000_000;
/** Every port of `--tcp` and a responder for each host take 560,000. */
const MOST_HEAD_OCTETS = 800_000;
const MOST_NAME_OCTETS = 1_000_000;
const MOST_PROBES = 1000;
const LENGTH_OCTETS = 4;

/**
 * @param chunk whose answer it is, and the version of its message
 * @param attempt how often the chunk had been handed out
 */
export function encodeAnswer(
  chunk: ChunkName & { readonly v: number },
  attempt: number,
  answer: ChunkAnswer,
): Uint8Array {
  const { v, scan, site, chunk: number } = chunk;
  const about = { v, scan, site, chunk: number, attempt };
  if (answer.findings === null) {
    return packed({ ...about, refusal: answer.refusal }, []);
  }
  const { findings } = answer;
  const names = octetsOfNames(findings.results.targets, findings.hostnames);
  const octets = encodeFindings(about, findings, names);
  if (names.length <= MOST_NAME_OCTETS && octets.length <= MOST_RESULT_OCTETS) return octets;
  // Names are as long as others chose them; what replied is worth more.
  return encodeFindings(about, findings, new Uint8Array(0));
}

function encodeFindings(about: Head, findings: ChunkFindings, names: Uint8Array): Uint8Array {
  const { results, run, denied } = findings;
  const { targets, probesPerHost, responders, errnos, macs } = results;
  const startMs = Math.floor(run.startedAt.getTime());
  const head = {
    ...about,
    refusal: null,
    count: targets.count,
    probes: probesPerHost,
    hasMacs: macs.length > 0,
    nameOctets: names.length,
    responders,
    errnos,
    macConflicts: messageOfConflicts(results),
    denied,
    run: messageOfRun(run),
  };
  return packed(head, [octetsOfColumns(results, startMs), names]);
}

function packed(head: Head, parts: readonly Uint8Array[]): Uint8Array {
  const json = encodeJson(head);
  const length = Buffer.alloc(LENGTH_OCTETS);
  length.writeUInt32LE(json.length);
  const columns = parts.length === 0 ? [] : [deflateRawSync(Buffer.concat(parts), { level: 1 })];
  return Buffer.concat([length, json, ...columns]);
}

/**
 * Believes nothing: every length, number and text is checked against the chunk.
 * @param targets of the chunk
 * @throws MessageRefused
 */
export function decodeAnswer(
  octets: Uint8Array,
  chunk: ChunkName,
  targets: BlockTargets,
): ReceivedAnswer {
  const { head, rest } = unpacked(octets);
  versionOf(head, OLDEST_CONTRACT, CONTRACT);
  if (head.scan !== chunk.scan || head.site !== chunk.site || head.chunk !== chunk.chunk) {
    throw new MessageRefused('the result is about another chunk than its subject');
  }
  const attempt = wholeOf(head.attempt, 'attempt', 0, 0xffff_ffff);
  const refusal = orNull(head.refusal, (value) => textOf(value, 'refusal'));
  if (refusal !== null) return { attempt, refusal, findings: null };
  return { attempt, refusal, findings: findingsOf(head, rest, targets) };
}

function unpacked(octets: Uint8Array): { head: Head; rest: Uint8Array } {
  if (octets.length < LENGTH_OCTETS || octets.length > MOST_RESULT_OCTETS) {
    throw new MessageRefused('the result is too short or too long');
  }
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  const end = LENGTH_OCTETS + view.getUint32(0, true);
  if (end > octets.length || end > MOST_HEAD_OCTETS) {
    throw new MessageRefused('the head of the result is too long');
  }
  return { head: readJson(octets.subarray(LENGTH_OCTETS, end)), rest: octets.subarray(end) };
}

function findingsOf(head: Head, rest: Uint8Array, targets: BlockTargets): ChunkFindings {
  const { count } = targets;
  if (head.count !== count) {
    throw new MessageRefused(`the result does not have the ${count} hosts of its chunk`);
  }
  const probes = wholeOf(head.probes, 'probes', 1, MOST_PROBES);
  const responders = listOf(head.responders, 'responders', count).map(addressOf);
  const errnos = listOf(head.errnos, 'errnos', 255).map(errnoOf);
  if (typeof head.hasMacs !== 'boolean') throw new MessageRefused('hasMacs is neither yes nor no');
  const nameOctets = wholeOf(head.nameOctets, 'nameOctets', 0, MOST_NAME_OCTETS);
  const columnOctets = sizeOfColumns(count, probes, head.hasMacs);
  const raw = inflated(rest, columnOctets + nameOctets);
  const run = runOfMessage(head.run);
  const results = columnsOf(raw.subarray(0, columnOctets), {
    targets,
    probes,
    responders,
    errnos,
    hasMacs: head.hasMacs,
    macConflicts: conflictsOf(head.macConflicts, targets),
    startMs: run.startedAt.getTime(),
  });
  return {
    results,
    hostnames: namesOf(raw.subarray(columnOctets), targets),
    run,
    denied: wholeOf(head.denied, 'denied', 0, count),
  };
}

/** @throws MessageRefused unless it inflates to exactly this many octets */
function inflated(octets: Uint8Array, length: number): Uint8Array {
  let raw: Uint8Array;
  try {
    // A small message can inflate to a thousand times its size.
    raw = inflateRawSync(octets, { maxOutputLength: Math.max(1, length) });
  } catch {
    throw new MessageRefused('the columns of the result cannot be inflated');
  }
  if (raw.length === length) return raw;
  throw new MessageRefused('the columns of the result have another length');
}

function errnoOf(value: unknown): string {
  if (typeof value === 'string' && /^[A-Z0-9_]{1,32}$/.test(value)) return value;
  throw new MessageRefused('an errno is not one');
}
