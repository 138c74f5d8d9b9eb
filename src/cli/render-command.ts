/** `echosweep render REPORT -o report.html`: an earlier report as a page. */

import { PageBuilder } from '../report/html/page-builder.ts';
import { readReport } from '../report/read-report.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { pagePlaces, writePage } from './page-output.ts';
import { parseSubcommand, type Subcommand, sharedOptions, subcommandHelp } from './subcommand.ts';
import { printData, type Streams, widthOf } from './terminal.ts';

const WIDEST_HELP = 100;

export const RENDER: Subcommand = {
  name: 'render',
  usage: '<report>',
  takes: [1, 1],
  description:
    'Draws an earlier report as a page for the browser: map, charts and table in one file. ' +
    'The report is CSV of schema 1 or JSON Lines, - standard input.',
  options: sharedOptions('outputs'),
};

/**
 * @param args what follows `render` on the command line
 * @throws EchosweepError OPTION_INVALID, REPORT_INVALID, OUTPUT_FAILED
 */
export async function renderCommand(args: readonly string[], streams: Streams): Promise<ExitCode> {
  const line = parseSubcommand(RENDER, args);
  if (line.wantsHelp) {
    const width = Math.min(WIDEST_HELP, widthOf(streams.stdout));
    await printData(streams, subcommandHelp(RENDER, width));
    return EXIT.ok;
  }
  const places = pagePlaces(line, streams);
  const page = new PageBuilder();
  const run = await readReport(line.args[0]!, streams.stdin, (row) => page.add(row));
  const document = page.document(run);
  await writePage(document, places, streams);
  return EXIT.ok;
}
