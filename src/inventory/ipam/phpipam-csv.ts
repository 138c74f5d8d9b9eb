/**
 * The files for phpIPAM's import of IP addresses (Administration, Import / Export). It writes every field of an address,
 * and an empty or missing cell empties its field. So a known host has a row only if its export says all of them.
 */

import { ADDRESS_BITS } from '../../address.ts';
import type { KnownHostRow, KnownHosts } from '../known-hosts.ts';
import type { BulkFiles } from './bulk-csv.ts';
import { nameFor, PHPIPAM_NAMES } from './dns-names.ts';
import type { IpamHost } from './ipam-hosts.ts';
import { IpamNotes, noted } from './ipam-notes.ts';
import { type IpamSubnet, IpamSubnets, subnetText } from './ipam-subnets.ts';

/** In the order of phpIPAM's template. */
const COLUMNS = [
  'section',
  'ip_addr',
  'hostname',
  'description',
  'vrf',
  'subnet',
  'mac',
  'owner',
  'device',
  'note',
  'tag',
  'is_gateway',
  'port',
  'location',
] as const;
type Column = (typeof COLUMNS)[number];
type Row = Readonly<Record<Column, string>>;

/** Columns that a known host may lack: the address has a place of its own, and without a VRF the default one is meant. */
const DISPENSABLE: readonly Column[] = ['ip_addr', 'vrf'];
/** The import refuses these, or takes them for the end of a cell or a row. */
const NOT_TAKEN = /[;'"\\\r\n]/;
const YES = ['yes', 'true', '1'];
const NO = ['', 'no', 'false', '0'];

/** A subnet of phpIPAM, as its export describes it. */
interface ExportedSubnet extends IpamSubnet {
  readonly section: string;
  readonly vrf: string;
}

/** What phpIPAM needs to know about new hosts. */
export interface PhpipamPlaces {
  /** Subnets of the configuration. */
  readonly subnets: IpamSubnets;
  /** The section of new hosts that are in no subnet of a known host; undefined if not given. */
  readonly section: string | undefined;
  /** Reads a subnet such as `192.0.2.0/24`; undefined if it is not one. */
  readonly readSubnet: (text: string) => IpamSubnet | undefined;
}

/** @param known phpIPAM's own export; undefined without known hosts */
export function phpipamFiles(
  hosts: readonly IpamHost[],
  known: KnownHosts | undefined,
  places: PhpipamPlaces,
): BulkFiles {
  const notes = new IpamNotes();
  const exported = new IpamSubnets(exportedSubnets(known, places));
  const missing = known === undefined ? [] : missingColumns(known);
  const rows: Row[] = [];
  const stale: Row[] = [];
  let [created, unchanged] = [0, 0];
  for (const host of hosts) {
    const { key, address, isPresent } = host;
    const row = known?.byKey.get(key);
    if (row === undefined) {
      const place = isPresent ? placeOf(host, exported, places, notes) : undefined;
      if (place === undefined) continue;
      rows.push({ ...EMPTY, ...place, ip_addr: address, ...factsOf(host, notes), tag: 'Used' });
      created++;
      continue;
    }
    const change = changeOf(host, row, notes);
    if (change === undefined) {
      if (isPresent) unchanged++;
      continue;
    }
    if (missing.length > 0) {
      notes.add(
        `left out, since the import would empty what the known hosts do not have (${missing.join(', ')}):`,
        address,
      );
      continue;
    }
    const whole = wholeRow(row, notes);
    if (whole !== undefined) (isPresent ? rows : stale).push({ ...whole, ...change });
  }
  const asTable = (all: readonly Row[]) => ({
    columns: COLUMNS,
    rows: all.map((row) => COLUMNS.map((column) => row[column])),
  });
  return {
    hosts: asTable(rows),
    stale: asTable(stale),
    counts: { created, updated: rows.length - created, unchanged, stale: stale.length },
    notes: notes.lines,
  };
}

const EMPTY = Object.fromEntries(COLUMNS.map((column) => [column, ''])) as Row;

function missingColumns(known: KnownHosts): string[] {
  return COLUMNS.filter(
    (column) =>
      !DISPENSABLE.includes(column) && !known.columns.includes(nameInExport(column, known.columns)),
  );
}

/** The export calls one column differently. */
function nameInExport(column: Column, columns: readonly string[]): string {
  return column === 'is_gateway' && !columns.includes(column) ? 'gateway' : column;
}

function exportedSubnets(
  known: KnownHosts | undefined,
  { readSubnet }: PhpipamPlaces,
): ExportedSubnet[] {
  return [...(known?.byKey.values() ?? [])].flatMap(({ fields, rows }) => {
    const { section, subnet, vrf = '' } = fields;
    const read = subnet === undefined ? undefined : readSubnet(subnet);
    return read === undefined || section === undefined || rows > 1
      ? []
      : [{ ...read, section, vrf }];
  });
}

/** The subnet must exist in phpIPAM, so one that its export names is better than one of the configuration. */
function placeOf(
  { key, address }: IpamHost,
  exported: IpamSubnets<ExportedSubnet>,
  { subnets, section }: PhpipamPlaces,
  notes: IpamNotes,
): Pick<Row, 'section' | 'vrf' | 'subnet'> | undefined {
  const found = exported.of(key);
  if (found !== undefined) {
    return { section: found.section, vrf: found.vrf, subnet: subnetText(found) };
  }
  const configured = subnets.of(key);
  if (configured === undefined || configured.prefix === ADDRESS_BITS[configured.family]) {
    notes.add('left out, since no subnet of the configuration has them:', address);
    return undefined;
  }
  if (section === undefined) {
    notes.add(
      `left out, since no known host says the section of ${subnetText(configured)} (give --section):`,
      address,
    );
    return undefined;
  }
  return { section, vrf: '', subnet: subnetText(configured) };
}

function factsOf(host: IpamHost, notes: IpamNotes): Pick<Row, 'hostname' | 'mac'> {
  return { hostname: nameFor(host, PHPIPAM_NAMES, notes) ?? '', mac: host.mac ?? '' };
}

/** @returns the cells of a known host that change; undefined if none do */
function changeOf(
  host: IpamHost,
  { address, fields }: KnownHostRow,
  notes: IpamNotes,
): Partial<Row> | undefined {
  // phpIPAM does not export the name of the usual tag.
  const tag = fields['tag'] ?? 'Used';
  if (!host.isPresent) {
    if (tag !== 'Used') return undefined;
    if (!host.isDoubted) return { tag: 'Offline' };
    notes.add('gone by a scan that may be unreliable:', address);
    return undefined;
  }
  if (tag === 'Offline') notes.add('Offline, but present:', address);
  const isNamed = fields['hostname'] !== undefined;
  const facts = factsOf(isNamed ? { ...host, hostname: null } : host, notes);
  const missing = (['hostname', 'mac'] as const).filter(
    (name) => fields[name] === undefined && facts[name] !== '',
  );
  if (missing.length === 0) return undefined;
  return Object.fromEntries(missing.map((name) => [name, facts[name]]));
}

/** @returns all cells of a known host; undefined if the import would not take them as they are */
function wholeRow({ address, fields, rows }: KnownHostRow, notes: IpamNotes): Row | undefined {
  const gateway = (fields['is_gateway'] ?? fields['gateway'] ?? '').toLowerCase();
  const row: Row = {
    ...EMPTY,
    ...Object.fromEntries(COLUMNS.map((column) => [column, fields[column] ?? ''])),
    ip_addr: address,
    tag: fields['tag'] ?? 'Used',
    is_gateway: YES.includes(gateway) ? '1' : '0',
  };
  if (rows > 1) {
    notes.add('several known hosts have the same address, so these are left out:', address);
  } else if (!YES.includes(gateway) && !NO.includes(gateway)) {
    notes.add(`left out, since phpIPAM reads ${noted(gateway)} as no gateway:`, address);
  } else if (COLUMNS.some((column) => NOT_TAKEN.test(row[column]))) {
    notes.add('left out, since phpIPAM refuses quotes, semicolons and line ends in:', address);
  } else {
    return row;
  }
  return undefined;
}
