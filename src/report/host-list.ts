/** Lists of hosts for other programs: what they say of a host besides its address, and a JSON array of them. */

import type { Column } from '../results/column.ts';
import type { HostResult } from '../results/host-result.ts';
import { CellText } from './cell-text.ts';
import { COLUMNS } from './columns.ts';
import type { FormatSettings, RecordWriter, ReportFormat, RowWriter } from './format.ts';

/** What is said of a host if no columns are named: what identifies hosts and groups them, but no measurements. */
const USUAL_FACTS: readonly string[] = [
  'hostname',
  'status',
  'state',
  'mac',
  'network',
  'site',
  'tags',
];

/** A host and its facts, `null` if there is no such value, in the order of the columns. */
export interface ListedFacts {
  readonly address: string;
  readonly facts: readonly (string | null)[];
}

/** The columns that a list has besides the address. */
export interface FactColumn {
  readonly name: string;
  /** Whether its value is one that changes from sweep to sweep although the host is the same. */
  readonly isPassing: boolean;
}

/** A format that is a list of hosts, from what it makes of its columns. */
export function hostListFormat(
  writerOf: (columns: readonly FactColumn[]) => RecordWriter<ListedFacts>,
): ReportFormat {
  const listWriter = <Entry>(
    columns: readonly Column<Entry>[],
    chosen: FormatSettings<Entry>['columns'],
  ): RecordWriter<Entry> => {
    const address = columns.find(({ name }) => name === 'address')!;
    const shown = (chosen ?? columns.filter(({ name }) => USUAL_FACTS.includes(name))).filter(
      (column) => column !== address,
    );
    const writer = writerOf(shown.map(factColumn));
    return { ...writer, rows: (entries) => writer.rows(factsOf(entries, address, shown)) };
  };
  return {
    rows: ({ columns }): RowWriter => listWriter<HostResult>(COLUMNS, columns),
    hosts: (shape, { columns }) => listWriter(shape.columns, columns),
  };
}

/** Of fixed words; `state`, `reason` and `known` are text in an inventory. */
const PASSING: readonly string[] = ['status', 'state', 'reason', 'responder', 'known'];

function factColumn({ name, kind }: Column<never>): FactColumn {
  return { name, isPassing: kind !== 'text' || PASSING.includes(name) };
}

/** A name that has no address is left out. */
function* factsOf<Entry>(
  entries: Iterable<Entry>,
  address: Column<Entry>,
  columns: readonly Column<Entry>[],
): Generator<ListedFacts> {
  const cell = new CellText();
  for (const entry of entries) {
    const text = cell.textOf(address, entry);
    if (text === null) continue;
    yield { address: text, facts: columns.map((column) => cell.textOf(column, entry)) };
  }
}

/** A writer of one JSON array, an item on each line. @param itemOf gives JSON */
export function jsonArrayWriter(itemOf: (host: ListedFacts) => string): RecordWriter<ListedFacts> {
  let separator = '\n';
  return {
    begin: () => '[',
    rows(hosts) {
      let items = '';
      for (const host of hosts) {
        items += separator + itemOf(host);
        separator = ',\n';
      }
      return items;
    },
    end: () => '\n]\n',
  };
}
