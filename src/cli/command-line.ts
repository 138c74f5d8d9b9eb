/** The command line read: the table of options made into a parser and its help. */

import { Command } from 'commander';
import { OPTION_GROUPS, OPTIONS } from '../options.ts';
import type { Status } from '../results/outcome.ts';
import type { SweepOptions } from '../settings.ts';
import { inOurWords, parserOption, valuesOf } from './option-parser.ts';

/** Options that only the command has; the keys are the table's. */
export interface CommandOptions {
  readonly files?: readonly string[];
  readonly excludeFiles?: readonly string[];
  readonly outputs?: readonly string[];
  readonly format?: string;
  readonly only?: readonly Status[];
  readonly columns?: readonly string[];
  readonly csvProfile: 'plain' | 'excel';
  readonly csvDelimiter: string;
  readonly csvDecimal: '.' | ',';
  readonly dryRun?: boolean;
  readonly expectUp?: number;
  readonly quiet?: boolean;
  readonly live?: boolean;
  readonly noProgress?: boolean;
  readonly help?: boolean;
  readonly version?: boolean;
}

export interface CommandLine {
  /** What a program would ask the library for. */
  readonly sweep: SweepOptions & { readonly targets: readonly string[] };
  readonly command: CommandOptions;
}

const DESCRIPTION =
  'Sweeps subnets with ICMP echo: of every address whether it answers, how fast and from how far, or why not.';
const AFTER_OPTIONS = `
A target is one of:
  192.168.1.0/24  10.0.0.1-10.0.0.99  10.0.0.1-99  2001:db8::/120  fe80::1%eth0  host.example

Examples:
  echosweep 192.168.1.0/24 -o report.csv
  echosweep 10.0.0.0/16 --rate 10000 --only up -o up.csv
  echosweep -f targets.txt --exclude 10.0.0.1 -c 5 -d -o report.csv -o report.jsonl

Exit codes:
  0  swept and reported              4    the system refused
  1  --expect-up was not met         5    swept, but the result is doubtful
  2  a name could not be resolved    130  interrupted; a partial report is written
  3  the command line is wrong       143  terminated; a partial report is written
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
  const values = valuesOf(program, OPTIONS);
  const pick = (isCommandOnly: boolean) =>
    Object.fromEntries(
      OPTIONS.filter((option) => (option.isCommandOnly ?? false) === isCommandOnly)
        .map((option) => [option.key, values.get(option)])
        .filter(([, value]) => value !== undefined),
    );
  // The table gives each key the type that the interfaces have for it; the tests hold them together.
  return {
    sweep: { ...pick(false), targets: program.args } as CommandLine['sweep'],
    command: pick(true) as unknown as CommandOptions,
  };
}

/** @param width columns to wrap at */
export function helpText(width: number): string {
  return makeProgram().configureHelp({ helpWidth: width }).helpInformation() + AFTER_OPTIONS;
}

function makeProgram(): Command {
  const program = new Command('echosweep')
    .usage(
      [
        '[options] <target...>',
        'echosweep doctor                        which engines work here, and what the others need',
        'echosweep diff <old.csv...> <new.csv>   what changed between reports',
        'echosweep inventory <command>           scans that are remembered and compared',
      ].join('\n       '),
    )
    .description(DESCRIPTION)
    .argument('[target...]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} });
  for (const { title, options } of OPTION_GROUPS) {
    for (const option of options) program.addOption(parserOption(option).helpGroup(`${title}:`));
  }
  return program;
}
