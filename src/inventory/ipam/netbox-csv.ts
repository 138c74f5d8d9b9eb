/**
 * The files for NetBox's bulk import of IP addresses. A row with an `id` updates that address, one without creates one. An
 * empty cell empties the field, and a field without a column stays as it is. So there are only columns that we know.
 */

import type { KnownHostRow, KnownHosts } from '../known-hosts.ts';
import type { BulkFiles, BulkTable } from './bulk-csv.ts';
import { NETBOX_NAMES, nameFor } from './dns-names.ts';
import type { IpamHost } from './ipam-hosts.ts';
import { IpamNotes, noted } from './ipam-notes.ts';
import type { IpamSubnets } from './ipam-subnets.ts';

const COLUMNS = ['id', 'address', 'status', 'dns_name'] as const;
const STALE_COLUMNS = ['id', 'address', 'status'] as const;
/** Without these, a known host cannot be updated, or we would not know what it overwrites. */
const NEEDED = ['id', 'status', 'dns_name'] as const;
/** An export has their labels, such as `Active` and `DHCP`, the import takes these words. */
const STATUSES: readonly string[] = ['active', 'reserved', 'deprecated', 'dhcp', 'slaac'];

/** What NetBox's export says of a known host, if the host can be updated. */
interface Exported {
  readonly id: string;
  readonly status: string;
  readonly name: string | undefined;
}

/** @param known NetBox's own export; undefined without known hosts */
export function netboxFiles(
  hosts: readonly IpamHost[],
  known: KnownHosts | undefined,
  subnets: IpamSubnets,
): BulkFiles {
  const notes = new IpamNotes();
  const missing = known === undefined ? [] : NEEDED.filter((name) => !known.columns.includes(name));
  const rows: string[][] = [];
  const stale: string[][] = [];
  let [created, unchanged] = [0, 0];
  for (const host of hosts) {
    const { key, address } = host;
    const row = known?.byKey.get(key);
    if (row === undefined) {
      if (!host.isPresent) continue;
      rows.push([
        '',
        `${address}/${subnets.maskOf(host, notes)}`,
        'active',
        nameFor(host, NETBOX_NAMES, notes) ?? '',
      ]);
      created++;
      continue;
    }
    if (missing.length > 0) {
      notes.add(`the known hosts have no ${missing.join(', ')}, so these are left out:`, address);
      continue;
    }
    const exported = readExported(row, notes);
    if (exported === undefined) continue;
    const { id, status, name } = exported;
    const cidr = row.written.includes('/') ? row.written : `${address}/${subnets.maskOf(host)}`;
    if (host.isPresent) {
      if (status === 'deprecated') notes.add('deprecated, but present:', address);
      const found = name === undefined ? (nameFor(host, NETBOX_NAMES, notes) ?? '') : '';
      if (found === '') unchanged++;
      else rows.push([id, cidr, status, found]);
    } else if (status === 'active') {
      if (host.isDoubted) notes.add('gone by a scan that may be unreliable:', address);
      else stale.push([id, cidr, 'deprecated']);
    }
  }
  return {
    hosts: withoutEmptyId({ columns: COLUMNS, rows }),
    stale: { columns: STALE_COLUMNS, rows: stale },
    counts: { created, updated: rows.length - created, unchanged, stale: stale.length },
    notes: notes.lines,
  };
}

function readExported(
  { address, fields, rows }: KnownHostRow,
  notes: IpamNotes,
): Exported | undefined {
  const status = (fields['status'] ?? '').toLowerCase();
  const id = fields['id'] ?? '';
  if (rows > 1) {
    notes.add('several known hosts have the same address, so these are left out:', address);
    return undefined;
  }
  if (!/^[1-9]\d{0,15}$/.test(id)) {
    notes.add('the id of a known host is not a number, so these are left out:', address);
    return undefined;
  }
  if (!STATUSES.includes(status)) {
    notes.add(`left out, since the import takes no status ${noted(status)}:`, address);
    return undefined;
  }
  return { id, status, name: fields['dns_name'] };
}

/** Without known hosts, every row is new, and the column would say nothing. */
function withoutEmptyId({ columns, rows }: BulkTable): BulkTable {
  if (rows.some(([id]) => id !== '')) return { columns, rows };
  return { columns: columns.slice(1), rows: rows.map((row) => row.slice(1)) };
}
