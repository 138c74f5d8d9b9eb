/** A command besides the sweep itself, such as `diff`: its table once, for parser, types, help and documentation. */

import { Command } from 'commander';
import type { OptionSpec, ValuesOf } from '../option-spec.ts';
import { optionInvalid } from '../option-value.ts';
import { PACKAGE_VERSION } from '../package-version.ts';
import { ABOUT } from './command-options.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { completeValues, inOurWords, parserOptions } from './option-parser.ts';
import { helpWidthOf, printData, type Streams, type Surroundings } from './terminal.ts';

export interface Subcommand<Rows extends readonly OptionSpec[] = readonly OptionSpec[]> {
  /** As on the command line, such as `diff`. */
  readonly name: string;
  /** Its arguments as the usage shows them; '' for none. */
  readonly usage: string;
  /** Fewest and most arguments. */
  readonly takes: readonly [number, number];
  /** What a shell can complete its arguments to: paths of files, or one of a few words. */
  readonly completesTo?: 'paths' | readonly string[];
  /** What it does, in a sentence or two. */
  readonly description: string;
  /** Its options; help and version come on top. */
  readonly options: Rows;
  /** What a parser of its own reads in place of `options`, help and version. */
  readonly ownOptions?: readonly OptionSpec[];
  /** Lines below the options in the help. */
  readonly notes?: string;
}

/** A command line as a subcommand reads it. */
export interface SubcommandLine<Rows extends readonly OptionSpec[]> {
  readonly args: readonly string[];
  /** By key: what was given, or the default. */
  readonly values: ValuesOf<Rows>;
}

/** The command line of a subcommand, by its table. */
export type LineOf<Table> =
  Table extends Subcommand<infer Rows extends readonly OptionSpec[]> ? SubcommandLine<Rows> : never;

/** One command, or a group of them, ready to run. */
export interface Runnable {
  /** The tables of the commands. */
  readonly commands: readonly Subcommand[];
  /**
   * @param args what follows the name on the command line
   * @throws EchosweepError for whatever keeps the command from its end
   */
  readonly run: (args: readonly string[], surroundings: Surroundings) => Promise<ExitCode>;
}

/** A command as the table of commands has it. */
export interface CommandEntry {
  /** The first word on the command line. */
  readonly name: string;
  /** What it shows or does, in a few words. */
  readonly summary: string;
  readonly load: () => Promise<Runnable>;
}

/** The tables of all commands of these entries, in their order. */
export async function subcommandsOf(
  entries: readonly CommandEntry[],
): Promise<readonly Subcommand[]> {
  const loaded = await Promise.all(entries.map(({ load }) => load()));
  return loaded.flatMap(({ commands }) => commands);
}

/** What a command does in one sentence without its period, for lists of commands. */
export function firstSentence({ description }: Subcommand): string {
  return description.split('. ')[0]!.replace(/\.$/, '');
}

/** Every option that a person can give. */
export function allOptionsOf({ options, ownOptions }: Subcommand): readonly OptionSpec[] {
  return ownOptions ?? [...options, ...ABOUT];
}

/** A table with the types of its rows kept. */
export function subcommand<const Rows extends readonly OptionSpec[]>(
  table: Subcommand<Rows>,
): Subcommand<Rows> {
  return table;
}

/** A command that prints its help and the version, and for the rest does what `act` does. */
export function runnable<Rows extends readonly OptionSpec[]>(
  table: Subcommand<Rows>,
  act: (line: SubcommandLine<Rows>, surroundings: Surroundings) => Promise<ExitCode>,
): Runnable {
  return {
    commands: [table],
    run: async (args, surroundings) => {
      const program = parsed(table, args);
      const { help, version } = completeValues(program, ABOUT);
      if (help) {
        await printData(surroundings, subcommandHelp(table, helpWidthOf(surroundings.stdout)));
        return EXIT.ok;
      }
      if (version) return printVersion(surroundings);
      refuseCount(table, program.args.length);
      return act(
        { args: program.args, values: completeValues(program, table.options) },
        surroundings,
      );
    },
  };
}

/** Whether the first word after a group of commands requests the help or version of the group. */
export function parseAbout(word: string): 'help' | 'version' | undefined {
  return ABOUT.find(({ flags }) => flags.split(', ').includes(word))?.key;
}

/** Prints the version of echosweep. */
export async function printVersion(streams: Streams): Promise<ExitCode> {
  await printData(streams, `${PACKAGE_VERSION}\n`);
  return EXIT.ok;
}

/** @param width columns to wrap at */
export function subcommandHelp(table: Subcommand, width: number): string {
  const help = makeProgram(table).configureHelp({ helpWidth: width }).helpInformation();
  return table.notes === undefined ? help : `${help}\n${table.notes}`;
}

function parsed(table: Subcommand, args: readonly string[]): Command {
  const program = makeProgram(table);
  try {
    return program.parse(args, { from: 'user' });
  } catch (error) {
    throw inOurWords(error, `echosweep ${table.name} --help shows its options`);
  }
}

function makeProgram(table: Subcommand): Command {
  const program = new Command(`echosweep ${table.name}`)
    .usage(`[options] ${table.usage}`.trimEnd())
    .description(table.description)
    .argument('[arguments...]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ visibleArguments: () => [] });
  for (const row of allOptionsOf(table)) {
    for (const option of parserOptions(row)) program.addOption(option);
  }
  return program;
}

function refuseCount({ name, usage, takes: [fewest, most] }: Subcommand, count: number): void {
  if (count >= fewest && count <= most) return;
  throw optionInvalid(
    `${name} takes ${usage === '' ? 'no arguments' : usage}`,
    `write echosweep ${name} ${usage}`.trimEnd(),
  );
}
