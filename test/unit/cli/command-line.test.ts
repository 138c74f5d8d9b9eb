/** The command line: what it is read as, what it is refused for, and that its help knows every option. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { helpText, parseCommandLine } from '../../../src/cli/command-line.ts';
import { COMMAND_GROUPS, COMMAND_OPTIONS } from '../../../src/cli/command-options.ts';
import { COMMANDS } from '../../../src/cli/command-table.ts';
import { commandText } from '../../../src/cli/sweep-command.ts';
import { defaultText, isOnByDefault, offFlagOf, rangeText } from '../../../src/option-spec.ts';
import { OPTIONS } from '../../../src/options.ts';
import { FORMATS } from '../../../src/report/formats.ts';
import { resolveSettings } from '../../../src/settings.ts';
import { anyOf } from '../../../src/words.ts';
import { refusal } from '../option-refusal.ts';

/** The line in which these words are refused. */
const refusalOf = (...args: string[]): string => refusal(() => parseCommandLine(args));

/** Options whose value must be of a form. */
const VALUES: Readonly<Record<string, string>> = { patience: 'quick' };

describe('what is read', () => {
  test('targets alone', () => {
    const { sweep, command } = parseCommandLine(['192.0.2.0/24', 'host.example']);
    assert.deepEqual(sweep, { targets: ['192.0.2.0/24', 'host.example'] });
    assert.deepEqual(command, {
      csvProfile: 'plain',
      csvDelimiter: ',',
      csvDecimal: '.',
      dryRun: false,
      quiet: false,
      slots: 2,
      live: false,
      local: false,
      stream: false,
      progress: true,
      help: false,
      version: false,
    });
  });

  test('short flags, long flags and values glued to them mean the same', () => {
    const expected = { targets: ['192.0.2.1'], timeoutMs: 250, dontFragment: true };
    for (const args of [
      ['-t', '250', '-M', '192.0.2.1'],
      ['-Mt250', '192.0.2.1'],
      ['--timeout=250', '192.0.2.1', '--dont-fragment'],
      ['--timeout', '250', '--dont-fragment', '--', '192.0.2.1'],
    ]) {
      assert.deepEqual(parseCommandLine(args).sweep, expected, args.join(' '));
    }
  });

  test('options that may be repeated keep each value, in order', () => {
    const { sweep, command } = parseCommandLine(
      '-o a.csv -o - --only up,down --only error -f x -f - --exclude a --exclude b'.split(' '),
    );
    assert.deepEqual(command.outputs, ['a.csv', '-']);
    assert.deepEqual(command.only, ['up', 'down', 'error']);
    assert.deepEqual(command.files, ['x', '-']);
    assert.deepEqual(sweep.exclude, ['a', 'b']);
  });

  test('of others the last counts', () => {
    assert.equal(parseCommandLine(['-c', '3', '-c', '4']).sweep.count, 4);
  });

  test('-4 and -6 are families, and -t -4 a wrong timeout', () => {
    assert.deepEqual(parseCommandLine(['-4', 'a']).sweep, { targets: ['a'], ipv4: true });
    assert.deepEqual(parseCommandLine(['-6', 'a']).sweep, { targets: ['a'], ipv6: true });
    assert.match(refusalOf('-t', '-4', 'a'), /^--timeout: "-4" is not/);
  });

  test('--no-progress turns the bar off, and nothing else does', () => {
    assert.equal(parseCommandLine(['--no-progress']).command.progress, false);
    assert.equal(parseCommandLine([]).command.progress, true);
  });

  test('--no-arp and --no-canary turn off what a program turns off with false', () => {
    assert.deepEqual(parseCommandLine(['--no-arp', '--no-canary']).sweep, {
      targets: [],
      arp: false,
      canary: false,
    });
    assert.deepEqual(parseCommandLine(['--yes', '--canary', '192.0.2.1']).sweep, {
      targets: [],
      allowLarge: true,
      canary: '192.0.2.1',
    });
  });

  test('every option is read into its key, and those of the library are taken by it', () => {
    for (const option of COMMAND_OPTIONS) {
      const flags = option.flags.match(/(?<!\S)-{1,2}[\w-]+/g)!;
      const value =
        option.kind === 'number'
          ? option.from
          : option.kind === 'choice'
            ? option.choices[0]!
            : (VALUES[option.key] ?? '192.0.2.1');
      const args = option.kind === 'switch' ? [] : [String(value)];
      const expected =
        option.kind === 'switch' ? !isOnByDefault(option) : option.isRepeatable ? [value] : value;
      for (const flag of flags) {
        const { sweep, command } = parseCommandLine([flag, ...args]);
        const place: object = OPTIONS.includes(option) ? sweep : command;
        assert.deepEqual(
          Object.entries(place).find(([key]) => key === option.key)?.[1],
          expected,
          flag,
        );
        resolveSettings(sweep);
      }
    }
  });
});

describe('what is refused', () => {
  const cases: [string, string][] = [
    ['--timout 5', "unknown option '--timout': did you mean --timeout?"],
    ['-z', "unknown option '-z': echosweep --help shows all options"],
    ['--yes=no', "unknown option '--yes=no': did you mean --yes?"],
    ['-t', '--timeout: its value is missing: write -t, --timeout <ms>'],
    ['-t abc', '--timeout: "abc" is not valid: use a number of milliseconds from 1 to 600000'],
    ['--only upp', '--only: "upp" is not valid: use up, unreachable, down or error'],
    ['--format xml', `--format: "xml" is not valid: use ${anyOf(FORMATS.map(({ name }) => name))}`],
  ];
  for (const [words, message] of cases) {
    test(words, () => assert.equal(refusalOf(...words.split(' ')), message));
  }
});

describe('the help', () => {
  const help = helpText(100);

  test('fits the width it is given', () => {
    for (const line of help.split('\n')) assert.ok(line.length <= 100, line);
  });

  for (const { title, options } of COMMAND_GROUPS) {
    test(`${title}: each option with its flags, sentence, range and default`, () => {
      const group = new RegExp(`^${title}:\\n((?:  .*\\n)+)`, 'm').exec(help)![1]!;
      const words = group.replace(/\s+/g, ' ');
      for (const option of options) {
        const off = offFlagOf(option);
        const own = [option.flags, option.help, rangeText(option), defaultText(option)];
        for (const part of [...own, off?.flags ?? '', off?.help ?? '']) {
          assert.ok(words.includes(part), `${option.flags}: ${part}`);
        }
      }
    });
  }

  test('lists every command, and the exit codes', () => {
    for (const { name, summary } of COMMANDS) {
      assert.match(help, new RegExp(`echosweep ${name} +${summary}\n`));
    }
    for (const code of [0, 1, 2, 3, 4, 5, 129, 130, 143])
      assert.match(help, new RegExp(`\\b${code}  `));
  });
});

test('the command is recorded as a shell would take it again', () => {
  assert.equal(
    commandText(['10.0.0.0/8', '-o', 'my report.csv', '--csv-delimiter', ';', "it's", '']),
    "echosweep 10.0.0.0/8 -o 'my report.csv' --csv-delimiter ';' 'it'\\''s' ''",
  );
});
