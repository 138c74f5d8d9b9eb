/** `echosweep completion SHELL`: a script that lets the shell complete commands, options, values and files. */

import { optionInvalid } from '../../option-value.ts';
import { anyOf } from '../../words.ts';
import { EXIT } from '../exit-codes.ts';
import { type CommandEntry, type Runnable, runnable, subcommand } from '../subcommand.ts';
import { printData } from '../terminal.ts';
import { bashCompletion } from './bash.ts';
import { type CompletedCommand, completedCommands } from './completed-commands.ts';
import { fishCompletion } from './fish.ts';
import { powershellCompletion } from './powershell.ts';
import { zshCompletion } from './zsh.ts';

type Writer = (commands: readonly CompletedCommand[]) => string;

const WRITERS: ReadonlyMap<string, Writer> = new Map([
  ['bash', bashCompletion],
  ['zsh', zshCompletion],
  ['fish', fishCompletion],
  ['powershell', powershellCompletion],
]);
const SHELLS = [...WRITERS.keys()];

const COMPLETION = subcommand({
  name: 'completion',
  usage: `<${SHELLS.join('|')}>`,
  takes: [1, 1],
  completesTo: SHELLS,
  description:
    'Prints a script that lets the shell complete commands, options, their values and files.',
  options: [],
  notes: `Examples:
  source <(echosweep completion bash)                 in ~/.bashrc
  source <(echosweep completion zsh)                  in ~/.zshrc, after compinit
  echosweep completion fish | source                  in ~/.config/fish/config.fish
  echosweep completion powershell | Out-String | Invoke-Expression    in $PROFILE
`,
});

/** `echosweep completion`. @param entries the table of commands */
export function completionCommand(entries: readonly CommandEntry[]): Runnable {
  return runnable(COMPLETION, async ({ args: [shell] }, surroundings) => {
    const writer = WRITERS.get(shell!);
    if (writer === undefined) {
      throw optionInvalid(
        `completion does not know the shell ${JSON.stringify(shell)}`,
        `use ${anyOf(SHELLS)}`,
      );
    }
    await printData(surroundings, writer(await completedCommands(entries)));
    return EXIT.ok;
  });
}
