/** The checking of an option's value, from a command line or a program, against the table of options. */

import { EchosweepError } from './errors.ts';
import {
  isOnByDefault,
  longFlag,
  type NumberOption,
  type OptionSpec,
  offFlagOf,
  rangeText,
} from './option-spec.ts';

export type OptionValue = boolean | number | string | readonly (number | string)[];

/**
 * Checks a value: text from the command line, or whatever a program gave.
 * @returns it in the option's own type: boolean, number or text; a list if the option is repeatable; false if the
 * option was turned off
 * @throws EchosweepError OPTION_INVALID
 */
export function checkValue(option: OptionSpec, value: unknown): OptionValue {
  if (value === false && offFlagOf(option) !== undefined) return false;
  if (option.isRepeatable) {
    const values: unknown[] = Array.isArray(value) ? value : [value];
    return values.flatMap((one) => splitAtCommas(option, one)).map((one) => checkOne(option, one));
  }
  if (option.kind !== 'switch') return checkOne(option, value);
  if (typeof value === 'boolean') return value;
  throw wrongValue(option, value, 'true or false');
}

/** The value of an option that was not given; undefined if it has none then. */
export function defaultOf(option: OptionSpec): boolean | number | string | undefined {
  return option.kind === 'switch' ? isOnByDefault(option) : option.default;
}

/** The error of a wrong option, or of options that contradict each other. */
export function optionInvalid(problem: string, advice: string): EchosweepError {
  return new EchosweepError('OPTION_INVALID', problem, advice);
}

/** @param allowed what would be right, with its article if it has one */
export function wrongValue(option: OptionSpec, value: unknown, allowed: string): EchosweepError {
  return optionInvalid(`${longFlag(option)}: ${shownValue(value)} is not valid`, `use ${allowed}`);
}

/** A value of any type, for a message; what a program gives may not even have a text. */
export function shownValue(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

function splitAtCommas(option: OptionSpec, value: unknown): unknown[] {
  const hasCommas = option.kind === 'choice' || option.hasCommas;
  if (!hasCommas || typeof value !== 'string') return [value];
  return value.split(',').map((part) => part.trim());
}

function checkOne(option: OptionSpec, value: unknown): number | string {
  return option.kind === 'number' ? checkNumber(option, value) : checkText(option, value);
}

function checkText(option: OptionSpec, value: unknown): string {
  if (option.kind === 'choice') {
    if (typeof value === 'string' && option.choices.includes(value)) return value;
    throw wrongValue(option, value, rangeText(option));
  }
  if (typeof value === 'string' && value !== '') return value;
  throw wrongValue(option, value, 'a text of at least one character');
}

function checkNumber(option: NumberOption, value: unknown): number {
  const read = typeof value === 'string' ? readNumber(option, value) : value;
  if (typeof read === 'number' && isInRange(option, read)) return read;
  const kind = option.isFractional ? 'a number' : 'a whole number';
  const unit = option.unit === undefined ? '' : ` of ${option.unit}`;
  throw wrongValue(option, value, `${kind}${unit} from ${rangeText(option)}`);
}

function readNumber(option: NumberOption, digits: string): number {
  if (digits === option.unlimited) return Number.POSITIVE_INFINITY;
  if (option.isHexadecimal && /^0x[0-9a-f]+$/i.test(digits)) return Number(digits);
  return /^\d+(\.\d+)?$/.test(digits) ? Number(digits) : Number.NaN;
}

function isInRange(option: NumberOption, value: number): boolean {
  if (value === Number.POSITIVE_INFINITY) return option.unlimited !== undefined;
  const isWhole = option.isFractional || Number.isInteger(value);
  return isWhole && value >= option.from && value <= option.to;
}
