/** Doctor's advice is for the system that it runs on. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remediesFor } from '../../../src/coordinator/engines.ts';
import { ENGINES } from '../../../src/options.ts';

/** Commands and settings that a system does not have. */
const FOREIGN = {
  win32: /sudo|setcap|apt-get|sysctl|systemd|AmbientCapabilities/,
  darwin: /setcap|apt-get|ping_group_range|AmbientCapabilities|powershell/i,
  linux: /powershell|Administrator|Xcode/i,
} as const;

test('no engine advises what the system does not have', async () => {
  for (const [system, foreign] of Object.entries(FOREIGN)) {
    for (const engine of ENGINES) {
      const advice = (await remediesFor(engine, system as NodeJS.Platform)).join('\n');
      assert.doesNotMatch(advice, foreign, `${engine} on ${system}`);
    }
  }
});

test('the engine that a system would take has advice there', async () => {
  assert.notDeepEqual(await remediesFor('raw', 'linux'), []);
  assert.notDeepEqual(await remediesFor('dgram', 'darwin'), []);
  assert.notDeepEqual(await remediesFor('icmp', 'win32'), []);
});
