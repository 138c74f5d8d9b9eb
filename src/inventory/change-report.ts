/** The columns of a report of changes. */

import type { RecordShape } from '../report/record-shape.ts';
import type { InventoryChange } from './change-list.ts';
import type { HostChange } from './diff.ts';
import { makersOf } from './vendor.ts';

export const CHANGE_SHAPE: RecordShape<HostChange> = {
  type: 'change',
  columns: [
    { name: 'address', meaning: 'Whose change it is.', value: (change) => change.address },
    { name: 'hostname', meaning: 'The latest known name.', value: (change) => change.hostname },
    { name: 'change', meaning: 'The kind of change.', value: (change) => change.kind },
    {
      name: 'before',
      meaning: 'Reason, name, MAC address or RTT in ms before.',
      value: (change) => change.before || null,
    },
    { name: 'after', meaning: 'The same after.', value: (change) => change.after || null },
    {
      name: 'seen_at',
      meaning: 'When the sweep that found the change asked the host.',
      value: (change) => change.seenAt,
    },
    {
      name: 'vendor_before',
      meaning: 'Of another MAC address: who has registered the one before; `(local)` for nobody.',
      isSpare: true,
      value: (change) => makersOf(change).before,
    },
    {
      name: 'vendor_after',
      meaning: 'Who has registered the one after.',
      isSpare: true,
      value: (change) => makersOf(change).after,
    },
  ],
};

/** The same of an inventory, where a change belongs to a network. */
export const INVENTORY_CHANGE_SHAPE: RecordShape<InventoryChange> = {
  type: 'change',
  columns: [
    ...CHANGE_SHAPE.columns,
    {
      name: 'network',
      meaning: 'The network it belongs to.',
      isSpare: true,
      value: (change) => change.network,
    },
  ],
};
