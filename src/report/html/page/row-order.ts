/** Which rows a table shows, and in which order: 65,536 of them without a wait. */

import type { Status } from '../../../results/outcome.ts';
import type { TableColumn, TableModel } from './table-model.ts';

/** What a reader has chosen. */
export interface RowWishes {
  /** Lower case; '' for all. */
  readonly search: string;
  /** undefined for all. */
  readonly statuses: ReadonlySet<Status> | undefined;
  /** '' for all. */
  readonly reason: string;
  readonly sortBy: TableColumn | undefined;
  readonly descending: boolean;
}

export class RowOrder {
  private readonly model: TableModel;
  /** By column: the rows sorted by it, made when first needed. */
  private readonly sorted = new Map<TableColumn, Uint32Array>();
  /** By row: all that a search looks at. */
  private haystack: string[] | undefined;

  constructor(model: TableModel) {
    this.model = model;
  }

  rows(wishes: RowWishes): Uint32Array {
    const isWanted = this.filterOf(wishes);
    const order = wishes.sortBy === undefined ? undefined : this.sortedBy(wishes.sortBy);
    const { count } = this.model;
    const rows = new Uint32Array(count);
    let length = 0;
    const empty: number[] = [];
    for (let i = 0; i < count; i++) {
      const at = wishes.descending ? count - 1 - i : i;
      const row = order?.[at] ?? at;
      if (!isWanted(row)) continue;
      // What has no value comes last either way.
      if (wishes.sortBy !== undefined && isEmpty(wishes.sortBy.order(row))) empty.push(row);
      else rows[length++] = row;
    }
    rows.set(empty, length);
    return rows.subarray(0, length + empty.length);
  }

  private filterOf({ search, statuses, reason }: RowWishes): (row: number) => boolean {
    const { statusOf, reasonOf } = this.model;
    const texts = search === '' ? undefined : this.texts();
    return (row) =>
      (statuses === undefined || statusOf === undefined || statuses.has(statusOf(row))) &&
      (reason === '' || reasonOf?.(row) === reason) &&
      (texts === undefined || texts[row]!.includes(search));
  }

  private texts(): string[] {
    const columns = this.model.columns.filter(({ isNumber }) => !isNumber);
    this.haystack ??= Array.from({ length: this.model.count }, (_, row) =>
      columns
        .map(({ text }) => text(row))
        .join('\n')
        .toLowerCase(),
    );
    return this.haystack;
  }

  private sortedBy(column: TableColumn): Uint32Array {
    const known = this.sorted.get(column);
    if (known !== undefined) return known;
    const { count } = this.model;
    const keys = Array.from({ length: count }, (_, row) => column.order(row));
    const rows = Uint32Array.from({ length: count }, (_, row) => row);
    rows.sort((a, b) => {
      const [left, right] = [keys[a]!, keys[b]!];
      return left < right ? -1 : left > right ? 1 : a - b;
    });
    this.sorted.set(column, rows);
    return rows;
  }
}

function isEmpty(key: number | string): boolean {
  return typeof key === 'number' ? key < 0 : key === '';
}
