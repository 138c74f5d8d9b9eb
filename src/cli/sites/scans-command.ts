/** `echosweep scans`: what the journal of a hub holds, and how to go on with it or to end it. */

import { EchosweepError } from '../../errors.ts';
import { optionInvalid } from '../../option-value.ts';
import {
  figureColumn,
  type RecordShape,
  textColumn,
  timeColumn,
} from '../../report/record-shape.ts';
import { checkRecordReports, writeRecords } from '../../report/records.ts';
import { USUAL_HUB_FOLDER } from '../../results/site-facts.ts';
import type { JournalScan } from '../../sites/journal-tables.ts';
import { jobOfScan, sitesOfScan } from '../../sites/kept-facts.ts';
import { openHub, openJournal } from '../../sites/open-hub.ts';
import { resumedSweep } from '../../sites/site-sweep.ts';
import { DEADLINE_OPTION, HUB_OPTION, SLOTS_OPTION, sharedOptions } from '../command-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { type LineOf, runnable, subcommand } from '../subcommand.ts';
import { SweepSession } from '../sweep-session.ts';
import { printWords, type Surroundings } from '../terminal.ts';

const SCANS = subcommand({
  name: 'scans',
  usage: '[resume <id> | cancel <id>]',
  takes: [0, 2],
  completesTo: ['resume', 'cancel'],
  description:
    'Lists the sweeps at sites that were begun here with this hub. With resume, goes on with one that was stopped and ' +
    'reports the whole, or writes the report of an ended one once more; with cancel, ends one at all of its sites.',
  options: [
    HUB_OPTION,
    SLOTS_OPTION,
    DEADLINE_OPTION,
    ...sharedOptions(
      ...([
        'outputs',
        'format',
        'stream',
        'only',
        'columns',
        'csvProfile',
        'csvDelimiter',
      ] as const),
      ...(['csvDecimal', 'expectUp', 'quiet', 'live', 'progress'] as const),
    ),
  ],
  notes: `Exit codes:
  0  listed, cancelled, or swept and reported   4    the system or the hub refused
  1  --expect-up was not met                    5    swept, but targets are missing or in doubt
  2  a name could not be resolved               130  interrupted; a partial report is written
  3  the command line is wrong
`,
});

/** `echosweep scans`. */
export const scansCommand = runnable(SCANS, runScans);

const SHAPE: RecordShape<JournalScan> = {
  type: 'scan',
  columns: [
    textColumn('id', 'Its name.', ({ id }) => id),
    textColumn('state', '`running`, `stopped` or `ended`.', ({ state }) => state),
    textColumn('sites', 'The sites, commas between.', ({ sites }) => sites.join(',')),
    figureColumn('hosts', 'Rows of its whole report.', 0, ({ hosts }) => hosts),
    figureColumn('done', 'Rows that there are.', 0, ({ done }) => done),
    timeColumn('begun_at', 'When it began.', ({ createdAt }) => createdAt),
    timeColumn('seen_at', 'When a process last waited for it.', ({ seenAt }) => seenAt),
    textColumn('command', 'The command line.', ({ command }) => command, { isSpare: true }),
  ],
};

async function runScans(line: LineOf<typeof SCANS>, surroundings: Surroundings): Promise<ExitCode> {
  const [act, id, ...more] = line.args;
  if (act === undefined) return listScans(line, surroundings);
  if ((act === 'resume' || act === 'cancel') && id !== undefined && more.length === 0) {
    return act === 'resume' ? resume(id, line, surroundings) : cancel(id, line, surroundings);
  }
  throw optionInvalid(
    `scans does not know ${JSON.stringify(line.args.join(' '))}`,
    'write echosweep scans, echosweep scans resume ID or echosweep scans cancel ID',
  );
}

async function listScans(
  { values }: LineOf<typeof SCANS>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const requests = recordRequests(values);
  const stdout = standardOutputOf(surroundings);
  await checkRecordReports(SHAPE, requests, stdout);
  const journal = await openJournal(values.hub ?? USUAL_HUB_FOLDER);
  try {
    await writeRecords(SHAPE, journal.scans(), requests, stdout);
  } finally {
    journal.close();
  }
  return EXIT.ok;
}

async function resume(
  id: string,
  { values }: LineOf<typeof SCANS>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { deadlineS, slots, ...options } = values;
  const hub = await openHub(values.hub ?? USUAL_HUB_FOLDER);
  try {
    const scan = knownScan(hub.journal.scan(id), id);
    const sweep = resumedSweep(
      {
        ...hub,
        sites: sitesOfScan(scan, slots),
        isSpread: scan.isSpread,
        deadlineMs: deadlineS && deadlineS * 1000,
      },
      scan.id,
    );
    const session = new SweepSession({ ...options, hasSites: !scan.isSpread }, surroundings, sweep);
    const job = jobOfScan(scan);
    return await session.run(job, job.targets.unresolved.length > 0);
  } finally {
    await hub.close();
  }
}

/** The process that waits for the sweep, if any, ends it as well. */
async function cancel(
  id: string,
  { values }: LineOf<typeof SCANS>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const path = values.hub ?? USUAL_HUB_FOLDER;
  const journal = await openJournal(path);
  let scan: JournalScan;
  try {
    scan = knownScan(journal.scan(id), id);
    if (scan.state === 'running') journal.setState(id, 'stopped');
    journal.renameMessages(id);
  } finally {
    journal.close();
  }
  const hub = await openHub(path);
  try {
    await hub.broker.cancel(scan.messageName, scan.sites);
  } finally {
    await hub.close();
  }
  if (!values.quiet) printWords(surroundings, [`${id} is cancelled at ${scan.sites.join(', ')}`]);
  return EXIT.ok;
}

function knownScan(scan: JournalScan | undefined, id: string): JournalScan {
  if (scan !== undefined) return scan;
  throw new EchosweepError(
    'OPTION_INVALID',
    `the journal has no scan ${JSON.stringify(id)}`,
    'list them with echosweep scans',
  );
}
