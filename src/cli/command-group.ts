/** A group of commands, such as `inventory …`: finds the one that is meant, and prints an overview of them. */

import { Help } from 'commander';
import { optionInvalid } from '../option-value.ts';
import { EXIT } from './exit-codes.ts';
import {
  firstSentence,
  parseAbout,
  printVersion,
  type Runnable,
  type Subcommand,
} from './subcommand.ts';
import { helpWidthOf, printData } from './terminal.ts';

const CALL_WIDTH = 24;

/**
 * @param name of the group; the names of its commands begin with it
 * @param about what they do, in a sentence
 * @param members in the order in which a new user needs them
 */
export function commandGroup(name: string, about: string, members: readonly Runnable[]): Runnable {
  const commands = members.flatMap((member) => member.commands);
  return {
    commands,
    run: async (args, surroundings) => {
      const [word = '--help', ...others] = args;
      const wanted = parseAbout(word);
      if (wanted === 'help') {
        const width = helpWidthOf(surroundings.stdout);
        await printData(surroundings, overview(name, about, commands, width));
        return EXIT.ok;
      }
      if (wanted === 'version') return printVersion(surroundings);
      const found = members.find((member) => member.commands[0]!.name === `${name} ${word}`);
      if (found !== undefined) return found.run(others, surroundings);
      throw optionInvalid(
        `${name} has no ${JSON.stringify(word)}`,
        `use ${commands.map((command) => shortName(name, command)).join(', ')}`,
      );
    },
  };
}

function overview(
  name: string,
  about: string,
  commands: readonly Subcommand[],
  width: number,
): string {
  const indent = 2 + CALL_WIDTH;
  const lines = commands.map((command) => {
    const call = `${shortName(name, command)} ${command.usage}`.trimEnd();
    const wrapped = new Help().boxWrap(firstSentence(command), width - indent).split('\n');
    return `  ${call.padEnd(CALL_WIDTH)}${wrapped.join(`\n${' '.repeat(indent)}`)}\n`;
  });
  return `Usage: echosweep ${name} <command> [options]

${about}

${lines.join('')}
echosweep ${name} <command> --help shows the options of a command.
`;
}

function shortName(group: string, { name }: Subcommand): string {
  return name.slice(group.length + 1);
}
