/** Picks what a command line runs: one of the commands, the help about one, or a sweep. */

import { basename } from 'node:path';
import { optionInvalid } from '../option-value.ts';
import { COMMANDS } from './command-table.ts';
import type { ExitCode } from './exit-codes.ts';
import { prepareForLookUps } from './look-up-threads.ts';
import type { Surroundings } from './terminal.ts';

/** What a link of this name to the program puts before the arguments. */
const LINKS: Readonly<Record<string, readonly string[]>> = {
  fping: ['fping'],
  fping6: ['fping', '-6'],
};

/** The arguments of the program, as the name of a link to it completes them. @param argv of the process, as Node has it */
export function calledAs([, program = '', ...args]: readonly string[]): string[] {
  return [...(LINKS[basename(program)] ?? []), ...args];
}

/**
 * Each command loads what it needs and nothing else.
 * @param args without the program's name
 * @throws EchosweepError for whatever keeps the command from its end
 */
export async function runCommand(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const [first, ...others] = args;
  if (first === 'help') return runHelp(others, surroundings);
  if (first === 'version') return runVersion(others, surroundings);
  const entry = COMMANDS.find(({ name }) => name === first);
  if (entry === undefined) return sweep(args, surroundings);
  prepareForLookUps();
  return (await entry.load()).run(others, surroundings);
}

async function runHelp(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  const [name, ...others] = words;
  if (name === undefined) return sweep(['--help'], surroundings);
  const entry = COMMANDS.find((candidate) => candidate.name === name);
  if (entry !== undefined) return (await entry.load()).run([...others, '--help'], surroundings);
  throw optionInvalid(
    `help knows no command ${JSON.stringify(name)}`,
    `use ${COMMANDS.map((each) => each.name).join(', ')}`,
  );
}

async function runVersion(words: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  if (words.length === 0) return sweep(['--version'], surroundings);
  throw optionInvalid('version takes no arguments', 'write echosweep version');
}

async function sweep(args: readonly string[], surroundings: Surroundings): Promise<ExitCode> {
  return (await import('./sweep-command.ts')).sweepCommand(args, surroundings);
}
