/** `echosweep hub add`: gives an agent a key, and prints the file with which it joins. */

import { fchmodSync, fstatSync } from 'node:fs';
import { HubFolder } from '../../sites/hub/hub-folder.ts';
import { joinFileText, readAgentName } from '../../sites/join-file.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printData, printWords, type Surroundings } from '../terminal.ts';
import { applyChange } from './apply-change.ts';
import { FOLDER_OPTION } from './hub-options.ts';

export const ADD = subcommand({
  name: 'hub add',
  usage: '<site/agent>',
  takes: [1, 1],
  description:
    'Lets an agent in, and prints its join file: all that the agent needs, and a secret. The hub does not keep it.',
  options: [FOLDER_OPTION],
});

/** @throws EchosweepError CONFIG_INVALID, OPTION_INVALID, HUB_FAILED or OUTPUT_FAILED */
export async function addCommand(
  { args, values }: LineOf<typeof ADD>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const name = readAgentName(args[0]!);
  const hub = HubFolder.open(values.folder);
  const join = hub.add(name);
  try {
    const known = await applyChange(hub);
    closeToOthers(surroundings.stdout);
    await printData(surroundings, joinFileText(join));
    printWords(surroundings, [
      `added ${name.site}/${name.agent}; ${known}; at the site: echosweep agent --join FILE`,
    ]);
    return EXIT.ok;
  } catch (error) {
    // Its key was not printed, so no agent has it.
    hub.remove(name);
    throw error;
  }
}

/** A shell opens the file of `> a1.join` to all users; a secret is its owner's alone. */
function closeToOthers(stdout: unknown): void {
  if (stdout !== process.stdout) return;
  const { fd } = process.stdout;
  try {
    if (fstatSync(fd).isFile()) fchmodSync(fd, 0o600);
  } catch {
    // Not our file: its owner decides.
  }
}
