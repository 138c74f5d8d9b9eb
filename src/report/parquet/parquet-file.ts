/** A Parquet file that is written as its rows arrive: no more than the compressed pages of one row group are kept. */

import { PACKAGE_VERSION } from '../../package-version.ts';
import type { Column, RecordSink } from '../../results/column.ts';
import { ColumnChunk } from './column-chunk.ts';
import { type ColumnType, columnType } from './column-type.ts';
import { i32, i64, list, struct, type Thrift, text } from './thrift.ts';

/** At the beginning of a file, and at its end. */
export const MAGIC = 'PAR1';

/** Compressing a page must not keep the process from other work for long. */
const ROWS_A_PAGE = 8192;
/** Readers give each thread a row group; DuckDB recommends at least 100,000 rows in each. */
const ROWS_A_GROUP = 16 * ROWS_A_PAGE;
/** Order of the values of a type as the format defines it (`union ColumnOrder`). */
const OWN_ORDER = struct({ 1: struct({}) });

export class ParquetFile<Entry> {
  private readonly columns: readonly Column<Entry, RecordSink>[];
  private readonly types: readonly ColumnType[];
  private readonly chunks: readonly ColumnChunk[];
  private readonly groups: Thrift[] = [];
  private offset = MAGIC.length;
  private rows = 0;
  private rowsInGroup = 0;
  private rowsInPage = 0;

  /** @param whole the type of whole numbers */
  constructor(columns: readonly Column<Entry, RecordSink>[], whole: 'int32' | 'int64') {
    this.columns = columns;
    this.types = columns.map((column) => columnType(column, whole));
    this.chunks = this.types.map((type) => new ColumnChunk(type));
  }

  /** @returns the row groups that have become complete, most often none */
  add(entries: Iterable<Entry>): Uint8Array {
    const { columns, chunks } = this;
    const pieces: Uint8Array[] = [];
    for (const entry of entries) {
      for (let i = 0; i < columns.length; i++) {
        const column = columns[i]!;
        column.put(entry, chunks[i]!, column.decimals);
      }
      this.rowsInPage++;
      if (this.rowsInPage === ROWS_A_PAGE) this.endPages();
      if (this.rowsInGroup === ROWS_A_GROUP) pieces.push(...this.endGroup());
    }
    return Buffer.concat(pieces);
  }

  /** @param facts about the file as a whole, by name */
  end(facts: Readonly<Record<string, string>>): Uint8Array {
    if (this.rowsInPage > 0) this.endPages();
    const group = this.rowsInGroup > 0 ? this.endGroup() : [];
    const { octets } = this.description(facts);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, octets.length, true);
    return Buffer.concat([...group, octets, length, Buffer.from(MAGIC)]);
  }

  private endPages(): void {
    for (const chunk of this.chunks) chunk.endPage();
    this.rowsInGroup += this.rowsInPage;
    this.rowsInPage = 0;
  }

  private endGroup(): Uint8Array[] {
    const start = this.offset;
    let uncompressedOctets = 0;
    const finished = this.chunks.map((chunk) => {
      const taken = chunk.take(this.offset);
      this.offset += taken.octets;
      uncompressedOctets += taken.uncompressedOctets;
      return taken;
    });
    this.groups.push(
      struct({
        1: list(finished.map(({ description }) => description)),
        2: i64(uncompressedOctets),
        3: i64(this.rowsInGroup),
        5: i64(start),
        6: i64(this.offset - start),
      }),
    );
    this.rows += this.rowsInGroup;
    this.rowsInGroup = 0;
    return finished.flatMap(({ pages }) => pages);
  }

  /** `struct FileMetaData` */
  private description(facts: Readonly<Record<string, string>>): Thrift {
    const { types, groups } = this;
    const root = struct({ 4: text('report'), 5: i32(types.length) });
    const pairs = Object.entries(facts).map(([key, value]) =>
      struct({ 1: text(key), 2: text(value) }),
    );
    return struct({
      1: i32(2),
      2: list([root, ...types.flatMap(({ schema }) => schema)]),
      3: i64(this.rows),
      4: list(groups),
      5: pairs.length === 0 ? undefined : list(pairs),
      6: text(`echosweep version ${PACKAGE_VERSION}`),
      7: list(types.map(() => OWN_ORDER)),
    });
  }
}
