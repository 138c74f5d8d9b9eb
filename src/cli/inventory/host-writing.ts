/** Writes reports of hosts: what `inventory hosts` and `inventory export` have in common. */

import { knownHostsOf } from '../../inventory/config/config-file.ts';
import { hostShape } from '../../inventory/host-report.ts';
import { writeHostReport } from '../../inventory/host-report-writer.ts';
import { fieldColumns } from '../../inventory/known-hosts-join.ts';
import { checkRecordReports } from '../../report/records.ts';
import { type HostQuestion, InventoryQuestions } from '../../service/inventory-questions.ts';
import { grouped, plural, safeText } from '../../words.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import type { SubcommandLine } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { type CONFIG_OPTION, openStoreToRead, readConfigOf } from './config-and-database.ts';
import { knownHostsNotes } from './known-hosts-notes.ts';
import type { HOST_REPORT_OPTIONS } from './view-options.ts';

/** The command line of either of them. */
type HostsLine = SubcommandLine<readonly [typeof CONFIG_OPTION, ...typeof HOST_REPORT_OPTIONS]>;

/**
 * @param pathOf the path of a report, from the one on the command line
 * @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED, OPTION_INVALID, REPORT_INVALID, OUTPUT_FAILED
 */
export async function writeHosts(
  line: HostsLine,
  surroundings: Surroundings,
  question: HostQuestion,
  pathOf = (path: string): string => path,
): Promise<ExitCode> {
  const file = await readConfigOf(line);
  const known = await knownHostsOf(file);
  const requests = recordRequests(line.values).map((request) => ({
    ...request,
    path: pathOf(request.path),
  }));
  const stdout = standardOutputOf(surroundings);
  const store = await openStoreToRead(file, surroundings);
  const hosts = new InventoryQuestions(store, file).hosts(question, known);
  store.close();
  const shape = hostShape(fieldColumns(known, hosts), file.config.networks);
  await checkRecordReports(shape, requests, stdout);
  const notes: string[] = [];
  for (const request of requests) {
    const count = await writeHostReport(shape, hosts, question.states, request, stdout);
    if (count < hosts.length) {
      notes.push(`note: ${grouped(count)} of them in ${safeText(request.path)}`);
    }
  }
  if (!line.values.quiet) {
    printWords(surroundings, [...knownHostsNotes(known), plural(hosts.length, 'host'), ...notes]);
  }
  return EXIT.ok;
}
