/** The command line read: the table of options made into a parser and its help. */

import { Command, CommanderError, Option } from 'commander';
import type { EchosweepError } from '../errors.ts';
import { defaultText, longFlag, type OptionSpec, rangeText } from '../option-spec.ts';
import { checkValue, optionInvalid } from '../option-value.ts';
import { OPTION_GROUPS, OPTIONS } from '../options.ts';
import type { Status } from '../results/outcome.ts';
import type { SweepOptions } from '../settings.ts';

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
    throw error instanceof CommanderError ? inOurWords(error) : error;
  }
  const values = valuesOf(program);
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
      '[options] <target...>\n       echosweep doctor    which engines work here, and what the others need',
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

function parserOption(option: OptionSpec): Option {
  const made = new Option(option.flags, helpSentence(option));
  if (option.kind === 'switch') return made;
  return made.argParser<unknown>((value, previous) => {
    const checked = checkValue(option, value);
    return Array.isArray(checked) && Array.isArray(previous) ? [...previous, ...checked] : checked;
  });
}

/** The table's sentence with what the table knows besides: range and default. */
function helpSentence(option: OptionSpec): string {
  const range = rangeText(option);
  const otherwise = defaultText(option);
  const facts = [
    ...(option.isRepeatable ? ['repeatable'] : []),
    ...(range === '' ? [] : [range]),
    ...(otherwise === '' ? [] : [`default: ${otherwise}`]),
  ];
  return facts.length === 0 ? option.help : `${option.help} (${facts.join('; ')})`;
}

/** What was given; and the defaults of what only the command has, the others being `resolveSettings`' to fill in. */
function valuesOf(program: Command): Map<OptionSpec, unknown> {
  const given = program.opts<Record<string, unknown>>();
  return new Map(
    OPTIONS.map((option) => {
      const { negate, name } = splitFlag(option);
      const value = given[name];
      if (negate) return [option, value === false ? true : undefined];
      const isDefaulted = option.kind !== 'switch' && option.isCommandOnly;
      // `--no-x` stands under the name of `--x` where there are both.
      if (option.kind === 'text' && value === false) return [option, undefined];
      return [option, value ?? (isDefaulted ? option.default : undefined)];
    }),
  );
}

/** How the parser files an option: under its name in camel case, `--no-x` as `x: false`. */
function splitFlag(option: OptionSpec): { negate: boolean; name: string } {
  const parsed = new Option(option.flags);
  return { negate: parsed.negate, name: parsed.attributeName() };
}

/** The parser's complaint in one line that ends in what to do. */
function inOurWords(error: CommanderError): EchosweepError {
  const what = error.message.replace(/^error: /, '').split('\n')[0]!;
  if (error.code === 'commander.optionMissingArgument') {
    const flags = /'(.*)'/.exec(what)![1]!;
    return optionInvalid(`${longFlag({ flags })}: its value is missing: write ${flags}`);
  }
  const hint = /\(Did you mean (.*)\)$/.exec(error.message)?.[1];
  const advice = hint === undefined ? 'echosweep --help shows all options' : `did you mean ${hint}`;
  return optionInvalid(`${what}: ${advice}`);
}
