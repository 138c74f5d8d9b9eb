/** A command beside the sweep itself, such as `diff`: its words and options once, for parser, help and documentation. */

import { Command } from 'commander';
import type { OptionSpec } from '../option-spec.ts';
import { toggle } from '../option-spec.ts';
import { optionInvalid } from '../option-value.ts';
import { OPTIONS } from '../options.ts';
import { RECORD_FORMATS } from '../report/formats.ts';
import { inOurWords, parserOption, valuesOf } from './option-parser.ts';

export interface Subcommand {
  /** As on the command line, such as `diff`. */
  readonly name: string;
  /** Its arguments as the usage shows them; '' for none. */
  readonly usage: string;
  /** Fewest and most arguments. */
  readonly takes: readonly [number, number];
  /** What it does, in a sentence or two. */
  readonly description: string;
  readonly options: readonly OptionSpec[];
  /** Lines below the options in the help. */
  readonly notes?: string;
}

export interface SubcommandLine {
  readonly args: readonly string[];
  readonly wantsHelp: boolean;
  /** The value of an option by its key, undefined where it was not given and has no default. */
  readonly value: <Value>(key: string) => Value | undefined;
}

const HELP_OPTION: OptionSpec = toggle('help', '-h, --help', 'Print this help.');

/** Options of the sweep that a subcommand has as well; their defaults are filled in for it. */
export function sharedOptions(...keys: readonly string[]): OptionSpec[] {
  return keys.map((key) => {
    const option = OPTIONS.find((candidate) => candidate.key === key)!;
    // What a subcommand writes are records, never a sweep's hosts.
    const limits = key === 'format' ? { choices: RECORD_FORMATS.map(({ name }) => name) } : {};
    return { ...option, ...limits, isCommandOnly: true };
  });
}

/**
 * @param args what follows the command's name
 * @throws EchosweepError OPTION_INVALID
 */
export function parseSubcommand(command: Subcommand, args: readonly string[]): SubcommandLine {
  const program = makeProgram(command);
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    throw inOurWords(error, `echosweep ${command.name} --help shows its options`);
  }
  const values = valuesOf(program, command.options);
  const byKey = new Map([...values].map(([option, value]) => [option.key, value]));
  const wantsHelp = program.opts<{ help?: boolean }>().help === true;
  if (!wantsHelp) refuseCount(command, program.args.length);
  return {
    args: program.args,
    wantsHelp,
    value: <Value>(key: string) => byKey.get(key) as Value | undefined,
  };
}

/** @param width columns to wrap at */
export function subcommandHelp(command: Subcommand, width: number): string {
  const help = makeProgram(command).configureHelp({ helpWidth: width }).helpInformation();
  return command.notes === undefined ? help : `${help}\n${command.notes}`;
}

function makeProgram(command: Subcommand): Command {
  const program = new Command(`echosweep ${command.name}`)
    .usage(`[options] ${command.usage}`.trimEnd())
    .description(command.description)
    .argument('[arguments...]')
    .helpOption(false)
    .exitOverride()
    .configureOutput({ writeErr: () => {} })
    .configureHelp({ visibleArguments: () => [] });
  for (const option of [...command.options, HELP_OPTION]) program.addOption(parserOption(option));
  return program;
}

function refuseCount({ name, usage, takes: [fewest, most] }: Subcommand, count: number): void {
  if (count >= fewest && count <= most) return;
  throw optionInvalid(
    `${name} takes ${usage === '' ? 'no arguments' : usage}`,
    `write echosweep ${name} ${usage}`.trimEnd(),
  );
}
