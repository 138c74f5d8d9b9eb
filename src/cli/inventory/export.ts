/** `echosweep inventory export`: all hosts, into a file that may have the date in its name. */

import type { ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import type { Surroundings } from '../terminal.ts';
import { BULK_OPTIONS, refuseWithoutBulk, writeBulkFiles } from './bulk-export.ts';
import { CONFIG_OPTION } from './config-and-database.ts';
import { writeHosts } from './host-writing.ts';
import { HOST_REPORT_OPTIONS, NETWORK_OPTION } from './view-options.ts';

export const EXPORT = subcommand({
  name: 'inventory export',
  usage: '',
  takes: [0, 0],
  description:
    'Writes all hosts that have ever answered and all that should be there. In the name of a file, %Y %m %d %H %M ' +
    'are replaced by the parts of the time, UTC. --for writes what NetBox or phpIPAM imports: new hosts, and known ones that lack something.',
  options: [CONFIG_OPTION, NETWORK_OPTION, ...BULK_OPTIONS, ...HOST_REPORT_OPTIONS],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED, OPTION_INVALID, REPORT_INVALID, OUTPUT_FAILED */
export async function exportCommand(
  line: LineOf<typeof EXPORT>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const now = new Date();
  const pathOf = (path: string): string => datedPath(path, now);
  refuseWithoutBulk(line.values);
  if (line.values.for !== undefined) return writeBulkFiles(line, surroundings, pathOf);
  return writeHosts(line, surroundings, { networks: line.values.networks }, pathOf);
}

/** A file name with the parts of a time, UTC, in place of `%Y %m %d %H %M`. */
export function datedPath(path: string, time: Date): string {
  const iso = time.toISOString();
  const parts: Readonly<Record<string, string>> = {
    Y: iso.slice(0, 4),
    m: iso.slice(5, 7),
    d: iso.slice(8, 10),
    H: iso.slice(11, 13),
    M: iso.slice(14, 16),
  };
  return path.replaceAll(/%([YmdHM])/g, (_, part: string) => parts[part]!);
}
