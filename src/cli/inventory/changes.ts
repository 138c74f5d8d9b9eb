/** `echosweep inventory changes`: what changed since a moment. */

import { INVENTORY_CHANGE_SHAPE } from '../../inventory/change-report.ts';
import { changeTotals } from '../../inventory/change-totals.ts';
import { readMoment } from '../../inventory/moment.ts';
import { checkRecordReports, writeRecords } from '../../report/records.ts';
import { InventoryQuestions } from '../../service/inventory-questions.ts';
import { FAIL_ON_CHANGE_OPTION, KINDS_OPTION } from '../change-options.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';
import { NETWORK_OPTION, REPORT_OPTIONS, sinceOption } from './view-options.ts';

export const CHANGES = subcommand({
  name: 'inventory changes',
  usage: '',
  takes: [0, 0],
  description: 'Lists changes, oldest first.',
  options: [
    CONFIG_OPTION,
    NETWORK_OPTION,
    sinceOption('7d'),
    KINDS_OPTION,
    FAIL_ON_CHANGE_OPTION,
    ...REPORT_OPTIONS,
  ],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED, OPTION_INVALID, OUTPUT_FAILED */
export async function changesCommand(
  line: LineOf<typeof CHANGES>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const since = readMoment(line.values.since, new Date(), '--since');
  const [requests, stdout] = [recordRequests(line.values), standardOutputOf(surroundings)];
  await checkRecordReports(INVENTORY_CHANGE_SHAPE, requests, stdout);
  const store = await openStoreToRead(file, surroundings);
  const changes = new InventoryQuestions(store, file).changes({
    since,
    networks: line.values.networks,
    kinds: line.values.kinds,
  });
  store.close();
  await writeRecords(INVENTORY_CHANGE_SHAPE, changes, requests, stdout);
  if (!line.values.quiet) printWords(surroundings, [changeTotals(changes)]);
  const isMissed = line.values.failOnChange && changes.length > 0;
  return isMissed ? EXIT.expectationMissed : EXIT.ok;
}
