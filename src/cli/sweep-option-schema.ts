/** The options of a sweep as a configuration may have them: made from the table of options. */

import { z } from 'zod';
import type { SweepConfig } from '../inventory/config/config.ts';
import { fieldProblem } from '../inventory/field-problem.ts';
import { isOnByDefault, longFlag, type OptionSpec, offFlagOf, rangeText } from '../option-spec.ts';
import { checkValue, optionInvalid } from '../option-value.ts';
import { OPTIONS } from '../options.ts';
import type { SweepOptions } from '../settings.ts';

/** What is left out has a field of its own. */
const CONFIGURABLE = OPTIONS.filter(({ key }) => key !== 'exclude');

/** Fields have the names of the command line, without dashes in front. */
export const SWEEP_OPTION_SCHEMA: z.ZodType<SweepConfig> = z.strictObject(
  Object.fromEntries(CONFIGURABLE.flatMap(fieldsOf)),
);

/**
 * @param config as SWEEP_OPTION_SCHEMA has let it pass
 * @throws EchosweepError OPTION_INVALID if an option is both given and turned off
 */
export function sweepOptionsOf(config: SweepConfig): Omit<SweepOptions, 'targets'> {
  return Object.fromEntries(
    CONFIGURABLE.flatMap((option) => {
      const given = config[fieldOf(option)];
      const value = isTurnedOff(option, config) ? false : given;
      if (value === undefined) return [];
      const checked = checkValue(option, value);
      return [[option.key, isOnByDefault(option) ? checked === false : checked]];
    }),
  );
}

function fieldsOf(option: OptionSpec): [string, z.ZodType][] {
  const own: [string, z.ZodType] = [fieldOf(option), valueSchema(option)];
  const off = offFlagOf(option);
  return off === undefined
    ? [own]
    : [own, [fieldOf(off), z.boolean().optional().describe(off.help)]];
}

function isTurnedOff(option: OptionSpec, config: SweepConfig): boolean {
  const off = offFlagOf(option);
  if (off === undefined || config[fieldOf(off)] !== true) return false;
  if (config[fieldOf(option)] === undefined) return true;
  throw optionInvalid(
    `${longFlag(option)} and ${longFlag(off)} exclude each other`,
    'give one, or neither',
  );
}

function fieldOf(option: Pick<OptionSpec, 'flags'>): string {
  return longFlag(option).slice('--'.length);
}

function valueSchema(option: OptionSpec): z.ZodType {
  return plainSchema(option).optional().describe(option.help);
}

function plainSchema(option: OptionSpec): z.ZodType {
  switch (option.kind) {
    case 'switch':
      return z.boolean();
    case 'number': {
      const number = (option.isFractional ? z.number() : z.int()).min(option.from).max(option.to);
      return option.unlimited === undefined ? number : numberOr(number, option.unlimited, option);
    }
    case 'choice':
      return z.enum(option.choices as [string, ...string[]], {
        error: () => fieldProblem('is not valid', `use ${rangeText(option)}`),
      });
    default:
      return option.isRepeatable ? z.union([z.string(), z.array(z.string())]) : z.string();
  }
}

function numberOr(number: z.ZodNumber, word: string, option: OptionSpec): z.ZodType {
  return z.union([number, z.literal(word)], {
    error: () => fieldProblem('is not valid', `use ${rangeText(option)}`),
  });
}
