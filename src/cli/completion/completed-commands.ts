/** What a shell completes: the commands, their words, options and values, all taken from the tables of the command line. */

import { type OptionSpec, offFlagOf } from '../../option-spec.ts';
import { ABOUT, COMMAND_GROUPS } from '../command-options.ts';
import {
  allOptionsOf,
  type CommandEntry,
  firstSentence,
  type Subcommand,
  subcommandsOf,
} from '../subcommand.ts';

/** What an option takes: nothing, any text, the path of a file, or one of these words. */
export type CompletedValue = 'nothing' | 'text' | 'path' | readonly string[];

export interface CompletedOption {
  /** Such as `-o` and `--output`, in that order. */
  readonly names: readonly string[];
  readonly help: string;
  readonly value: CompletedValue;
  readonly isRepeatable: boolean;
}

export interface CompletedWord {
  readonly word: string;
  readonly help: string;
}

export interface CompletedCommand {
  /** What is between `echosweep` and its own arguments, such as `inventory scan`; '' for a sweep. */
  readonly name: string;
  /** What its first argument can be; empty if that can be anything. */
  readonly words: readonly CompletedWord[];
  readonly takesPaths: boolean;
  readonly options: readonly CompletedOption[];
}

/** A sweep first, then the groups of commands and the commands. */
export async function completedCommands(
  entries: readonly CommandEntry[],
): Promise<readonly CompletedCommand[]> {
  const tables = await subcommandsOf(entries);
  const first = entries.map(({ name, summary }) => ({ word: name, help: summary }));
  const groups = entries.flatMap(({ name }) => groupOf(name, tables));
  return [
    {
      name: '',
      words: [
        ...first,
        { word: 'help', help: 'the options of a command' },
        { word: 'version', help: 'the version of echosweep' },
      ],
      takesPaths: false,
      options: COMMAND_GROUPS.flatMap(({ options }) => options.flatMap(completedOptions)),
    },
    { name: 'help', words: first, takesPaths: false, options: [] },
    ...groups,
    ...groups.map((group) => ({ ...group, name: `help ${group.name}`, options: [] })),
    ...tables.map(completedCommand),
  ];
}

/** Empty if there is only one command of the name. */
function groupOf(name: string, tables: readonly Subcommand[]): CompletedCommand[] {
  const words = tables
    .filter((table) => table.name.startsWith(`${name} `))
    .map((table) => ({
      word: table.name.slice(name.length + 1),
      help: firstSentence(table),
    }));
  const options = ABOUT.flatMap(completedOptions);
  return words.length === 0 ? [] : [{ name, words, takesPaths: false, options }];
}

function completedCommand(table: Subcommand): CompletedCommand {
  const { name, completesTo = [] } = table;
  return {
    name,
    words: completesTo === 'paths' ? [] : completesTo.map((word) => ({ word, help: '' })),
    takesPaths: completesTo === 'paths',
    options: allOptionsOf(table).flatMap(completedOptions),
  };
}

function completedOptions(option: OptionSpec): CompletedOption[] {
  const off = offFlagOf(option);
  const isRepeatable = option.isRepeatable === true;
  const own = {
    names: namesIn(option.flags),
    help: option.help,
    value: valueKindOf(option),
    isRepeatable,
  };
  if (off === undefined) return [own];
  return [
    own,
    { names: namesIn(off.flags), help: off.help, value: 'nothing', isRepeatable: false },
  ];
}

function valueKindOf(option: OptionSpec): CompletedValue {
  switch (option.kind) {
    case 'switch':
      return 'nothing';
    case 'choice':
      return option.choices;
    case 'text':
      return option.isPath ? 'path' : 'text';
    case 'number':
      return 'text';
  }
}

/** Whether several of the words can be given at once, with commas between. */
export function isList({ value, isRepeatable }: CompletedOption): boolean {
  return Array.isArray(value) && isRepeatable;
}

function namesIn(flags: string): string[] {
  return flags.match(/(?<![\w-])--?[A-Za-z0-9][A-Za-z0-9-]*/g) ?? [];
}
