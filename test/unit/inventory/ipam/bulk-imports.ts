/** Stand-ins for the bulk imports of NetBox 4 and phpIPAM 1.8: what they accept of a CSV, and what it changes. */

import { readCsv } from '../../report/read-csv.ts';

/** An IP address of NetBox, with the fields that its form has. */
export interface NetBoxRow {
  id: number;
  address: string;
  status: string;
  dns_name: string;
  description: string;
}

const NETBOX_FIELDS = ['address', 'vrf', 'tenant', 'status', 'role', 'dns_name', 'description'];
const NETBOX_STATUSES = ['active', 'reserved', 'deprecated', 'dhcp', 'slaac'];

/**
 * Imports as a whole or not at all. A record with an id updates the fields that have a column, one without creates.
 * @throws Error as NetBox words it
 */
export function netboxImport(text: string, existing: readonly NetBoxRow[]): NetBoxRow[] {
  const [headers = [], ...records] = readCsv(text);
  for (const header of headers) {
    if (header !== 'id' && !NETBOX_FIELDS.includes(header)) {
      throw new Error(`Unrecognized header: ${header}`);
    }
  }
  const rows = existing.map((row) => ({ ...row }));
  records.forEach((cells, i) => {
    const refuse = (problem: string) => new Error(`Record ${i + 1} ${problem}`);
    if (cells.length !== headers.length) throw refuse(`Expected ${headers.length} columns`);
    const record = Object.fromEntries(headers.map((name, at) => [name, cells[at]!.trim()]));
    const { id = '', ...fields } = record;
    const old = id === '' ? undefined : rows.find((row) => row.id === Number(id));
    if (id !== '' && old === undefined) throw refuse(`id: Object with ID ${id} does not exist`);
    if (old === undefined || 'status' in fields) {
      if (!NETBOX_STATUSES.includes(fields['status'] ?? '')) throw refuse('status: wrong');
    }
    const address = fields['address'] ?? old?.address ?? '';
    if (address.split('/').length !== 2) {
      throw refuse('address: CIDR mask (e.g. /24) is required.');
    }
    const name = (fields['dns_name'] ?? old?.dns_name ?? '').toLowerCase();
    if (name !== '' && !/^([0-9A-Za-z_-]+|\*)(\.[0-9A-Za-z_-]+)*\.?$/.test(name)) {
      throw refuse('dns_name: Only alphanumeric characters, …');
    }
    const host = address.split('/')[0];
    if (rows.some((row) => row !== old && row.address.split('/')[0] === host)) {
      throw refuse(`address: Duplicate IP address found in global table: ${address}`);
    }
    const next = {
      ...(old ?? { id: Math.max(0, ...rows.map((row) => row.id)) + 1, description: '' }),
      ...fields,
      address,
      dns_name: name,
    } as NetBoxRow;
    if (old === undefined) rows.push(next);
    else Object.assign(old, next);
  });
  return rows;
}

/** An address of phpIPAM, by the names of the import's fields. */
export type PhpipamRow = Readonly<Record<string, string>>;

const PHPIPAM_FIELDS =
  'section,ip_addr,hostname,description,vrf,subnet,mac,owner,device,note,tag,is_gateway,port,location'.split(
    ',',
  );
const PHPIPAM_TAGS = ['Offline', 'Used', 'Reserved', 'DHCP'];

/** @returns the addresses after the import, and what it says of each row */
export function phpipamImport(
  text: string,
  existing: readonly PhpipamRow[],
  subnets: readonly string[],
): { readonly rows: PhpipamRow[]; readonly actions: string[] } {
  const rows = [...existing];
  // It reads line by line, so a line end in a cell would end the row.
  const [headers = [], ...records] = text
    .trimEnd()
    .split('\n')
    .map((line) => readCsv(`${line}\n`)[0] ?? []);
  const actions = records.map((cells) => {
    const record: Record<string, string> = Object.fromEntries(
      PHPIPAM_FIELDS.map((name) => [name, (cells[headers.indexOf(name)] ?? '').trim()]),
    );
    const { section, subnet, ip_addr: address, hostname, tag, mac, is_gateway: gateway } = record;
    if (section === '' || subnet === '' || address === '') return 'Required field missing or empty';
    if (!subnets.includes(subnet!)) return 'Unable to locate the subnet in the specified VRF';
    if (!['', ...PHPIPAM_TAGS].includes(tag!)) return 'Invalid tag';
    if (hostname !== '' && !/^[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z.])?$/.test(hostname!)) {
      return 'Invalid DNS name';
    }
    if (mac !== '' && !/^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$/.test(mac!)) return 'Invalid MAC';
    for (const field of ['description', 'owner', 'note']) {
      if (/[;'"]/.test(record[field]!)) return `Invalid characters in ${field}`;
    }
    record['tag'] = tag || 'Used';
    record['is_gateway'] = ['yes', 'true', '1'].includes(gateway!.toLowerCase()) ? '1' : '0';
    const at = rows.findIndex((row) => row['ip_addr'] === address && row['subnet'] === subnet);
    if (at < 0) rows.push(record);
    else rows[at] = record;
    return at < 0 ? 'add' : 'edit';
  });
  return { rows, actions };
}
