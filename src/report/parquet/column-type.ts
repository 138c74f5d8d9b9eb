/** Which type of Parquet a column of a report has, and how the schema at the end of the file describes it. */

import type { Column } from '../../results/column.ts';
import { bool, i32, list, struct, type Thrift, text } from './thrift.ts';

/** As numbered in parquet.thrift, `enum Type`. */
export const PHYSICAL = { int32: 1, int64: 2, double: 5, octets: 6 } as const;
export type Physical = keyof typeof PHYSICAL;

/** `enum FieldRepetitionType` */
const REQUIRED = i32(0);
const OPTIONAL = i32(1);
const REPEATED = i32(2);

/** What a type means: `enum ConvertedType` for old readers, `union LogicalType` for others. */
const EMPTY = struct({});
const STRING = { 6: i32(0), 10: struct({ 1: EMPTY }) };
const LIST = { 6: i32(3), 10: struct({ 3: EMPTY }) };
const UTC_MILLISECONDS = {
  6: i32(9),
  10: struct({ 8: struct({ 1: bool(true), 2: struct({ 1: EMPTY }) }) }),
};

export interface ColumnType {
  readonly physical: Physical;
  readonly isList: boolean;
  /** From the column to where its values are. */
  readonly path: Thrift;
  /** The elements of the schema (`struct SchemaElement`), depth first. */
  readonly schema: readonly Thrift[];
}

/** @param whole the type of whole numbers: those of a host are small, those of a network need not be */
export function columnType(
  { name, kind, decimals }: Pick<Column<never>, 'name' | 'kind' | 'decimals'>,
  whole: 'int32' | 'int64',
): ColumnType {
  const single = (physical: Physical, meaning = {}): ColumnType => ({
    physical,
    isList: false,
    path: list([text(name)]),
    schema: [struct({ 1: i32(PHYSICAL[physical]), 3: OPTIONAL, 4: text(name), ...meaning })],
  });
  switch (kind) {
    case 'text':
    case 'word':
      return single('octets', STRING);
    case 'figure':
      return single(decimals === 0 ? whole : 'double');
    case 'time':
      return single('int64', UTC_MILLISECONDS);
    case 'list':
      return {
        physical: 'double',
        isList: true,
        path: list([text(name), text('list'), text('element')]),
        schema: [
          struct({ 3: REQUIRED, 4: text(name), 5: i32(1), ...LIST }),
          struct({ 3: REPEATED, 4: text('list'), 5: i32(1) }),
          struct({ 1: i32(PHYSICAL.double), 3: OPTIONAL, 4: text('element') }),
        ],
      };
  }
}
