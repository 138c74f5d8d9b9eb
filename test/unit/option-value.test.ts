/** One value of an option, as a command line or a program gives it: taken or refused. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMAND_OPTIONS } from '../../src/cli/command-options.ts';
import { checkValue } from '../../src/option-value.ts';
import { optionOf, refusal } from './option-refusal.ts';

describe('one value', () => {
  const taken: [string, unknown, unknown][] = [
    ['count', '1', 1],
    ['count', 1000, 1000],
    ['retries', '0', 0],
    ['timeoutMs', '0250.5', 250.5],
    ['timeoutMs', '600000', 600_000],
    ['backoff', '1', 1],
    ['ratePps', '0.1', 0.1],
    ['ratePps', 'max', Number.POSITIVE_INFINITY],
    ['ratePps', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['payloadBytes', '24', 24],
    ['payloadBytes', '65507', 65_507],
    ['tos', '0xB8', 184],
    ['tos', '184', 184],
    ['ttl', '255', 255],
    ['seed', '4294967295', 4_294_967_295],
    ['engine', 'raw-socket', 'raw-socket'],
    ['includeEdges', true, true],
    ['only', 'up, down', ['up', 'down']],
    ['only', ['up', 'error'], ['up', 'error']],
    ['exclude', 'a,b', ['a,b']],
    ['outputs', ['a.csv', '-'], ['a.csv', '-']],
    ['csvDecimal', ',', ','],
    ['tcp', '443, 22', [443, 22]],
    ['tcp', [1, 65_535], [1, 65_535]],
    ['tcp', 443, [443]],
  ];
  for (const [key, value, expected] of taken) {
    test(`${key} takes ${JSON.stringify(value)}`, () => {
      assert.deepEqual(checkValue(optionOf(key), value), expected);
    });
  }

  const refused: [string, unknown, string][] = [
    ['tcp', '22,0', '--tcp: "0" is not valid: use a whole number from 1 to 65535'],
    ['tcp', '22,', '--tcp: "" is not valid: use a whole number from 1 to 65535'],
    ['tcp', 'https', '--tcp: "https" is not valid: use a whole number from 1 to 65535'],
    ['tcp', [443, 65_536], '--tcp: 65536 is not valid: use a whole number from 1 to 65535'],
    ['tcp', [22.5], '--tcp: 22.5 is not valid: use a whole number from 1 to 65535'],
    ['tcp', false, '--tcp: false is not valid: use a whole number from 1 to 65535'],
    [
      'timeoutMs',
      'abc',
      '--timeout: "abc" is not valid: use a number of milliseconds from 1 to 600000',
    ],
    [
      'timeoutMs',
      '0.5',
      '--timeout: "0.5" is not valid: use a number of milliseconds from 1 to 600000',
    ],
    [
      'timeoutMs',
      600_001,
      '--timeout: 600001 is not valid: use a number of milliseconds from 1 to 600000',
    ],
    [
      'timeoutMs',
      Number.NaN,
      '--timeout: NaN is not valid: use a number of milliseconds from 1 to 600000',
    ],
    ['count', '0', '--count: "0" is not valid: use a whole number from 1 to 1000'],
    ['count', '1.5', '--count: "1.5" is not valid: use a whole number from 1 to 1000'],
    ['count', '', '--count: "" is not valid: use a whole number from 1 to 1000'],
    ['count', '-1', '--count: "-1" is not valid: use a whole number from 1 to 1000'],
    ['count', '1e2', '--count: "1e2" is not valid: use a whole number from 1 to 1000'],
    ['count', '0x10', '--count: "0x10" is not valid: use a whole number from 1 to 1000'],
    [
      'count',
      Number.POSITIVE_INFINITY,
      '--count: Infinity is not valid: use a whole number from 1 to 1000',
    ],
    ['retries', '1000', '--retries: "1000" is not valid: use a whole number from 0 to 999'],
    ['backoff', '0.9', '--backoff: "0.9" is not valid: use a number from 1 to 10'],
    [
      'periodMs',
      '3600001',
      '--period: "3600001" is not valid: use a number of milliseconds from 1 to 3600000',
    ],
    [
      'payloadBytes',
      '23',
      '--size: "23" is not valid: use a whole number of octets from 24 to 65507',
    ],
    [
      'payloadBytes',
      '65508',
      '--size: "65508" is not valid: use a whole number of octets from 24 to 65507',
    ],
    ['ttl', '0', '--ttl: "0" is not valid: use a whole number from 1 to 255'],
    ['tos', '0x100', '--tos: "0x100" is not valid: use a whole number from 0 to 255'],
    [
      'ratePps',
      '0',
      '--rate: "0" is not valid: use a number of probes a second from 0.1 to 10000000, or max',
    ],
    [
      'ratePps',
      'fast',
      '--rate: "fast" is not valid: use a number of probes a second from 0.1 to 10000000, or max',
    ],
    ['workers', '65', '--workers: "65" is not valid: use a whole number from 1 to 64'],
    [
      'seed',
      '4294967296',
      '--seed: "4294967296" is not valid: use a whole number from 0 to 4294967295',
    ],
    [
      'engine',
      'nmap',
      '--engine: "nmap" is not valid: use auto, raw, dgram, icmp, raw-socket or system',
    ],
    ['order', '', '--order: "" is not valid: use random or sequential'],
    ['only', 'up,dwon', '--only: "dwon" is not valid: use up, unreachable, down or error'],
    ['only', 'up,', '--only: "" is not valid: use up, unreachable, down or error'],
    ['interface', '', '--interface: "" is not valid: use a text of at least one character'],
    ['exclude', ['a', 5], '--exclude: 5 is not valid: use a text of at least one character'],
    ['includeEdges', 'yes', '--include-edges: "yes" is not valid: use true or false'],
    [
      'expectUp',
      '0',
      '--expect-up: "0" is not valid: use a whole number of hosts from 1 to 4294967296',
    ],
  ];
  for (const [key, value, message] of refused) {
    test(`${key} refuses ${JSON.stringify(value) ?? value}`, () => {
      assert.equal(
        refusal(() => checkValue(optionOf(key), value)),
        message,
      );
    });
  }

  test('every number is refused just outside its range, and taken at both ends', () => {
    for (const option of COMMAND_OPTIONS) {
      if (option.kind !== 'number') continue;
      const inItsForm = (value: number) => (option.isRepeatable ? [value] : value);
      assert.deepEqual(checkValue(option, option.from), inItsForm(option.from));
      assert.deepEqual(checkValue(option, String(option.to)), inItsForm(option.to));
      refusal(() => checkValue(option, option.from - 0.001));
      refusal(() => checkValue(option, option.to + 1));
    }
  });
});
