/** Options of the sweep in a configuration: each by its name on the command line. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SWEEP_FIELDS, sweepOptionsOf } from '../../../../src/inventory/config/sweep-fields.ts';
import { OPTIONS } from '../../../../src/options.ts';
import { settingsWith } from './config-texts.ts';

describe('a configuration', () => {
  test('has every option of the sweep, by its name on the command line', () => {
    for (const option of OPTIONS.filter(({ key }) => key !== 'exclude')) {
      const name = /--([a-z0-9-]+)/.exec(option.flags)![1]!;
      const value =
        option.kind === 'switch'
          ? true
          : option.kind === 'number'
            ? option.from
            : option.kind === 'choice'
              ? option.choices[0]!
              : 'x';
      const given = sweepOptionsOf(SWEEP_FIELDS.parse({ [name]: value }));
      assert.deepEqual(Object.keys(given), [option.key]);
    }
  });
});

describe('the ports of TCP connections', () => {
  const portsOf = (tcp: string) => settingsWith(`{ tcp: ${tcp} }`).tcpPorts;

  test('are a number, a list, or a text with commas', () => {
    for (const tcp of ['443', '[443]', '"443"']) assert.deepEqual(portsOf(tcp), [443]);
    for (const tcp of ['[443, 22]', '"443,22"']) assert.deepEqual(portsOf(tcp), [443, 22]);
  });

  test('are refused with their line and field', () => {
    for (const tcp of ['0', '[443, 70000]', '"https"'])
      assert.throws(() => portsOf(tcp), /c\.yaml, line 1: networks\.a\.sweep/);
  });
});

describe('what a program gives as false', () => {
  const optionsOf = (sweep: object) => sweepOptionsOf(SWEEP_FIELDS.parse(sweep));

  test('is turned off in a configuration by the name of its flag', () => {
    assert.deepEqual(optionsOf({ 'no-arp': true, 'no-canary': true, yes: true }), {
      arp: false,
      canary: false,
      allowLarge: true,
    });
    assert.deepEqual(optionsOf({ 'no-arp': false, 'no-canary': false, canary: '192.0.2.1' }), {
      arp: true,
      canary: '192.0.2.1',
    });
  });

  test('cannot be given there at the same time', () => {
    assert.throws(() => optionsOf({ canary: '192.0.2.1', 'no-canary': true }), {
      code: 'OPTION_INVALID',
      message: '--canary and --no-canary exclude each other: give one, or neither',
    });
  });
});
