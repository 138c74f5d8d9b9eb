/** `echosweep inventory status`: each network's scans, hosts and free addresses. */

import { usedPct } from '../../inventory/network-status.ts';
import { type SiteStatus, silenceOf } from '../../inventory/site-agents.ts';
import {
  figureColumn,
  type RecordShape,
  textColumn,
  timeColumn,
} from '../../report/record-shape.ts';
import { checkRecordReports, writeRecords } from '../../report/records.ts';
import { InventoryQuestions, type NetworkOverview } from '../../service/inventory-questions.ts';
import { safeText } from '../../words.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';
import { backlogLines } from './backlog-lines.ts';
import { CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';
import { readableKnownHosts } from './known-hosts-notes.ts';
import { NETWORK_OPTION, REPORT_OPTIONS } from './view-options.ts';

export const STATUS = subcommand({
  name: 'inventory status',
  usage: '',
  takes: [0, 0],
  description:
    'Shows each network: its last and next scan, its hosts, what is new and what is free.',
  options: [CONFIG_OPTION, NETWORK_OPTION, ...REPORT_OPTIONS],
});

const SHAPE: RecordShape<NetworkOverview> = {
  type: 'network',
  columns: [
    textColumn('network', 'Its name.', ({ network }) => network.name),
    textColumn('site', 'Its location.', ({ network }) => network.site, { isSpare: true }),
    timeColumn('last_scan', 'When it began.', ({ status }) => status.lastScan),
    timeColumn('next_scan', 'When it is due.', ({ nextScan }) => nextScan ?? null),
    figureColumn('addresses', 'Targets of the last scan.', 0, ({ status }) => status.targets, {
      isSpare: true,
    }),
    figureColumn('up', 'Hosts that are up.', 0, ({ status }) => status.hosts.up),
    figureColumn(
      'missing',
      'Hosts that do not answer, but are not gone yet.',
      0,
      ({ status }) => status.hosts.missing,
    ),
    figureColumn('gone', 'Hosts that are gone.', 0, ({ status }) => status.hosts.gone),
    figureColumn(
      'new',
      'Hosts that are new within seven days.',
      0,
      ({ status }) => status.newHosts,
    ),
    figureColumn(
      'conflicts',
      'Addresses that two hosts answer for.',
      0,
      ({ status }) => status.conflicts,
    ),
    figureColumn(
      'unscanned',
      'Targets that no scan has a result of.',
      0,
      ({ status }) => status.unscanned,
      { isSpare: true },
    ),
    figureColumn(
      'free',
      'Scanned addresses that give no sign of life and are not documented.',
      0,
      ({ status }) => status.free,
    ),
    figureColumn('used_pct', 'Share of the scanned addresses that are not free.', 1, ({ status }) =>
      usedPct(status),
    ),
    textColumn(
      'doubt',
      'Why the last scan may be unreliable.',
      ({ status }) => status.doubt ?? (status.partial ? 'stopped early' : null),
    ),
    timeColumn(
      'site_heard',
      'When an agent of its site was last heard of.',
      ({ siteStatus }) => siteStatus?.heardAt ?? null,
      { isSpare: true },
    ),
    textColumn(
      'agents',
      'Agents of its site, their versions, and by how much their clocks differ from ours.',
      ({ siteStatus }) => siteStatus?.agents.map(agentText).join('; ') || null,
      { isSpare: true },
    ),
  ],
};

/** `a1 0.1.0 (+0.3 s)` */
function agentText({ agent, version, clockOffsetMs }: SiteStatus['agents'][number]): string {
  const seconds = (clockOffsetMs / 1000).toFixed(1);
  return `${agent} ${version} (${clockOffsetMs < 0 ? '' : '+'}${seconds} s)`;
}

/** What is wrong with sites and their agents, a line each. */
function siteLines(sites: readonly SiteStatus[]): string[] {
  return sites.flatMap((status) => {
    const silence = silenceOf(status);
    if (silence !== undefined) return [`${silence}; its hosts are as they were then`];
    return status.agents.flatMap(({ site, agent, doubts }) =>
      doubts.map((doubt) => `${site}/${agent}: ${safeText(doubt)}`),
    );
  });
}

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED, OPTION_INVALID, OUTPUT_FAILED */
export async function statusCommand(
  line: LineOf<typeof STATUS>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const [requests, stdout] = [recordRequests(line.values), standardOutputOf(surroundings)];
  await checkRecordReports(SHAPE, requests, stdout);
  const { known, notes } = await readableKnownHosts(file);
  const store = await openStoreToRead(file, surroundings);
  const questions = new InventoryQuestions(store, file);
  const networks = questions.status(line.values.networks, known);
  const lines = [...siteLines(questions.sites()), ...backlogLines(store, file.config.receivers)];
  store.close();
  await writeRecords(SHAPE, networks, requests, stdout);
  if (!line.values.quiet) printWords(surroundings, [...notes, ...lines.map(errorLine)]);
  return EXIT.ok;
}
