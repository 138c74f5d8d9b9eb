/** The columns of a report of changes. */

import { type RecordShape, textColumn, timeColumn } from '../report/record-shape.ts';
import type { Column } from '../results/column.ts';
import type { InventoryChange } from './change-list.ts';
import type { HostChange, ReportChange } from './diff.ts';
import { makersOf } from './vendor.ts';

const RTT_DECIMALS = 3;

const COLUMNS: readonly Column<HostChange>[] = [
  textColumn('address', 'The host that changed.', (change) => change.address),
  textColumn('hostname', 'The latest known name.', (change) => change.hostname),
  textColumn('change', 'The kind of change.', (change) => change.kind),
  valueColumn(
    'before',
    'Reason, name, address, MAC address or RTT in ms before; an RTT is a number.',
    (change) => change.before,
  ),
  valueColumn('after', 'The same after.', (change) => change.after),
  timeColumn(
    'seen_at',
    'When the sweep that found the change probed the host.',
    (change) => change.seenAt,
  ),
  textColumn(
    'vendor_before',
    'Of a new or second MAC address: the vendor of the one before; `(local)` if it is not registered to any.',
    (change) => makersOf(change).before,
    { isSpare: true },
  ),
  textColumn('vendor_after', 'The vendor of the one after.', (change) => makersOf(change).after, {
    isSpare: true,
  }),
];

/** A value of a change. An RTT has the decimal sign of the report, like every other number. */
function valueColumn(
  name: string,
  meaning: string,
  value: (change: HostChange) => string,
): Column<HostChange> {
  const column = textColumn(name, meaning, (change: HostChange) => value(change) || null);
  const put: Column<HostChange>['put'] = (change, to, decimals) => {
    if (change.kind === 'slower') to.number(Number(value(change)), RTT_DECIMALS);
    else column.put(change, to, decimals);
  };
  return { ...column, put };
}

/** The columns of what changed between reports. */
export const CHANGE_SHAPE: RecordShape<HostChange> = { type: 'change', columns: COLUMNS };

/** The same between reports on several sites. */
export const SITE_CHANGE_SHAPE: RecordShape<ReportChange> = {
  type: 'change',
  columns: [
    ...COLUMNS,
    textColumn(
      'site',
      'Only of reports on several sites: the site of the host.',
      ({ site }) => site,
    ),
  ],
};

/** The same of an inventory, where a change belongs to a network. */
export const INVENTORY_CHANGE_SHAPE: RecordShape<InventoryChange> = {
  type: 'change',
  columns: [
    ...COLUMNS,
    textColumn('network', 'The network it belongs to.', (change) => change.network, {
      isSpare: true,
    }),
  ],
};
