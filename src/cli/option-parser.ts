/** The rows of a table as the parser's options: read, completed, and refused in our words. */

import { type Command, CommanderError, Option } from 'commander';
import {
  defaultText,
  type GivenOf,
  isOnByDefault,
  longFlag,
  type OptionSpec,
  offFlagOf,
  rangeText,
  type ValuesOf,
} from '../option-spec.ts';
import { checkValue, defaultOf, optionInvalid } from '../option-value.ts';

/** An option of a table as the parser takes it: its own flag, and the one that turns it off if there is one. */
export function parserOptions(option: OptionSpec): Option[] {
  const made = new Option(option.flags, helpSentence(option));
  if (option.kind === 'switch') return [made];
  made.argParser<unknown>((value, previous) => {
    const checked = checkValue(option, value);
    return Array.isArray(checked) && Array.isArray(previous) ? [...previous, ...checked] : checked;
  });
  const off = offFlagOf(option);
  return off === undefined ? [made] : [made, new Option(off.flags, off.help)];
}

/** The table's sentence with what else the table knows: range and default. */
export function helpSentence(option: OptionSpec): string {
  const range = rangeText(option);
  const otherwise = defaultText(option);
  const facts = [
    ...(option.isRepeatable ? ['repeatable'] : []),
    ...(range === '' ? [] : [range]),
    ...(otherwise === '' ? [] : [`default: ${otherwise}`]),
  ];
  return facts.length === 0 ? option.help : `${option.help} (${facts.join('; ')})`;
}

/** What was given of these options. */
export function givenValues<Rows extends readonly OptionSpec[]>(
  program: Command,
  rows: Rows,
): GivenOf<Rows> {
  // The parser checked each value by its row, whose type says the same.
  return Object.fromEntries(entriesOf(program, rows, () => undefined)) as GivenOf<Rows>;
}

/** What was given of these options, and the defaults of the others. */
export function completeValues<Rows extends readonly OptionSpec[]>(
  program: Command,
  rows: Rows,
): ValuesOf<Rows> {
  // As above; a default is checked by the compiler and by the tests.
  return Object.fromEntries(entriesOf(program, rows, defaultOf)) as ValuesOf<Rows>;
}

function entriesOf(
  program: Command,
  rows: readonly OptionSpec[],
  otherwise: (option: OptionSpec) => unknown,
): [string, unknown][] {
  const parsed = program.opts<Record<string, unknown>>();
  return rows.flatMap((option): [string, unknown][] => {
    const value = parsed[new Option(option.flags).attributeName()];
    // The parser itself sets what a `--no-…` would turn off.
    const isGiven = value !== undefined && !(isOnByDefault(option) && value === true);
    const final = isGiven ? value : otherwise(option);
    return final === undefined ? [] : [[option.key, final]];
  });
}

/**
 * The parser's complaint in one line with advice; another error as it is.
 * @param advice what to do if the parser has no better idea
 */
export function inOurWords(error: unknown, advice: string): unknown {
  if (!(error instanceof CommanderError)) return error;
  const what = error.message.replace(/^error: /, '').split('\n')[0]!;
  if (error.code === 'commander.optionMissingArgument') {
    const flags = /'(.*)'/.exec(what)![1]!;
    return optionInvalid(`${longFlag({ flags })}: its value is missing`, `write ${flags}`);
  }
  const hint = /\(Did you mean (.*)\)$/.exec(error.message)?.[1];
  return optionInvalid(what, hint === undefined ? advice : `did you mean ${hint}`);
}
