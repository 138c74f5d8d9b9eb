/** nmap's greppable output (`-oG`): one line per host, for grep and awk. */

import type { HostResult } from '../results/host-result.ts';
import type { RunRecord } from '../results/run-record.ts';
import { safeText } from '../words.ts';
import type { ReportFormat } from './format.ts';
import { type NmapState, nmapState } from './nmap/outcome-words.ts';
import { ctimeText, runProblem, runTotals } from './nmap/run-facts.ts';
import { OctetWriter } from './octet-writer.ts';

const STATUS_WORDS: Readonly<Record<NmapState, string>> = {
  up: 'Up',
  down: 'Down',
  unknown: 'Unknown',
};
/** What would end the field of the name. */
const DELIMITERS = /[()\s]/g;

export const GNMAP: ReportFormat = {
  rows() {
    const out = new OctetWriter();
    return {
      begin: ({ version, command, startedAt }) =>
        comment(`echosweep ${version} sweep initiated ${ctimeText(startedAt)} as: ${command}`),
      rows(rows) {
        for (const row of rows) writeRow(row, out);
        return out.take();
      },
      end: (run) => problemLine(run) + comment(doneText(run)),
    };
  },
};

function writeRow({ address, hostname, status }: HostResult, out: OctetWriter): void {
  // nmap has one name for a host.
  const [name = ''] = hostname?.split(' ') ?? [];
  if (address === null) {
    out.utf8(comment(`does not resolve: ${name}`));
    return;
  }
  out.ascii('Host: ');
  out.utf8(address);
  out.ascii(' (');
  if (name !== '') out.utf8(safeText(name).replace(DELIMITERS, '\uFFFD'));
  out.ascii(')\tStatus: ');
  out.ascii(STATUS_WORDS[nmapState(status)]);
  out.ascii('\n');
}

function problemLine(run: RunRecord): string {
  const problem = runProblem(run);
  return problem === undefined ? '' : comment(`unreliable: ${problem}`);
}

function doneText(run: RunRecord): string {
  return `echosweep done at ${ctimeText(run.endedAt ?? run.startedAt)} -- ${runTotals(run)}`;
}

/** @param text from outside, perhaps */
function comment(text: string): string {
  return `# ${safeText(text)}\n`;
}
