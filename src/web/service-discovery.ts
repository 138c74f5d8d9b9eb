/** The hosts as targets for Prometheus (http_sd), as the format of file_sd has them. */

import { hostShape } from '../inventory/host-report.ts';
import { hostsToList } from '../inventory/host-report-writer.ts';
import type { ListedHost } from '../inventory/known-hosts-join.ts';
import { FILE_SD } from '../report/file-sd.ts';
import type { Inventory } from '../service/inventory.ts';

/** Which hosts; undefined for all that are up or missing. */
export interface SdQuestion {
  readonly network: string | undefined;
  /** Of the network. */
  readonly tag: string | undefined;
}

/** @returns JSON, without targets for an unknown network or tag */
export async function serviceDiscovery(
  { questions, file, networks }: Inventory,
  { network, tag }: SdQuestion,
): Promise<string> {
  const known = await questions.knownHosts();
  const names = networks
    .filter(({ tags }) => tag === undefined || tags.includes(tag))
    .map(({ name }) => name)
    .filter((name) => network === undefined || name === network);
  const hosts = names.length === 0 ? [] : questions.hosts({ networks: names }, known);
  const shape = hostShape(known?.columns ?? [], file.config.networks);
  const writer = FILE_SD.hosts!<ListedHost>(shape, {
    columns: undefined,
    csvProfile: 'plain',
    csvDelimiter: ',',
    csvDecimal: '.',
    width: Number.POSITIVE_INFINITY,
    colour: false,
  });
  return `${writer.begin()}${writer.rows(hostsToList(hosts, undefined))}${writer.end()}`;
}
