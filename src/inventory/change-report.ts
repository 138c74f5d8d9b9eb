/** The columns of a report of changes. */

import { type RecordShape, textColumn, timeColumn } from '../report/record-shape.ts';
import type { InventoryChange } from './change-list.ts';
import type { HostChange } from './diff.ts';
import { makersOf } from './vendor.ts';

export const CHANGE_SHAPE: RecordShape<HostChange> = {
  type: 'change',
  columns: [
    textColumn('address', 'The host that changed.', (change) => change.address),
    textColumn('hostname', 'The latest known name.', (change) => change.hostname),
    textColumn('change', 'The kind of change.', (change) => change.kind),
    textColumn(
      'before',
      'Reason, name, address, MAC address or RTT in ms before.',
      (change) => change.before || null,
    ),
    textColumn('after', 'The same after.', (change) => change.after || null),
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
  ],
};

/** The same of an inventory, where a change belongs to a network. */
export const INVENTORY_CHANGE_SHAPE: RecordShape<InventoryChange> = {
  type: 'change',
  columns: [
    ...CHANGE_SHAPE.columns,
    textColumn('network', 'The network it belongs to.', (change) => change.network, {
      isSpare: true,
    }),
  ],
};
