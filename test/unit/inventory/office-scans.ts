/** Scans of the network `office`, and what each of them changes. */

import type { ScannedHost } from '../../../src/inventory/host-writer.ts';
import type { ScanRecord } from '../../../src/inventory/scan-writer.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { writeOffice } from './samples.ts';

export const [A, B, C] = ['192.0.2.1', '192.0.2.2', '2001:db8::3'] as const;

/** Writes the n-th scan. @returns its changes, each as `ADDRESS KIND` */
export function scan(
  store: Store,
  n: number,
  hosts: readonly ScannedHost[],
  values: Partial<ScanRecord> = {},
): string[] {
  const { changes } = writeOffice(store, n, hosts, values);
  return changes.map(({ address, kind }) => `${address} ${kind}`);
}
