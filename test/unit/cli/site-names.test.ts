/** Which sites a command line names, and what it may not say besides. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { siteNamesOf } from '../../../src/cli/sites/site-names.ts';

function namesOf(...args: string[]): readonly string[] {
  return siteNamesOf(parseCommandLine(['10.0.0.0/24', ...args]).command);
}

describe('--sites and --spread', () => {
  test('name the sites, each once', () => {
    assert.deepEqual(namesOf(), []);
    assert.deepEqual(namesOf('--sites', 'berlin,paris', '--sites', 'berlin'), ['berlin', 'paris']);
    assert.deepEqual(namesOf('--spread', 'm1,m2', '--hub', 'h', '--deadline', '5'), ['m1', 'm2']);
  });

  test('exclude each other, and names that no subject can have', () => {
    for (const args of [
      ['--sites', 'a', '--spread', 'b'],
      ['--sites', 'Berlin'],
      ['--sites', 'a.b'],
      ['--spread', '*'],
      ['--hub', 'folder'],
      ['--deadline', '5'],
    ]) {
      assert.throws(() => namesOf(...args), { code: 'OPTION_INVALID' }, args.join(' '));
    }
  });

  test('exclude what is about this machine', () => {
    for (const args of [['--local'], ['--live'], ['--dry-run'], ['--resume', 'r.csv']]) {
      assert.throws(() => namesOf('--sites', 'a', ...args), {
        code: 'OPTION_INVALID',
        message: new RegExp(args[0]!),
      });
    }
  });
});
