/** What does not compile: a key that no row has, a value of another type, and a row that nothing reads. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type LineOf, subcommand } from '../../src/cli/subcommand.ts';
import {
  choice,
  type GivenOf,
  nothingUnread,
  number,
  text,
  toggle,
  type ValuesOf,
} from '../../src/option-spec.ts';
import type { SweepOptions, SweepSettings } from '../../src/settings.ts';

const ROWS = [
  number('count', '--count <n>', 'How many.', { from: 1, to: 9, default: 1 }),
  number('ttl', '--ttl <n>', 'How far.', { from: 1, to: 9 }),
  choice('order', '--order <order>', 'In which order.', { choices: ['up', 'down'] }),
  choice('only', '--only <what>', 'Only these.', { choices: ['a', 'b'], isRepeatable: true }),
  text('files', '--file <file>', 'From here.', { isRepeatable: true }),
  text('canary', '--canary <host>', 'This too.', { off: { flags: '--no-canary', help: 'None.' } }),
  number('ports', '--port <n>', 'At these.', { from: 1, to: 9, isRepeatable: true }),
  toggle('quiet', '--quiet', 'Say nothing.'),
] as const;

/** Both types are the same; the compiler checks it. */
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
function holds<_Fact extends true>(): void {}

describe('the types of a table', () => {
  test('each value has the type of its row, and is certain if it has a default', () => {
    interface Expected {
      readonly count: number;
      readonly ttl?: number;
      readonly order?: 'up' | 'down';
      readonly only?: readonly ('a' | 'b')[];
      readonly files?: readonly string[];
      readonly canary?: string | false;
      readonly ports?: readonly number[];
      readonly quiet: boolean;
    }
    holds<Same<ValuesOf<typeof ROWS>, Expected>>();
  });

  test('a program may leave anything out, and give one value for a list', () => {
    const given: GivenOf<typeof ROWS> = { only: 'a', files: ['x', 'y'], canary: false, ports: 3 };
    // @ts-expect-error no row has this key
    const misspelt: GivenOf<typeof ROWS> = { tll: 3 };
    // @ts-expect-error not one of the choices
    const wrong: GivenOf<typeof ROWS> = { order: 'sideways' };
    assert.ok(given && misspelt && wrong);
  });

  test('a row that nothing reads does not compile', () => {
    const values: ValuesOf<typeof ROWS> = { count: 1, quiet: false };
    const { count, ttl, order, only, files, canary, ports, ...unread } = values;
    // @ts-expect-error quiet is unread
    nothingUnread(unread);
    const read = [count, ttl, order, only, files, canary, ports];
    assert.deepEqual(read, [1, ...Array(6).fill(undefined)]);
    const { quiet, ...rest } = unread;
    nothingUnread(rest);
    assert.equal(quiet, false);
  });

  test('a command reads its own keys and no others', () => {
    const TABLE = subcommand({
      name: 'try',
      usage: '',
      takes: [0, 0],
      description: 'Tries.',
      options: ROWS,
    });
    const line: LineOf<typeof TABLE> = { args: [], values: { count: 2, quiet: true } };
    holds<Same<typeof line.values.count, number>>();
    // @ts-expect-error no row has this key
    assert.equal(line.values.cuont, undefined);
    assert.equal(line.values.count, 2);
  });
});

describe('the options of the library', () => {
  test('have the names that a program expects, and those of the command line are unknown', () => {
    const options: SweepOptions = { targets: 'x', allowLarge: true, arp: false, canary: false };
    // @ts-expect-error a name of the command line
    const flags: SweepOptions = { targets: 'x', noArp: true };
    // @ts-expect-error an option of the command alone
    const command: SweepOptions = { targets: 'x', outputs: ['a.csv'] };
    assert.ok(options && flags && command);
  });

  test('become settings of their own types', () => {
    holds<Same<SweepSettings['engine'], NonNullable<SweepOptions['engine']>>>();
    holds<Same<SweepSettings['order'], NonNullable<SweepOptions['order']>>>();
    holds<Same<SweepSettings['payloadBytes'], number>>();
    holds<Same<SweepSettings['rdnsTimeoutMs'], number | undefined>>();
  });
});
