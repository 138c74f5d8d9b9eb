/** When the system's look-ups need threads. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { mayHaveNames } from '../../../src/cli/look-up-threads.ts';

test('addresses in any form need no look-up', () => {
  const forms = ['10.0.0.1', '10.0.0.0/24', '10.0.0.0/255.255.255.0', '10.0.0.1-10.0.0.9'];
  const others = [
    '10.0-3.*.1,5',
    '10.0.0.1-9',
    '2001:db8::/120',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
  ];
  for (const text of [...forms, ...others])
    assert.equal(mayHaveNames(parseCommandLine([text])), false, text);
  assert.equal(mayHaveNames(parseCommandLine(['10.0.0.0/24', '--exclude', '10.0.0.9'])), false);
});

test('a name may be looked up, wherever it is', () => {
  for (const args of [
    ['host.example'],
    ['10.0.0.1', 'de.ad'],
    ['10.0.0.0/24', '--exclude', 'host.example'],
    ['--file', 'hosts.txt'],
    ['10.0.0.0/24', '--exclude-file', 'hosts.txt'],
  ]) {
    assert.equal(mayHaveNames(parseCommandLine(args)), true, args.join(' '));
  }
});
