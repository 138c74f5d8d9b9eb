/** What is promised of options and command lines: read or refused in one clean line, and never a value out of its range. */

import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { COMMAND_OPTIONS } from '../../src/cli/command-options.ts';
import { errorLine } from '../../src/cli/terminal.ts';
import { EchosweepError } from '../../src/errors.ts';
import { type OptionSpec, offFlagOf } from '../../src/option-spec.ts';
import { checkValue, type OptionValue } from '../../src/option-value.ts';
import { resolveSettings, type SweepOptions } from '../../src/settings.ts';
import { type FuzzProperty, oneOf, property } from './property.ts';

const FLAGS = COMMAND_OPTIONS.flatMap(
  ({ flags }) => flags.match(/-{1,2}[a-zA-Z0-9][a-z0-9-]*/g) ?? [],
);
const NUMBERS = [
  ...['0', '1', '-1', '00', '1.5', '.5', '1e3', '0x10', '0xg', 'Infinity', 'NaN', '١', '1_000'],
  ...['255', '256', '1000', '65507', '4294967295', '4294967296', '9'.repeat(400), 'max', ' 5', ''],
];
const WORDS = COMMAND_OPTIONS.flatMap((option) => (option.kind === 'choice' ? option.choices : []));
const ODD = ['__proto__', 'constructor', '--', '-', '=', ',', ',,', '\u001b[2J', 'a\nb', '\ud800'];

const word = fc.oneof(
  oneOf(FLAGS),
  oneOf(FLAGS).chain((flag) => oneOf([...NUMBERS, ...ODD]).map((value) => `${flag}=${value}`)),
  oneOf([...NUMBERS, ...WORDS, ...ODD, '10.0.0.1', '::1', 'address,status']),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 4 }).map((text) => `--${text}`),
);

const value: fc.Arbitrary<unknown> = fc.oneof(
  oneOf([...NUMBERS, ...WORDS, ...ODD]),
  fc.double(),
  fc.integer(),
  fc.boolean(),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.array(oneOf([...WORDS, ...NUMBERS]), { maxLength: 3 }),
  fc.constantFrom(null, undefined, {}, [], Number.NaN, Number.POSITIVE_INFINITY, 1n),
);

function assertAllowed(option: OptionSpec, read: OptionValue): void {
  if (read === false && offFlagOf(option) !== undefined) return;
  if (option.isRepeatable) {
    assert.ok(Array.isArray(read));
    for (const one of read) {
      assert.notEqual(one, '');
      assertAllowedOne(option, one);
    }
  } else assertAllowedOne(option, read);
}

function assertAllowedOne(option: OptionSpec, read: unknown): void {
  if (option.kind === 'number') {
    assert.ok(typeof read === 'number' && !Number.isNaN(read));
    if (read === Number.POSITIVE_INFINITY) assert.ok(option.unlimited !== undefined);
    else assert.ok(read >= option.from && read <= option.to);
    if (option.isFractional !== true && Number.isFinite(read)) assert.ok(Number.isInteger(read));
  } else if (option.kind === 'choice') {
    assert.ok(typeof read === 'string' && option.choices.includes(read));
  } else assert.equal(typeof read, option.kind === 'switch' ? 'boolean' : 'string');
}

/** A refusal is a line that can be shown on any terminal. */
function assertRefusal(error: unknown): void {
  if (!(error instanceof EchosweepError)) throw error;
  assert.equal(error.code, 'OPTION_INVALID');
  assert.doesNotMatch(errorLine(error.message), /[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e]/u);
}

export const OPTION_VALUES: readonly FuzzProperty[] = [
  property(
    'no value of an option is taken that its table does not allow',
    3000,
    [oneOf(COMMAND_OPTIONS), value],
    (option, given) => {
      let read: OptionValue;
      try {
        read = checkValue(option, given);
      } catch (error) {
        return assertRefusal(error);
      }
      assertAllowed(option, read);
    },
  ),
  property(
    'every command line is read or refused in one line, and what is read can be swept with',
    800,
    [fc.array(word, { maxLength: 7 })],
    (args) => {
      try {
        const { sweep, command } = parseCommandLine(args);
        for (const option of COMMAND_OPTIONS) {
          const read: unknown = { ...sweep, ...command }[option.key as 'targets'];
          if (read !== undefined) assertAllowed(option, read as OptionValue);
        }
        for (const target of sweep.targets) assert.ok(args.includes(target));
        assertSettings(sweep);
      } catch (error) {
        assertRefusal(error);
      }
    },
  ),
  property(
    'whatever a program asks for is refused, or swept with within the ranges',
    1200,
    [
      fc.dictionary(oneOf([...COMMAND_OPTIONS.map(({ key }) => key), ...ODD]), value, {
        maxKeys: 4,
      }),
    ],
    (given) => {
      try {
        assertSettings({ ...given, targets: [] } as unknown as SweepOptions);
      } catch (error) {
        assertRefusal(error);
      }
    },
  ),
];

function assertSettings(options: SweepOptions): void {
  const { count, retries, timeoutMs, backoff, ratePps, payloadBytes, seed } =
    resolveSettings(options);
  assert.ok(count >= 1 && retries >= 0 && timeoutMs >= 1 && backoff >= 1 && ratePps > 0);
  assert.ok(payloadBytes >= 24 && Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32);
  assert.ok(Number.isFinite(timeoutMs * backoff ** retries));
}
