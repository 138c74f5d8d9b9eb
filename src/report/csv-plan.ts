/**
 * Writes the rows of a sweep straight from the columns of a block: the octets that `put` of each field would write, at a
 * third of the cost, since no value is made that a cell does not need. A field that has no case here is written by its `put`.
 */

import {
  type BlockResults,
  MAC_OCTETS,
  macText,
  NOT_COVERED,
  UNKNOWN_ICMP_CODE,
} from '../results/block-results.ts';
import { addressText, writeAddress } from '../results/block-targets.ts';
import type { Column } from '../results/column.ts';
import { HostCursor, type HostRows, hopsFromTtl, lossPctOf } from '../results/host-cursor.ts';
import type { HostResult } from '../results/host-result.ts';
import { RttSums } from '../results/rtt-sums.ts';
import { COLUMNS, type RowColumn, type SiteColumn, withSite } from './columns.ts';
import { type CsvCells, SCALE } from './csv-cells.ts';
import type { OctetWriter } from './octet-writer.ts';

/** What the writers of a table share. */
export interface CsvTable {
  readonly out: OctetWriter;
  readonly cells: CsvCells;
  readonly header: (names: readonly string[]) => string;
  readonly separator: Uint8Array;
  readonly lineEnd: Uint8Array;
  /** In place of a row that would be an empty line. */
  readonly emptyRow: Uint8Array;
}

/** What a call writes rows of. */
interface Source {
  readonly block: BlockResults;
  readonly hostnames: ReadonlyMap<string, string>;
  readonly cursor: HostCursor;
  /** As `runsOf` has them. */
  readonly runs: Int32Array;
}

const ALL = withSite(COLUMNS, true);
const FULL_STOP = 0x2e;

/** What `saysTheSame` compares: hosts that it is equal for have the same text in these cells. */
const OUTCOME_KEYS: ReadonlySet<(RowColumn | SiteColumn)['key']> = new Set([
  'status',
  'reason',
  'responder',
  'icmpType',
  'icmpCode',
  'sent',
  'received',
  'lossPct',
  'duplicates',
  'ttl',
  'hops',
  'pattern',
]);

export class CsvPlan {
  private readonly table: CsvTable;
  private readonly fields: readonly (RowColumn | SiteColumn)[];
  private readonly keys: readonly (RowColumn | SiteColumn)['key'][];
  private readonly decimals: readonly number[];
  /** By column and number of a word: the word. */
  private readonly words: readonly (readonly Uint8Array[])[];
  private readonly rtts = new RttSums();
  private readonly address = new DataView(new ArrayBuffer(16));
  /** By the first column of a run of cells that depend on the outcome alone: where the last one written begins and ends. */
  private readonly runAt: Int32Array;
  private readonly runEnd: Int32Array;
  /** What `putFigure` writes; NaN for none. Passed on as an argument, a fraction would be an object of its own. */
  private figure = Number.NaN;
  /** One reply has the same time in three cells: where the last one begins and ends. */
  private shownFigure = Number.NaN;
  private shownDecimals = 0;
  private figureAt = 0;
  private figureEnd = 0;

  constructor(columns: readonly Column<HostResult>[], table: CsvTable) {
    const fields = columns.map(({ name }) => ALL.find((field) => field.name === name)!);
    const encoder = new TextEncoder();
    this.table = table;
    this.fields = fields;
    this.keys = fields.map(({ key }) => key);
    this.decimals = fields.map(({ decimals }) => decimals);
    this.runAt = new Int32Array(fields.length);
    this.runEnd = new Int32Array(fields.length);
    this.words = fields.map(({ words = [] }) => words.map((word) => encoder.encode(word)));
  }

  /** The rows as octets, valid until the next call. */
  rows({ block, hostnames, first, end, site }: HostRows): Uint8Array {
    const cursor = new HostCursor(block, hostnames, site);
    const runs = this.runsOf(hostnames.size === 0, block.macs.length === 0);
    const source: Source = { block, hostnames, cursor, runs };
    let previous = -1;
    this.shownFigure = Number.NaN;
    for (let host = first; host < end; host++) {
      if (block.status[host] === NOT_COVERED) continue;
      this.putRow(source, host, previous >= 0 && saysTheSame(block, previous, host));
      previous = host;
    }
    return this.table.out.take();
  }

  /**
   * Most hosts have the outcome of the one before, so the cells that show it are copied from there. A function of its own:
   * the engine would compile one with a long loop again each time that loop ends.
   * @param isLikePrevious whether the cells that show the outcome are those of the row before
   */
  private putRow(source: Source, host: number, isLikePrevious: boolean): void {
    const { table, keys, runAt, runEnd } = this;
    const { out, separator, lineEnd, emptyRow } = table;
    const { block, runs } = source;
    const rowStart = out.length;
    this.rtts.moveTo(block, host);
    for (let i = 0, run = 0; i < keys.length; i++) {
      if (i > 0) out.copy(separator);
      if (runs[i]! > i) {
        if (isLikePrevious) {
          out.repeat(runAt[i]!, runEnd[i]! - runAt[i]!);
          i = runs[i]!;
          continue;
        }
        run = i;
        runAt[run] = out.length;
      }
      this.putCell(source, host, i);
      if (i === runs[run]) runEnd[run] = out.length;
    }
    if (out.length === rowStart) out.copy(emptyRow);
    out.copy(lineEnd);
  }

  private putCell({ block, hostnames, cursor }: Source, host: number, i: number): void {
    const { fields, keys, words, decimals, rtts } = this;
    const { out, cells } = this.table;
    switch (keys[i]) {
      case 'address':
        this.putAddress(block, host);
        break;
      case 'hostname':
        if (hostnames.size > 0) cells.text(hostnames.get(addressText(block.targets, host)) ?? null);
        break;
      case 'status':
        out.copy(words[i]![block.status[host]!]!);
        break;
      case 'reason':
        out.copy(words[i]![block.reason[host]!]!);
        break;
      case 'responder': {
        const responder = block.responder[host]!;
        if (responder !== 0) cells.text(block.responders[responder - 1]!);
        break;
      }
      case 'icmpType': {
        const type = block.icmpType[host]!;
        if (type !== 0) out.integer(type);
        break;
      }
      case 'icmpCode': {
        const code = block.icmpCode[host]!;
        if (block.icmpType[host] !== 0 && code !== UNKNOWN_ICMP_CODE) out.integer(code);
        break;
      }
      case 'sent':
        out.integer(block.sent[host]!);
        break;
      case 'received':
        out.integer(block.received[host]!);
        break;
      case 'lossPct':
        this.figure = lossPctOf(block.sent[host]!, block.received[host]!);
        this.putFigure(decimals[i]!);
        break;
      case 'duplicates':
        out.integer(block.duplicates[host]!);
        break;
      case 'rttMinMs':
        this.figure = rtts.min;
        this.putFigure(decimals[i]!);
        break;
      case 'rttAvgMs':
        this.figure = rtts.avg;
        this.putFigure(decimals[i]!);
        break;
      case 'rttMaxMs':
        this.figure = rtts.max;
        this.putFigure(decimals[i]!);
        break;
      case 'rttStddevMs':
        this.figure = rtts.stddev;
        this.putFigure(decimals[i]!);
        break;
      case 'ttl': {
        const ttl = block.ttl[host]!;
        if (ttl !== 0) out.integer(ttl);
        break;
      }
      case 'hops': {
        const hops = hopsFromTtl(block.ttl[host]!);
        if (hops !== null) out.integer(hops);
        break;
      }
      case 'pattern':
        this.putPattern(block, host);
        break;
      case 'startedAt': {
        const ms = Math.trunc(block.startedAtMs[host]!);
        const second = Math.floor(ms / 1000);
        if (!Number.isNaN(ms)) cells.moment(second, ms - second * 1000);
        break;
      }
      case 'mac':
        if (block.macs.length > 0) cells.text(macText(block.macs, host * MAC_OCTETS));
        break;
      default:
        cursor.moveTo(host);
        fields[i]!.put(cursor, cells, decimals[i]!);
    }
  }

  /**
   * By the first column of each run of at least two cells that depend on the outcome alone: its last; else 0.
   * @param hasNoNames whether all cells of names are empty @param hasNoMacs whether all of MAC addresses are
   */
  private runsOf(hasNoNames: boolean, hasNoMacs: boolean): Int32Array {
    const { keys } = this;
    const runs = new Int32Array(keys.length);
    for (let i = 0, start = 0; i < keys.length; i++) {
      const key = keys[i]!;
      const repeats =
        OUTCOME_KEYS.has(key) || (key === 'hostname' && hasNoNames) || (key === 'mac' && hasNoMacs);
      if (!repeats) start = i + 1;
      else if (i > start) runs[start] = i;
    }
    return runs;
  }

  private putAddress({ targets }: BlockResults, host: number): void {
    const { out, cells } = this.table;
    const { address } = this;
    if (targets.family !== 4 || !cells.isPlain) {
      cells.text(addressText(targets, host));
      return;
    }
    writeAddress(targets, host, address, 0);
    for (let octet = 0; octet < 4; octet++) {
      if (octet > 0) out.octet(FULL_STOP);
      out.integer(address.getUint8(octet));
    }
  }

  private putFigure(decimals: number): void {
    const { figure } = this;
    if (Number.isNaN(figure)) return;
    const { out, cells } = this.table;
    if (figure === this.shownFigure && decimals === this.shownDecimals) {
      out.repeat(this.figureAt, this.figureEnd - this.figureAt);
      return;
    }
    this.figureAt = out.length;
    cells.units(Math.round(figure * SCALE[decimals]!), decimals);
    this.figureEnd = out.length;
    this.shownFigure = figure;
    this.shownDecimals = decimals;
  }

  private putPattern({ marks, probesPerHost }: BlockResults, host: number): void {
    const { out } = this.table;
    const first = host * probesPerHost;
    for (let at = first; at < first + probesPerHost && marks[at] !== 0; at++) out.octet(marks[at]!);
  }
}

/** Whether the outcomes of two hosts of a block are the same, probe by probe. */
function saysTheSame(block: BlockResults, one: number, other: number): boolean {
  const { marks, probesPerHost } = block;
  if (
    block.status[one] !== block.status[other] ||
    block.reason[one] !== block.reason[other] ||
    block.responder[one] !== block.responder[other] ||
    block.icmpType[one] !== block.icmpType[other] ||
    block.icmpCode[one] !== block.icmpCode[other] ||
    block.sent[one] !== block.sent[other] ||
    block.received[one] !== block.received[other] ||
    block.duplicates[one] !== block.duplicates[other] ||
    block.ttl[one] !== block.ttl[other]
  )
    return false;
  for (let probe = 0; probe < probesPerHost; probe++)
    if (marks[one * probesPerHost + probe] !== marks[other * probesPerHost + probe]) return false;
  return true;
}
