/** The options of a sweep as a configuration may have them: made from the table of options. */

import { z } from 'zod';
import type { SweepConfig } from '../inventory/config.ts';
import { fieldProblem } from '../inventory/field-problem.ts';
import { longFlag, type OptionSpec, rangeText } from '../option-spec.ts';
import { checkValue } from '../option-value.ts';
import { OPTIONS } from '../options.ts';
import type { SweepOptions } from '../settings.ts';

/** What is left out has a field of its own. */
const CONFIGURABLE = OPTIONS.filter(
  ({ isCommandOnly, key }) => !isCommandOnly && key !== 'exclude',
);

/** Fields have the names of the command line, without dashes in front. */
export const SWEEP_OPTION_SCHEMA: z.ZodType<SweepConfig> = z.strictObject(
  Object.fromEntries(CONFIGURABLE.map((option) => [fieldOf(option), valueSchema(option)])),
);

/** @param config as SWEEP_OPTION_SCHEMA has let it pass */
export function sweepOptionsOf(config: SweepConfig): Omit<SweepOptions, 'targets'> {
  return Object.fromEntries(
    CONFIGURABLE.flatMap((option) => {
      const value = config[fieldOf(option)];
      return value === undefined ? [] : [[option.key, checkValue(option, value)]];
    }),
  );
}

function fieldOf(option: OptionSpec): string {
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
