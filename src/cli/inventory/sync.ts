/** `echosweep inventory sync netbox`: brings what scans found into NetBox, and lists its prefixes as targets. */

import { ADDRESS_BITS } from '../../address.ts';
import type { EchosweepError } from '../../errors.ts';
import { type ConfigFile, networksNamed } from '../../inventory/config/config-file.ts';
import type { IpamSubnets } from '../../inventory/ipam/ipam-subnets.ts';
import { NetBoxApi } from '../../inventory/ipam/netbox-api.ts';
import type { NetBoxConfig } from '../../inventory/ipam/netbox-config.ts';
import { readPrefixes } from '../../inventory/ipam/netbox-objects.ts';
import {
  applyPlan,
  type ChangeResult,
  type PreparedSync,
  prepareSync,
} from '../../inventory/ipam/netbox-sync.ts';
import { readSecret } from '../../inventory/notify/secret.ts';
import { text, toggle } from '../../option-spec.ts';
import { optionInvalid } from '../../option-value.ts';
import { figureColumn, type RecordShape, textColumn } from '../../report/record-shape.ts';
import { checkRecordPlaces, checkRecordReports, writeRecords } from '../../report/records.ts';
import { plural } from '../../words.ts';
import { EXIT, type ExitCode, exitCodeOfSignal } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { SweepSignals } from '../signals.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { errorLine, printData, printWords, type Surroundings } from '../terminal.ts';
import { hostsOf, zonedNotes } from './bulk-export.ts';
import { CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';
import { configuredSubnets, readSubnet } from './configured-subnets.ts';
import { NETWORK_OPTION, REPORT_OPTIONS } from './view-options.ts';

export const SYNC = subcommand({
  name: 'inventory sync',
  usage: 'netbox',
  takes: [1, 1],
  completesTo: ['netbox'],
  description:
    'Creates hosts in NetBox, and updates those with its tag; deletes nothing. Exit code 4 if NetBox refuses or fails.',
  options: [
    CONFIG_OPTION,
    NETWORK_OPTION,
    toggle('dryRun', '--dry-run', 'Only show what would be changed.'),
    text('prefixes', '--prefixes <tag>', 'Print the prefixes with this tag as targets instead.'),
    ...REPORT_OPTIONS,
  ],
});

const SHAPE: RecordShape<ChangeResult> = {
  type: 'sync',
  columns: [
    textColumn('action', '`create`, `update` or `leave`.', ({ item }) => item.action),
    textColumn('address', 'The host, with its mask.', ({ item }) => item.address),
    textColumn('network', 'The network it belongs to.', ({ item }) => item.network, {
      isSpare: true,
    }),
    figureColumn('id', 'Its number in NetBox.', 0, ({ item }) => item.id, { isSpare: true }),
    textColumn('changes', 'Fields that change or differ.', ({ item }) => item.changes || null),
    textColumn('reason', 'Why.', ({ item }) => item.reason),
    textColumn('result', 'What NetBox did.', ({ result }) => result),
  ],
};

/** More addresses are not swept without being confirmed. */
const LARGEST_PREFIX_BITS = 20;

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED, NETBOX_FAILED, OPTION_INVALID, OUTPUT_FAILED */
export async function syncCommand(
  line: LineOf<typeof SYNC>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const [program] = line.args as [string];
  if (program !== 'netbox') {
    throw optionInvalid(`${JSON.stringify(program)} cannot be synchronised`, 'write sync netbox');
  }
  const file = await readConfigOf(line);
  const { netbox } = file.config;
  if (netbox === undefined) {
    throw optionInvalid(`${file.path} has no netbox`, 'add netbox with url and token-env');
  }
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => printWords(surroundings, [errorLine('stopping')]),
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
  });
  try {
    const api = await apiOf(file, netbox, surroundings, signals.signal);
    const code =
      line.values.prefixes === undefined
        ? await synchronise(line, file, netbox, api, surroundings)
        : await printPrefixes(api, line.values.prefixes, surroundings);
    return signals.stoppedBy === undefined ? code : exitCodeOfSignal(signals.stoppedBy);
  } finally {
    signals.release();
  }
}

async function apiOf(
  { resolve }: ConfigFile,
  netbox: NetBoxConfig,
  { env }: Surroundings,
  signal: AbortSignal,
): Promise<NetBoxApi> {
  const token = await readSecret(netbox.token, { env, resolve });
  return new NetBoxApi(netbox, token!, env, signal);
}

async function synchronise(
  line: LineOf<typeof SYNC>,
  file: ConfigFile,
  netbox: NetBoxConfig,
  api: NetBoxApi,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { dryRun, networks, quiet } = line.values;
  const [requests, stdout] = [recordRequests(line.values), standardOutputOf(surroundings)];
  await checkRecordReports(SHAPE, requests, stdout);
  await checkRecordPlaces(requests);
  const chosen = networksNamed(file, networks);
  const subnets: IpamSubnets = configuredSubnets(chosen);
  const names = chosen.map(({ name }) => name);
  const store = await openStoreToRead(file, surroundings);
  const { hosts, zoned } = hostsOf(store, names);
  store.close();
  const plan = await prepareSync(api, netbox, hosts, subnets);
  const failures: EchosweepError[] = [];
  const results = dryRun
    ? plan.items.map((item) => ({ item, result: null, hasFailed: false }))
    : await applyPlan(api, plan, netbox.tag, (error) => failures.push(error));
  try {
    await writeRecords(SHAPE, results, requests, stdout);
  } finally {
    // NetBox has been changed, whether there is a report of it or not.
    if (!quiet) {
      const notes = [...plan.notes, ...zonedNotes(zoned)].map((note) => `note: ${note}`);
      const tagNote = plan.lacksTag && dryRun ? [`the tag ${netbox.tag} would be created`] : [];
      printWords(surroundings, [...notes, ...tagNote, totals(plan, results, dryRun)]);
    }
    printWords(
      surroundings,
      failures.map(({ message }) => errorLine(message)),
    );
  }
  return results.some(({ hasFailed }) => hasFailed) || failures.length > 0
    ? EXIT.systemRefused
    : EXIT.ok;
}

function totals(plan: PreparedSync, results: readonly ChangeResult[], isDryRun: boolean): string {
  const count = (action: ChangeResult['item']['action']): number =>
    results.filter(({ item, hasFailed }) => item.action === action && !hasFailed).length;
  const failed = results.filter(({ hasFailed }) => hasFailed).length;
  const parts = [
    `${count('create')} ${isDryRun ? 'to create' : 'created'}`,
    `${count('update')} ${isDryRun ? 'to update' : 'updated'}`,
    ...(failed === 0 ? [] : [`${failed} failed`]),
    `${count('leave')} left alone`,
    `${plan.unchanged} unchanged`,
    `${plan.agreeing} of others agree`,
  ];
  return parts.join(', ');
}

async function printPrefixes(
  api: NetBoxApi,
  tag: string,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const prefixes = await readPrefixes(api, tag);
  const [usable, large] = [[] as string[], [] as string[]];
  for (const { prefix } of prefixes) {
    const subnet = readSubnet(prefix);
    const hostBits = subnet === undefined ? 0 : ADDRESS_BITS[subnet.family] - subnet.prefix;
    if (subnet !== undefined) (hostBits > LARGEST_PREFIX_BITS ? large : usable).push(prefix);
  }
  await printData(surroundings, [...new Set(usable)].map((prefix) => `${prefix}\n`).join(''));
  printWords(surroundings, [
    ...large.map((prefix) => `note: ${prefix} left out: it is too large to sweep`),
    plural(new Set(usable).size, 'prefix', 'prefixes'),
  ]);
  return EXIT.ok;
}
