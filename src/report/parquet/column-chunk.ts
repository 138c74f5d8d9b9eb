/** The cells of one column, page by page: compressed pages are kept until their row group is complete. */

import { gzipSync } from 'node:zlib';
import type { RecordSink } from '../../results/column.ts';
import { decimalText } from '../columns.ts';
import { type ColumnType, PHYSICAL } from './column-type.ts';
import { Levels } from './levels.ts';
import { PlainValues } from './plain-values.ts';
import { binary, i32, i64, list, struct, type Thrift } from './thrift.ts';

/** As numbered in parquet.thrift. */
const DATA_PAGE = i32(0);
const PLAIN = i32(0);
const RLE = i32(3);
const GZIP = i32(2);

/** Higher levels take much longer and save little. */
const COMPRESSION = { level: 1 };

/** Powers of ten by decimals. */
const SCALE = [1, 10, 100, 1000];

/** The pages of a column in a row group, and what the end of the file says of them. */
export interface FinishedChunk {
  readonly pages: readonly Uint8Array[];
  readonly octets: number;
  readonly uncompressedOctets: number;
  /** `struct ColumnChunk` */
  readonly description: Thrift;
}

export class ColumnChunk implements RecordSink {
  private readonly type: ColumnType;
  private readonly values = new PlainValues();
  private readonly definitions: Levels;
  private readonly repetitions: Levels | undefined;
  private pages: Uint8Array[] = [];
  private octets = 0;
  private uncompressedOctets = 0;
  private count = 0;
  private empty = 0;
  private least = Number.POSITIVE_INFINITY;
  private most = Number.NEGATIVE_INFINITY;

  constructor(type: ColumnType) {
    this.type = type;
    this.definitions = new Levels(type.isList ? 2 : 1);
    this.repetitions = type.isList ? new Levels(1) : undefined;
  }

  word(value: string): void {
    this.definitions.push(1);
    this.values.text(value);
  }

  text(value: string | null): void {
    if (value === null) this.nothing();
    else this.word(value);
  }

  number(value: number | null, decimals: number): void {
    if (value === null) this.nothing();
    // The round-trip times among the values of changes.
    else if (this.type.physical === 'octets') this.word(decimalText(value, decimals));
    else {
      this.definitions.push(1);
      this.figure(value, decimals);
    }
  }

  time(value: Date | null): void {
    this.number(value === null ? null : value.getTime(), 0);
  }

  list(values: readonly (number | null)[], decimals: number): void {
    const repetitions = this.repetitions!;
    if (values.length === 0) {
      repetitions.push(0);
      this.nothing();
      return;
    }
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      repetitions.push(i === 0 ? 0 : 1);
      this.definitions.push(value === null ? 1 : 2);
      if (value === null) this.empty++;
      else this.figure(value, decimals);
    }
  }

  endPage(): void {
    const values = this.definitions.length;
    const page = Buffer.concat([
      ...(this.repetitions === undefined ? [] : [this.repetitions.take()]),
      this.definitions.take(),
      this.values.take(),
    ]);
    const compressed = gzipSync(page, COMPRESSION);
    const header = struct({
      1: DATA_PAGE,
      2: i32(page.length),
      3: i32(compressed.length),
      5: struct({ 1: i32(values), 2: PLAIN, 3: RLE, 4: RLE }),
    }).octets;
    this.pages.push(header, compressed);
    this.octets += header.length + compressed.length;
    this.uncompressedOctets += header.length + page.length;
    this.count += values;
  }

  /** Takes what the pages hold; the next page belongs to the next row group. @param offset in the file */
  take(offset: number): FinishedChunk {
    const { pages, octets, uncompressedOctets, type } = this;
    const description = struct({
      2: i64(0),
      3: struct({
        1: i32(PHYSICAL[type.physical]),
        2: list([PLAIN, RLE]),
        3: type.path,
        4: GZIP,
        5: i64(this.count),
        6: i64(uncompressedOctets),
        7: i64(octets),
        9: i64(offset),
        12: this.statistics(),
      }),
    });
    this.pages = [];
    this.octets = 0;
    this.uncompressedOctets = 0;
    this.count = 0;
    this.empty = 0;
    this.least = Number.POSITIVE_INFINITY;
    this.most = Number.NEGATIVE_INFINITY;
    return { pages, octets, uncompressedOctets, description };
  }

  private nothing(): void {
    this.definitions.push(0);
    this.empty++;
  }

  private figure(value: number, decimals: number): void {
    const scale = SCALE[decimals]!;
    // As every report rounds it.
    const shown = decimals === 0 ? value : Math.round(value * scale) / scale;
    if (shown < this.least) this.least = shown;
    if (shown > this.most) this.most = shown;
    this.plain(this.values, shown);
  }

  private plain(to: PlainValues, value: number): void {
    const { physical } = this.type;
    if (physical === 'int32') to.int32(value);
    else if (physical === 'int64') to.int64(value);
    else to.double(value);
  }

  /** With them, a reader that wants a certain time or figure skips row groups and files that cannot have it. */
  private statistics(): Thrift {
    const empty = i64(this.empty);
    // Text has none.
    if (this.least > this.most) return struct({ 3: empty });
    return struct({ 3: empty, 5: this.encoded(this.most), 6: this.encoded(this.least) });
  }

  private encoded(value: number): Thrift {
    const single = new PlainValues();
    this.plain(single, value);
    return binary(single.take());
  }
}
