/** `echosweep hub remove`: takes an agent's key away, which ends its connection. */

import { optionInvalid } from '../../option-value.ts';
import { HubFolder } from '../../sites/hub/hub-folder.ts';
import { readAgentName } from '../../sites/join-file.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { applyChange } from './apply-change.ts';
import { FOLDER_OPTION } from './hub-options.ts';

export const REMOVE = subcommand({
  name: 'hub remove',
  usage: '<site/agent>',
  takes: [1, 1],
  description:
    "Takes an agent's key away. A hub that runs ends its connection within a second, and other agents of its site get its work.",
  options: [FOLDER_OPTION],
});

/** @throws EchosweepError CONFIG_INVALID, OPTION_INVALID, HUB_FAILED or OUTPUT_FAILED */
export async function removeCommand(
  { args, values }: LineOf<typeof REMOVE>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const name = readAgentName(args[0]!);
  const hub = HubFolder.open(values.folder);
  if (!hub.remove(name)) {
    throw optionInvalid(
      `${name.site}/${name.agent} has no key`,
      'echosweep hub agents shows those that have one',
    );
  }
  const known = await applyChange(hub);
  printWords(surroundings, [`removed ${name.site}/${name.agent}; ${known}`]);
  return EXIT.ok;
}
