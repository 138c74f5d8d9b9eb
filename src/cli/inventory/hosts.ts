/** `echosweep inventory hosts`: the hosts, joined with those that should be there. */

import { HOST_STATES } from '../../inventory/host-memory.ts';
import { KNOWN_STATES } from '../../inventory/known-hosts-join.ts';
import { readMoment } from '../../inventory/moment.ts';
import { choice, text } from '../../option-spec.ts';
import type { ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import type { Surroundings } from '../terminal.ts';
import { CONFIG_OPTION } from './config-and-database.ts';
import { writeHosts } from './host-writing.ts';
import { HOST_REPORT_OPTIONS, NETWORK_OPTION } from './view-options.ts';

export const HOSTS = subcommand({
  name: 'inventory hosts',
  usage: '',
  takes: [0, 0],
  description: 'Lists hosts by network and address, joined with those that should be there.',
  options: [
    CONFIG_OPTION,
    NETWORK_OPTION,
    choice('states', '--state <state>', 'Only hosts in these states, commas between.', {
      isRepeatable: true,
      choices: HOST_STATES,
      otherwise: 'up, missing and gone',
    }),
    choice('known', '--known <which>', 'Only these of the known hosts, commas between.', {
      isRepeatable: true,
      choices: KNOWN_STATES,
      otherwise: 'all',
    }),
    text('name', '--name <text>', 'Only hosts with this in their names.'),
    text(
      'unseenSince',
      '--unseen-since <moment>',
      'Only hosts not seen since: 12h, 7d, a date.',
      {},
    ),
    ...HOST_REPORT_OPTIONS,
  ],
});

/** @throws EchosweepError CONFIG_INVALID, INVENTORY_FAILED, OPTION_INVALID, REPORT_INVALID, OUTPUT_FAILED */
export function hostsCommand(
  line: LineOf<typeof HOSTS>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const unseen = line.values.unseenSince;
  return writeHosts(line, surroundings, {
    networks: line.values.networks,
    states: line.values.states,
    known: line.values.known,
    name: line.values.name,
    unseenSince:
      unseen === undefined ? undefined : readMoment(unseen, new Date(), '--unseen-since'),
  });
}
