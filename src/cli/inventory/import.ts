/** `echosweep inventory import`: takes reports of earlier sweeps in as scans. */

import { changeTotals } from '../../inventory/change-totals.ts';
import type { NetworkConfig } from '../../inventory/config/config.ts';
import { type ConfigFile, networksNamed } from '../../inventory/config/config-file.ts';
import { lockNetwork } from '../../inventory/network-lock.ts';
import { earlierScans, importScan } from '../../inventory/scan-import.ts';
import { text } from '../../option-spec.ts';
import { optionInvalid } from '../../option-value.ts';
import { grouped, safeText } from '../../words.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, openStoreOf, ownerOfFiles, readConfigOf } from './config-and-database.ts';

export const IMPORT = subcommand({
  name: 'inventory import',
  usage: '<report...>',
  takes: [1, 100_000],
  completesTo: 'paths',
  description:
    'Imports reports of earlier sweeps as scans of a network, oldest first by the times in them: CSV, JSON Lines or ' +
    'XML of nmap.',
  options: [
    CONFIG_OPTION,
    text('network', '--network <name>', 'The network that the reports are of.', {
      otherwise: 'the only one, or the only one at --site',
    }),
    text('site', '--site <name>', 'The site whose rows to take; the network must belong to it.', {
      otherwise: 'the site of the network, if it is one of sites:',
    }),
  ],
});

/** @throws EchosweepError REPORT_INVALID for a report that cannot be taken in; those before it are kept */
export async function importCommand(
  line: LineOf<typeof IMPORT>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const network = networkOfReports(file, line.values);
  const site = line.values.site ?? network.atSite?.name;
  const scans = await earlierScans(line.args, site);
  const store = await openStoreOf(file);
  const lock = await lockNetwork(store.path, network.name, ownerOfFiles());
  try {
    for (const { read } of scans) {
      const scan = await read();
      const { changes, isFirst } = importScan(store, network.name, scan, network.rules);
      const result = isFirst ? 'the first' : changeTotals(changes);
      const words = `${scan.path}: ${grouped(scan.hosts.length)} rows; ${result}`;
      printWords(surroundings, [safeText(words)]);
    }
  } finally {
    lock.release();
    store.close();
  }
  return EXIT.ok;
}

function networkOfReports(
  file: ConfigFile,
  {
    network: name,
    site,
  }: { readonly network?: string | undefined; readonly site?: string | undefined },
): NetworkConfig {
  const named = networksNamed(file, name === undefined ? undefined : [name]);
  const fitting = named.filter(
    (network) =>
      site === undefined || network.site === site || (name !== undefined && network.site === null),
  );
  const [network, ...others] = fitting;
  if (network === undefined) {
    throw optionInvalid(
      name === undefined
        ? `no network is of the site ${site}`
        : `the network ${name} is not of the site ${site}`,
      'name a site as networks do in their field site',
    );
  }
  if (others.length > 0) {
    throw optionInvalid(
      site === undefined
        ? 'the configuration has several networks'
        : `the site ${site} has several networks`,
      'name the one of the reports with --network',
    );
  }
  return network;
}
