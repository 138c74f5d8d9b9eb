/** `echosweep hub agents`: the agents that have a key, and what each says about itself. */

import { number } from '../../option-spec.ts';
import { figureColumn, type RecordShape, textColumn } from '../../report/record-shape.ts';
import { checkRecordReports, writeRecords } from '../../report/records.ts';
import { type CountedAgent, countAgents } from '../../sites/hub/agent-census.ts';
import { HubFolder } from '../../sites/hub/hub-folder.ts';
import { RECORD_REPORTS } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import type { Surroundings } from '../terminal.ts';
import { FOLDER_OPTION } from './hub-options.ts';

export const AGENTS = subcommand({
  name: 'hub agents',
  usage: '',
  takes: [0, 0],
  description:
    'Shows the agents that have a key: whether each is connected, its version, its clock, and what it sweeps. ' +
    'Exit code 5 if one is not heard of or has a problem.',
  options: [
    FOLDER_OPTION,
    // An agent without work reports every six seconds.
    number('waitS', '--wait <s>', 'How long to listen for agents.', {
      from: 0,
      to: 3600,
      unit: 'seconds',
      default: 8,
    }),
    ...RECORD_REPORTS,
  ],
});

const SHAPE: RecordShape<CountedAgent> = {
  type: 'agent',
  columns: [
    textColumn('site', 'Its site.', ({ site }) => site),
    textColumn('agent', 'Its name.', ({ agent }) => agent),
    textColumn('state', '`connected` or `silent`.', ({ status }) =>
      status === undefined ? 'silent' : 'connected',
    ),
    textColumn('version', 'Of echosweep.', ({ status }) => status?.version ?? null),
    figureColumn(
      'clock_s',
      'By how many seconds its clock differs from ours.',
      1,
      ({ clockOffsetMs }) => (clockOffsetMs === undefined ? null : Math.abs(clockOffsetMs) / 1000),
      { unit: 's' },
    ),
    figureColumn('chunks', 'Parts of scans that it sweeps.', 0, ({ status }) =>
      status === undefined ? null : status.chunks.length,
    ),
    figureColumn(
      'done_pct',
      'Share of their hosts that are final.',
      0,
      ({ status }) => donePct(status?.chunks ?? []),
      { unit: '%' },
    ),
    figureColumn('unsent', 'Results that wait to be sent.', 0, ({ status }) =>
      status === undefined ? null : status.unsent,
    ),
    textColumn('problem', 'What it cannot do.', ({ status }) => status?.problem ?? null),
  ],
};

/** @throws EchosweepError CONFIG_INVALID, BROKER_REFUSED, OPTION_INVALID or OUTPUT_FAILED */
export async function agentsCommand(
  { values }: LineOf<typeof AGENTS>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const [requests, stdout] = [recordRequests(values), standardOutputOf(surroundings)];
  await checkRecordReports(SHAPE, requests, stdout);
  const hub = HubFolder.open(values.folder);
  const { connectHub } = await import('../../sites/nats/connected-hub.ts');
  const broker = await connectHub(hub.access);
  const agents = await countAgents(broker, hub.agents(), values.waitS * 1000).finally(() =>
    broker.close(),
  );
  await writeRecords(SHAPE, agents, requests, stdout);
  const isWell = agents.every(({ status }) => status !== undefined && status.problem === null);
  return isWell ? EXIT.ok : EXIT.doubtful;
}

function donePct(chunks: NonNullable<CountedAgent['status']>['chunks']): number | null {
  const hosts = chunks.reduce((sum, chunk) => sum + chunk.hosts, 0);
  const done = chunks.reduce((sum, chunk) => sum + chunk.done, 0);
  return hosts === 0 ? null : (100 * done) / hosts;
}
