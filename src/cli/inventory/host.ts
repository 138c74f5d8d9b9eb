/** `echosweep inventory host`: the history of one address. */

import { readAddress } from '../../address.ts';
import type { HostHistory } from '../../inventory/host-list.ts';
import { DAY_SHAPE, historyLines } from '../../inventory/host-report.ts';
import { readMoment } from '../../inventory/moment.ts';
import { optionInvalid } from '../../option-value.ts';
import { RECORD_FORMATS } from '../../report/formats.ts';
import { checkRecordReports, writeRecords } from '../../report/records.ts';
import { formatEntry } from '../../report/registry.ts';
import { InventoryQuestions } from '../../service/inventory-questions.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printData, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';
import { REPORT_OPTIONS, sinceOption } from './view-options.ts';

export const HOST = subcommand({
  name: 'inventory host',
  usage: '<address>',
  takes: [1, 1],
  description:
    'Shows the history of a host: its days with the share of scans that it answered and its RTT, and its changes. ' +
    'CSV and JSON Lines hold the days.',
  options: [CONFIG_OPTION, sinceOption('30d'), ...REPORT_OPTIONS],
});

/** @throws EchosweepError OPTION_INVALID if nothing is known of the address */
export async function hostCommand(
  line: LineOf<typeof HOST>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const [given] = line.args as [string];
  const address = readAddress(given);
  if (address === undefined) {
    throw optionInvalid(
      `${JSON.stringify(given)} is not an address`,
      'write one such as 192.0.2.1',
    );
  }
  const file = await readConfigOf(line);
  const since = readMoment(line.values.since, new Date(), '--since');
  const [requests, stdout] = [recordRequests(line.values), standardOutputOf(surroundings)];
  await checkRecordReports(DAY_SHAPE, requests, stdout);
  const store = await openStoreToRead(file, surroundings);
  const histories = new InventoryQuestions(store, file).hostHistories(address.key, since);
  store.close();
  if (histories.length === 0) {
    throw optionInvalid(`the inventory does not know ${address.text}`, 'scan its network first');
  }
  const isForReading = requests.every(
    (request) => formatEntry(request, stdout, RECORD_FORMATS).name === 'table',
  );
  if (isForReading && line.values.outputs === undefined) {
    await printData(surroundings, histories.flatMap(textOf).join(''));
  } else {
    const days = histories.flatMap(({ host, days: own }) => own.map((day) => ({ host, day })));
    await writeRecords(DAY_SHAPE, days, requests, stdout);
  }
  return EXIT.ok;
}

function textOf(history: HostHistory): string[] {
  return historyLines(history).map((words) => `${words}\n`);
}
