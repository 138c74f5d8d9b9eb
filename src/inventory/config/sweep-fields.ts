/** The options of a sweep as fields of a configuration, made from the table of options. */

import { z } from 'zod';
import {
  isOnByDefault,
  longFlag,
  type OptionSpec,
  offFlagOf,
  rangeText,
} from '../../option-spec.ts';
import { checkValue, optionInvalid } from '../../option-value.ts';
import { OPTIONS } from '../../options.ts';
import type { SweepOptions } from '../../settings.ts';
import { fieldProblem } from '../field-problem.ts';

/** `exclude` has a field of its own. */
const CONFIGURABLE = OPTIONS.filter(({ key }) => key !== 'exclude');

/** Values by the names of the command line, without dashes in front. */
export type SweepFields = Readonly<Record<string, unknown>>;

/** The fields that a configuration may give, and what they may hold. */
export const SWEEP_FIELDS: z.ZodType<SweepFields> = z.strictObject(
  Object.fromEntries(CONFIGURABLE.flatMap(fieldsOf)),
);

/**
 * The fields as options of a sweep.
 * @param fields as SWEEP_FIELDS has let them pass
 * @throws EchosweepError OPTION_INVALID if an option is both given and turned off
 */
export function sweepOptionsOf(fields: SweepFields): Omit<SweepOptions, 'targets'> {
  return Object.fromEntries(
    CONFIGURABLE.flatMap((option) => {
      const given = fields[fieldOf(option)];
      const value = isTurnedOff(option, fields) ? false : given;
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

function isTurnedOff(option: OptionSpec, fields: SweepFields): boolean {
  const off = offFlagOf(option);
  if (off === undefined || fields[fieldOf(off)] !== true) return false;
  if (fields[fieldOf(option)] === undefined) return true;
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
      if (option.isRepeatable) return z.union([number, z.array(number), z.string()]);
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
