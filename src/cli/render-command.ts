/** `echosweep render REPORT -o report.html`: an earlier report as a page. */

import { nothingUnread } from '../option-spec.ts';
import { PageBuilder } from '../report/html/page-builder.ts';
import { OneSite } from '../report/one-site.ts';
import { nameOfReport, readReport } from '../report/read-report.ts';
import { SITE_OPTION, sharedOptions } from './command-options.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { pagePlaces, writePage } from './page-output.ts';
import { type LineOf, runnable, subcommand } from './subcommand.ts';
import type { Streams } from './terminal.ts';

const RENDER = subcommand({
  name: 'render',
  usage: '<report>',
  takes: [1, 1],
  completesTo: 'paths',
  description:
    'Draws an earlier report as a page for the browser: map, charts and table in one file. ' +
    'The report is CSV of schema 1, JSON Lines or XML of nmap; - is standard input. ' +
    'The page shows one site of a report on several.',
  options: [...sharedOptions('outputs'), { ...SITE_OPTION, otherwise: 'the only one' }],
});

/** `echosweep render`. */
export const renderCommand = runnable(RENDER, runRender);

/** @throws EchosweepError OPTION_INVALID, REPORT_INVALID, OUTPUT_FAILED */
async function runRender(line: LineOf<typeof RENDER>, streams: Streams): Promise<ExitCode> {
  const { outputs, site: wanted, ...unread } = line.values;
  nothingUnread(unread);
  const places = pagePlaces(outputs, streams);
  const page = new PageBuilder();
  const path = line.args[0]!;
  const site = new OneSite(nameOfReport(path), wanted);
  const { run, saysWhoAnswered } = await readReport(path, streams.stdin, (row) => {
    if (site.takes(row.site ?? null)) page.add(row);
  });
  site.end();
  page.saysWhoAnswered = saysWhoAnswered;
  const document = page.document(run, undefined, site.name);
  await writePage(document, places, streams);
  return EXIT.ok;
}
