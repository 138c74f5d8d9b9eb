/** Writes reports of an inventory's hosts, each format with the hosts that it is for. */

import { HOST_FORMATS } from '../report/formats.ts';
import type { RecordShape } from '../report/record-shape.ts';
import { writeRecords } from '../report/records.ts';
import { formatEntry, type ReportRequest, type StandardOutput } from '../report/registry.ts';
import type { HostState } from './host-memory.ts';
import type { ListedHost } from './known-hosts-join.ts';

/**
 * @param states the ones that were named, if any
 * @returns how many hosts the report has
 * @throws EchosweepError OPTION_INVALID for a wrong format, column or delimiter, OUTPUT_FAILED
 */
export async function writeHostReport(
  shape: RecordShape<ListedHost>,
  hosts: readonly ListedHost[],
  states: readonly HostState[] | undefined,
  request: ReportRequest,
  stdout: StandardOutput,
): Promise<number> {
  const { listsHosts } = formatEntry(request, stdout, HOST_FORMATS);
  const reported = listsHosts ? hostsToList(hosts, states) : hosts;
  await writeRecords(shape, reported, [request], stdout);
  return reported.length;
}

/** A host that does not answer stays in a list for another program until it is gone: that program may watch it. */
const IN_LISTS: readonly HostState[] = ['up', 'missing'];

/**
 * The hosts for a list that another program reads: each address once, as the first of its networks has it.
 * @param states the ones that were named, so all of the hosts are wanted; undefined for those that are up or missing
 */
export function hostsToList(
  hosts: readonly ListedHost[],
  states: readonly HostState[] | undefined,
): ListedHost[] {
  const listed = new Set<string>();
  return hosts.filter(({ key, host }) => {
    const isWanted = states !== undefined || (host !== null && IN_LISTS.includes(host.state));
    if (!isWanted || listed.has(key)) return false;
    listed.add(key);
    return true;
  });
}
