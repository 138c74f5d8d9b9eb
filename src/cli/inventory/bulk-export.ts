/** `echosweep inventory export --for …`: files that NetBox or phpIPAM takes in its bulk import. */

import {
  type ConfigFile,
  knownHostsOf,
  networksNamed,
} from '../../inventory/config/config-file.ts';
import { EVER_UP, listHosts } from '../../inventory/host-list.ts';
import { type BulkFiles, bulkCsv } from '../../inventory/ipam/bulk-csv.ts';
import { type IpamHosts, ipamHosts } from '../../inventory/ipam/ipam-hosts.ts';
import { netboxFiles } from '../../inventory/ipam/netbox-csv.ts';
import { phpipamFiles } from '../../inventory/ipam/phpipam-csv.ts';
import { networkStatus } from '../../inventory/network-status.ts';
import type { Store } from '../../inventory/store.ts';
import { choice, text, type ValuesOf } from '../../option-spec.ts';
import { optionInvalid } from '../../option-value.ts';
import { writeWhole } from '../../report/records.ts';
import { refuseSharedPlaces } from '../../report/registry.ts';
import { plural } from '../../words.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import type { SubcommandLine } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { type CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';
import { configuredSubnets, readSubnet } from './configured-subnets.ts';
import { knownHostsNotes } from './known-hosts-notes.ts';
import type { NETWORK_OPTION, REPORT_OPTIONS } from './view-options.ts';

/** What makes an export one for another program. */
export const BULK_OPTIONS = [
  choice('for', '--for <program>', 'Write CSV as the bulk import of this program takes it.', {
    choices: ['netbox', 'phpipam'],
  }),
  text(
    'stale',
    '--stale <file>',
    'With --for: write known hosts that are gone to this file, as deprecated or Offline.',
    { isPath: true },
  ),
  text('section', '--section <name>', 'With --for phpipam: the section of new hosts.', {
    otherwise: 'that of the known hosts in the same subnet',
  }),
] as const;

/** The command line of an export for another program. */
type BulkLine = SubcommandLine<
  readonly [
    typeof CONFIG_OPTION,
    typeof NETWORK_OPTION,
    ...typeof BULK_OPTIONS,
    ...typeof REPORT_OPTIONS,
  ]
>;

/** @throws EchosweepError OPTION_INVALID if an option has a meaning only together with another one */
export function refuseWithoutBulk({ for: program, stale, section }: ValuesOf<typeof BULK_OPTIONS>) {
  if (program === undefined && stale !== undefined) {
    throw optionInvalid('--stale needs --for', 'add --for netbox or --for phpipam');
  }
  if (program !== 'phpipam' && section !== undefined) {
    throw optionInvalid('--section needs --for phpipam', 'add it, or leave --section out');
  }
}

/**
 * @param pathOf the path of a file, from the one on the command line
 * @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED, OPTION_INVALID, REPORT_INVALID, OUTPUT_FAILED
 */
export async function writeBulkFiles(
  line: BulkLine,
  surroundings: Surroundings,
  pathOf: (path: string) => string,
): Promise<ExitCode> {
  const { stale, networks, quiet } = line.values;
  refuseReportOptions(line.values);
  const file = await readConfigOf(line);
  const known = await knownHostsOf(file);
  const chosen = networksNamed(file, networks);
  const subnets = configuredSubnets(chosen);
  const names = chosen.map(({ name }) => name);
  const store = await openStoreToRead(file, surroundings);
  const { hosts, zoned } = hostsOf(store, names);
  store.close();
  const files =
    line.values.for === 'netbox'
      ? netboxFiles(hosts, known, subnets)
      : phpipamFiles(hosts, known, { subnets, section: line.values.section, readSubnet });
  const stdout = standardOutputOf(surroundings);
  const places = recordRequests(line.values).map(({ path }) => ({
    path: pathOf(path),
    table: files.hosts,
  }));
  if (stale !== undefined) places.push({ path: pathOf(stale), table: files.stale });
  refuseSharedPlaces(places.map(({ path }) => ({ ...PLAIN, path })));
  for (const { path, table } of places) {
    await writeWhole(path, stdout, (output) => output.write(bulkCsv(table)));
  }
  if (!quiet) {
    const notes = [...files.notes, ...knownNotes(file), ...zonedNotes(zoned)];
    printWords(surroundings, [
      ...knownHostsNotes(known),
      ...notes.map((note) => `note: ${note}`),
      totals(files, stale !== undefined),
    ]);
  }
  return EXIT.ok;
}

/** The hosts of networks for address management. */
export function hostsOf(store: Store, networks: readonly string[]): IpamHosts {
  const now = new Date();
  const doubted = networks.filter((name) => {
    const { doubt, partial } = networkStatus(store, name, now);
    return doubt !== null || partial;
  });
  return ipamHosts(listHosts(store, { networks, states: EVER_UP }), new Set(doubted));
}

const PLAIN = { format: 'csv', csvProfile: 'plain', csvDelimiter: ',', csvDecimal: '.' } as const;

function refuseReportOptions(values: BulkLine['values']): void {
  const { format = 'csv', columns, csvProfile, csvDelimiter, csvDecimal } = values;
  const given = { format, csvProfile, csvDelimiter, csvDecimal };
  const isUsual = Object.entries(PLAIN).every(
    ([key, value]) => given[key as keyof typeof given] === value,
  );
  if (isUsual && columns === undefined) return;
  throw optionInvalid(
    '--for writes the CSV that the program takes',
    'leave out --format, --columns and --csv-…',
  );
}

function knownNotes({ path, config }: ConfigFile): string[] {
  return config.knownHosts === undefined
    ? [`${path} names no known-hosts, so every host is written as a new one`]
    : [];
}

/** What is said of addresses with a zone. */
export function zonedNotes(zoned: number): string[] {
  return zoned === 0 ? [] : [`${plural(zoned, 'link-local host')} left out`];
}

function totals({ counts }: BulkFiles, hasStale: boolean): string {
  const { created, updated, unchanged, stale } = counts;
  const words = `${plural(created, 'new host')}, ${plural(updated, 'known host')} to complete, ${unchanged} unchanged`;
  return hasStale ? `${words}, ${stale} gone` : words;
}
