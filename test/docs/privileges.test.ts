/** docs/privileges.md held to the engines and to what `echosweep doctor` advises. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remediesFor } from '../../src/coordinator/engines.ts';
import { ENGINES } from '../../src/options.ts';
import { codeIn, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/privileges.md');

test('the engines are told in the order in which they are tried', () => {
  const engines = tableOf(PAGE, 'Engine').map(([engine]) => codeIn(engine!));
  assert.deepEqual(engines, [...ENGINES]);
});

const SYSTEMS = ['linux', 'darwin', 'win32'] as const;

for (const engine of ENGINES) {
  test(`what doctor advises for ${engine} stands on the page`, async () => {
    const remedies = await Promise.all(SYSTEMS.map((system) => remediesFor(engine, system)));
    for (const remedy of remedies.flat()) {
      // Three blanks part a command from the words about it, and Node is elsewhere on each system.
      const command = remedy
        .split('   ')[0]!
        .split(/ ?\(or /)[0]!
        .replace(process.execPath, '/usr/bin/node');
      assert.ok(PAGE.includes(command), command);
    }
  });

  test(`no advice for ${engine} on Windows is one for Unix`, async () => {
    for (const remedy of await remediesFor(engine, 'win32'))
      assert.doesNotMatch(remedy, /sudo|setcap|apt-get|sysctl|systemd/);
  });
}
