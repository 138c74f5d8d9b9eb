/** `echosweep inventory status`: each network's scans, hosts and free addresses. */

import type { NetworkStatus } from '../../inventory/network-status.ts';
import type { RecordShape } from '../../report/record-shape.ts';
import { checkRecordReports, writeRecords } from '../../report/records.ts';
import { InventoryQuestions, type NetworkOverview } from '../../service/inventory-questions.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';
import { backlogLines } from './backlog-lines.ts';
import { CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';
import { NETWORK_OPTION, REPORT_OPTIONS } from './view-options.ts';

export const STATUS = subcommand({
  name: 'inventory status',
  usage: '',
  takes: [0, 0],
  description:
    'Shows each network: its last and next scan, its hosts, what is new and what is free.',
  options: [CONFIG_OPTION, NETWORK_OPTION, ...REPORT_OPTIONS],
});

const used = ({ hosts }: NetworkStatus): number => hosts.up + hosts.missing;

const SHAPE: RecordShape<NetworkOverview> = {
  type: 'network',
  columns: [
    { name: 'network', meaning: 'Its name.', value: ({ network }) => network.name },
    { name: 'site', meaning: 'Its location.', value: ({ network }) => network.site, isSpare: true },
    { name: 'last_scan', meaning: 'When it began.', value: ({ status }) => status.lastScan },
    { name: 'next_scan', meaning: 'When it is due.', value: ({ nextScan }) => nextScan ?? null },
    {
      ...count('addresses', 'Targets of the last scan.', ({ status }) => status.targets),
      isSpare: true,
    },
    count('up', 'Hosts that are up.', ({ status }) => status.hosts.up),
    count(
      'missing',
      'Hosts that do not answer, but are not gone yet.',
      ({ status }) => status.hosts.missing,
    ),
    count('gone', 'Hosts that are gone.', ({ status }) => status.hosts.gone),
    count('new', 'Hosts that are new within seven days.', ({ status }) => status.newHosts),
    count('free', 'Addresses without a host that is up or missing.', ({ status }) =>
      status.targets === null ? null : Math.max(0, status.targets - used(status)),
    ),
    {
      ...count('used_pct', 'Share of the addresses that are not free.', ({ status }) =>
        status.targets ? Math.min(100, (100 * used(status)) / status.targets) : null,
      ),
      decimals: 1,
    },
    {
      name: 'doubt',
      meaning: 'Why the last scan may be unreliable.',
      value: ({ status }) => status.doubt ?? (status.partial ? 'stopped early' : null),
    },
  ],
};

function count(name: string, meaning: string, value: (row: NetworkOverview) => number | null) {
  return { name, meaning, decimals: 0, value };
}

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED, OPTION_INVALID, OUTPUT_FAILED */
export async function statusCommand(
  line: LineOf<typeof STATUS>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const [requests, stdout] = [recordRequests(line.values), standardOutputOf(surroundings)];
  checkRecordReports(SHAPE, requests, stdout);
  const store = await openStoreToRead(file);
  const networks = new InventoryQuestions(store, file).status(line.values.networks);
  const waiting = backlogLines(store);
  store.close();
  await writeRecords(SHAPE, networks, requests, stdout);
  if (!line.values.quiet) printWords(surroundings, waiting.map(errorLine));
  return EXIT.ok;
}
