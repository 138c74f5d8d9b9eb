/** Reads the command line of a sweep: the tables of options made into a parser and its help. */

import { Command } from 'commander';
import { SWEEP_ROWS } from '../options.ts';
import type { SweepOptions } from '../settings.ts';
import { COMMAND_GROUPS, COMMAND_ONLY, type CommandOptions } from './command-options.ts';
import { COMMANDS } from './command-table.ts';
import { completeValues, givenValues, inOurWords, parserOptions } from './option-parser.ts';

export interface CommandLine {
  /** What a program would give the library. */
  readonly sweep: SweepOptions & { readonly targets: readonly string[] };
  readonly command: CommandOptions;
}

/** What a sweep does, in a sentence. */
export const SWEEP_DESCRIPTION =
  'Sweeps subnets with ICMP echo and reports for every address whether it replies, how fast and how many hops away, or why not.';
/** What the help has after the options: blocks of lines, each with a heading. */
export const SWEEP_NOTES = `A target is one of:
  192.168.1.0/24  10.0.0.1-10.0.0.99  10.0.0.1-99  2001:db8::/120  fe80::1%eth0  host.example

Examples:
  echosweep 192.168.1.0/24 -o report.csv
  echosweep 10.0.0.0/16 --rate 10000 --only up -o up.csv
  echosweep -f targets.txt --exclude 10.0.0.1 -c 5 -d -o report.csv -o report.jsonl

Exit codes:
  0  swept and reported              4    the system refused
  1  --expect-up was not met         5    swept, but the result may be unreliable
  2  a name could not be resolved    129  hung up; a partial report is written
  3  the command line is wrong       130  interrupted; a partial report is written
                                     143  terminated; a partial report is written
`;

/**
 * @param args without the program's name
 * @throws EchosweepError OPTION_INVALID
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const program = makeProgram();
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    throw inOurWords(error, 'echosweep --help shows all options');
  }
  return {
    sweep: { ...givenValues(program, SWEEP_ROWS), targets: program.args },
    command: completeValues(program, COMMAND_ONLY),
  };
}

/** @param width columns to wrap at */
export function helpText(width: number): string {
  const help = makeProgram().configureHelp({ helpWidth: width }).helpInformation();
  return `${help}\n${SWEEP_NOTES}`;
}

function makeProgram(): Command {
  const program = new Command('echosweep')
    .usage(['[options] <target...>', ...commandLines()].join('\n       '))
    .description(SWEEP_DESCRIPTION)
    .argument('[target...]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const { title, options } of COMMAND_GROUPS) {
    for (const option of options.flatMap(parserOptions)) {
      program.addOption(option.helpGroup(`${title}:`));
    }
  }
  return program;
}

function commandLines(): string[] {
  const calls = [
    ...COMMANDS.map(({ name, summary }) => [name, summary] as const),
    ['help <command>', 'the options of a command'] as const,
  ];
  const width = Math.max(...calls.map(([call]) => call.length));
  return calls.map(([call, summary]) => `echosweep ${call.padEnd(width)}  ${summary}`);
}
