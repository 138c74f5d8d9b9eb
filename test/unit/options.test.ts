/** The table of options: what each entry has, and which values it takes by default. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMAND_OPTIONS } from '../../src/cli/command-options.ts';
import {
  defaultText,
  isOnByDefault,
  longFlag,
  offFlagOf,
  rangeText,
} from '../../src/option-spec.ts';
import { checkValue } from '../../src/option-value.ts';
import { ENGINES } from '../../src/options.ts';
import { COLUMNS } from '../../src/report/columns.ts';
import { FORMATS } from '../../src/report/formats.ts';
import { STATUSES } from '../../src/results/outcome.ts';
import { optionOf } from './option-refusal.ts';

describe('the table', () => {
  test('no key and no flag is listed twice', () => {
    const keys = COMMAND_OPTIONS.map((option) => option.key);
    const flags = COMMAND_OPTIONS.flatMap(
      (option) =>
        `${option.flags} ${offFlagOf(option)?.flags ?? ''}`.match(/(?<!\S)-{1,2}[\w-]+/g)!,
    );
    assert.deepEqual(keys, [...new Set(keys)]);
    assert.deepEqual(flags, [...new Set(flags)]);
  });

  test('each option has a long flag and a sentence', () => {
    for (const option of COMMAND_OPTIONS) {
      assert.match(longFlag(option), /^--[a-z][a-z0-9-]+$/);
      assert.match(option.help, /^[A-Z].*\.$/, option.flags);
    }
  });

  test('a switch is on by default exactly if its flag turns it off', () => {
    for (const option of COMMAND_OPTIONS) {
      assert.equal(longFlag(option).startsWith('--no-'), isOnByDefault(option), option.flags);
    }
  });

  test('each option but a switch names its argument', () => {
    for (const option of COMMAND_OPTIONS) {
      assert.equal(/ <[a-z]+>$/.test(option.flags), option.kind !== 'switch', option.flags);
    }
  });

  test('every default is a value that the option itself would take', () => {
    for (const option of COMMAND_OPTIONS) {
      if (option.kind === 'switch' || option.default === undefined) continue;
      assert.equal(checkValue(option, String(option.default)), option.default, option.flags);
    }
  });

  test('its lists are those of the rooms that use them', () => {
    assert.equal(
      rangeText(optionOf('engine')),
      `auto, ${ENGINES.slice(0, -1).join(', ')} or system`,
    );
    assert.deepEqual(
      rangeText(optionOf('format')).split(/, | or /),
      FORMATS.map((format) => format.name),
    );
    assert.deepEqual(rangeText(optionOf('only')).split(/, | or /), [...STATUSES]);
    const columns = COLUMNS.map((column) => column.name);
    assert.deepEqual(checkValue(optionOf('columns'), columns.join()), columns);
  });

  test('what is left out is told in words', () => {
    assert.equal(defaultText(optionOf('timeoutMs')), '1000');
    assert.equal(defaultText(optionOf('workers')), 'as many as help');
    assert.equal(defaultText(optionOf('allowLarge')), '');
  });
});
