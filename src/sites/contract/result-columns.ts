/** The columns of a block's results as octets, and back with every value checked. */

import { printableName } from '../../names/printable-name.ts';
import {
  type BlockResults,
  emptyResults,
  MAC_OCTETS,
  macText,
  NOT_COVERED,
} from '../../results/block-results.ts';
import { addressText, type BlockTargets } from '../../results/block-targets.ts';
import { MARKS, NO_OUTCOME, outcomeOfNumbers, REASONS, STATUSES } from '../../results/outcome.ts';
import { type MacConflict, MOST_MAC_CONFLICTS } from '../../results/run-record.ts';
import { encodeJson, listOf, MessageRefused, readJson, wholeOf } from './message.ts';

/** Octets of a host without its probes, MAC address and name; and of each probe. */
const HOST_OCTETS = 5 + 3 * 2 + 4 + 2 + 1;
const PROBE_OCTETS = 5;
/** Round-trip times travel in tenths of a microsecond, and starts in milliseconds after that of the run. */
const RTT_UNIT_NS = 100;
const NOTHING = 0xffff_ffff;
/** What a message that nothing shortens may take, so that it stays below 1 MB with its head. */
const COLUMN_ROOM = 800_000;

const MARK_CODES: ReadonlySet<number> = new Set(
  Object.values(MARKS).map((mark) => mark.charCodeAt(0)),
);
const REPLY = MARKS.reply.charCodeAt(0);

/** Hosts that a chunk may have at most, for its result to be one message even if it cannot be deflated. */
export function hostsThatFit(most: number, probes: number): number {
  const each = HOST_OCTETS + MAC_OCTETS + PROBE_OCTETS * probes;
  return Math.max(1, Math.min(most, Math.floor(COLUMN_ROOM / each)));
}

/** In octets. */
export function sizeOfColumns(count: number, probes: number, hasMacs: boolean): number {
  return count * (HOST_OCTETS + PROBE_OCTETS * probes + (hasMacs ? MAC_OCTETS : 0));
}

/** @param startMs to which the starts of the hosts are relative */
export function octetsOfColumns(results: BlockResults, startMs: number): Uint8Array {
  const { targets, probesPerHost, macs } = results;
  const octets = new Uint8Array(sizeOfColumns(targets.count, probesPerHost, macs.length > 0));
  const at = new ColumnPlaces(octets);
  for (const column of octetColumns(results)) at.octets(column.length).set(column);
  for (const column of wordColumns(results)) {
    const write = at.words(column.length);
    for (let i = 0; i < column.length; i++) write.setUint16(2 * i, column[i]!, true);
  }
  const responder = at.words(targets.count);
  const started = at.longs(targets.count);
  for (let host = 0; host < targets.count; host++) {
    responder.setUint16(2 * host, results.responder[host]!, true);
    started.setUint32(4 * host, ticks(Math.floor(results.startedAtMs[host]!) - startMs), true);
  }
  at.octets(results.marks.length).set(results.marks);
  const rtts = at.longs(results.rttNs.length);
  for (let probe = 0; probe < results.rttNs.length; probe++) {
    rtts.setUint32(4 * probe, ticks(results.rttNs[probe]! / RTT_UNIT_NS), true);
  }
  at.octets(macs.length).set(macs);
  return octets;
}

/** What the head of a result says about its columns. */
export interface ColumnFacts {
  readonly targets: BlockTargets;
  readonly probes: number;
  readonly responders: readonly string[];
  readonly errnos: readonly string[];
  readonly hasMacs: boolean;
  readonly macConflicts: readonly MacConflict[];
  readonly startMs: number;
}

/** @param octets of exactly the size that follows from the facts @throws MessageRefused */
export function columnsOf(octets: Uint8Array, facts: ColumnFacts): BlockResults {
  const { targets, probes, responders, errnos, hasMacs, macConflicts, startMs } = facts;
  const { count } = targets;
  const results: BlockResults = {
    ...emptyResults(targets, probes),
    responders,
    errnos,
    macs: new Uint8Array(hasMacs ? count * MAC_OCTETS : 0),
    macConflicts,
  };
  const at = new ColumnPlaces(octets);
  for (const column of octetColumns(results)) column.set(at.octets(column.length));
  for (const column of wordColumns(results)) {
    const read = at.words(column.length);
    for (let i = 0; i < column.length; i++) column[i] = read.getUint16(2 * i, true);
  }
  const responder = at.words(count);
  const started = at.longs(count);
  for (let host = 0; host < count; host++) {
    results.responder[host] = responder.getUint16(2 * host, true);
    results.startedAtMs[host] = startMs + known(started.getUint32(4 * host, true));
  }
  results.marks.set(at.octets(results.marks.length));
  const rtts = at.longs(results.rttNs.length);
  for (let probe = 0; probe < results.rttNs.length; probe++) {
    results.rttNs[probe] = known(rtts.getUint32(4 * probe, true)) * RTT_UNIT_NS;
  }
  results.macs.set(at.octets(results.macs.length));
  for (let host = 0; host < count; host++) refuseImpossible(results, host);
  return results;
}

/** What no honest sweep says about a host. */
function refuseImpossible(results: BlockResults, host: number): void {
  const status = results.status[host]!;
  const reason = results.reason[host]!;
  const firstProbe = host * results.probesPerHost;
  const isKnown =
    status === NOT_COVERED ||
    (status < STATUSES.length &&
      reason < REASONS.length &&
      outcomeOfNumbers(status, reason) !== NO_OUTCOME);
  const isCounted =
    results.received[host]! <= results.sent[host]! &&
    results.responder[host]! <= results.responders.length &&
    results.errno[host]! <= results.errnos.length;
  if (!isKnown || !isCounted) throw new MessageRefused(`host ${host} of the result is impossible`);
  let isOver = false;
  for (let probe = firstProbe; probe < firstProbe + results.probesPerHost; probe++) {
    const mark = results.marks[probe]!;
    const isValid = mark === 0 || (MARK_CODES.has(mark) && !isOver);
    const hasRtt = !Number.isNaN(results.rttNs[probe]!);
    if (!isValid || (hasRtt && mark !== REPLY)) {
      throw new MessageRefused(`probe ${probe - firstProbe} of host ${host} is impossible`);
    }
    isOver = mark === 0;
  }
}

/** Columns of one octet for each host, in their order in the message. */
function octetColumns(results: BlockResults): readonly Uint8Array[] {
  const { status, reason, icmpType, icmpCode, ttl, errno } = results;
  return [status, reason, icmpType, icmpCode, ttl, errno];
}

/** Columns of two octets for each host. */
function wordColumns(results: BlockResults): readonly Uint16Array[] {
  return [results.sent, results.received, results.duplicates];
}

/** Conflicts by the position of their host. */
export function messageOfConflicts({ targets, macConflicts }: BlockResults): unknown[] {
  if (macConflicts.length === 0) return [];
  const positions = new Map<string, number>();
  for (let host = 0; host < targets.count; host++) positions.set(addressText(targets, host), host);
  return macConflicts
    .flatMap(({ address, macs }) => {
      const host = positions.get(address);
      return host === undefined ? [] : [[host, ...macs]];
    })
    .slice(0, MOST_MAC_CONFLICTS);
}

/** @throws MessageRefused */
export function conflictsOf(value: unknown, targets: BlockTargets): MacConflict[] {
  return listOf(value, 'macConflicts', MOST_MAC_CONFLICTS).map((entry) => {
    const [host, one, other] = listOf(entry, 'a conflict', 3);
    const position = wholeOf(host, 'the host of a conflict', 0, targets.count - 1);
    return { address: addressText(targets, position), macs: [macOf(one), macOf(other)] };
  });
}

function macOf(value: unknown): string {
  if (typeof value === 'string') {
    const octets = Buffer.from(value.replaceAll(':', ''), 'hex');
    if (octets.length === MAC_OCTETS && macText(octets, 0) === value) return value;
  }
  throw new MessageRefused('a MAC address is not one');
}

/** Positions and names, as JSON; empty if there are no names. */
export function octetsOfNames(
  targets: BlockTargets,
  hostnames: ReadonlyMap<string, string>,
): Uint8Array {
  if (hostnames.size === 0) return new Uint8Array(0);
  const names: [number, string][] = [];
  for (let host = 0; host < targets.count; host++) {
    const name = hostnames.get(addressText(targets, host));
    if (name !== undefined) names.push([host, name]);
  }
  return names.length === 0 ? new Uint8Array(0) : encodeJson({ names });
}

/** By address. @throws MessageRefused */
export function namesOf(octets: Uint8Array, targets: BlockTargets): Map<string, string> {
  const hostnames = new Map<string, string>();
  if (octets.length === 0) return hostnames;
  for (const entry of listOf(readJson<'names'>(octets).names, 'names', targets.count)) {
    const [host, name] = listOf(entry, 'a name', 2);
    const position = wholeOf(host, 'the host of a name', 0, targets.count - 1);
    const printable = typeof name === 'string' ? printableName(name) : undefined;
    if (printable === undefined) throw new MessageRefused('a name is not one');
    hostnames.set(addressText(targets, position), printable);
  }
  return hostnames;
}

/** A time in the unit in which it travels; NaN, and what is out of range, as far as it can be said. */
function ticks(value: number): number {
  if (Number.isNaN(value)) return NOTHING;
  return Math.min(NOTHING - 1, Math.max(0, Math.round(value)));
}

function known(value: number): number {
  return value === NOTHING ? Number.NaN : value;
}

/** Gives out the octets of one column after another. */
class ColumnPlaces {
  private readonly all: Uint8Array;
  private next = 0;

  constructor(all: Uint8Array) {
    this.all = all;
  }

  octets(count: number): Uint8Array {
    const first = this.next;
    this.next += count;
    return this.all.subarray(first, this.next);
  }

  words(count: number): DataView {
    return this.view(2 * count);
  }

  longs(count: number): DataView {
    return this.view(4 * count);
  }

  private view(length: number): DataView {
    const octets = this.octets(length);
    return new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  }
}
