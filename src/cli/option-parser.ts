/** The table's options as the parser's: read, completed, and complained about in our words. */

import { type Command, CommanderError, Option } from 'commander';
import { defaultText, longFlag, type OptionSpec, rangeText } from '../option-spec.ts';
import { checkValue, optionInvalid } from '../option-value.ts';

/** An option of the table as the parser takes it. */
export function parserOption(option: OptionSpec): Option {
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
export function valuesOf(
  program: Command,
  options: readonly OptionSpec[],
): Map<OptionSpec, unknown> {
  const given = program.opts<Record<string, unknown>>();
  return new Map(
    options.map((option) => {
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

/**
 * The parser's complaint in one line that ends in what to do; another error as it is.
 * @param advice what to do where the parser has no better idea
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
