/** What the engine `system` refuses, by a stand-in for the ping of Windows. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { EngineRequest, OpenedEngine } from '../../../src/coordinator/block-engine.ts';
import { SYSTEM_PING } from '../../../src/coordinator/system-ping-engine.ts';
import { resolveSettings, type SweepOptions } from '../../../src/settings.ts';

const PING = `#!/bin/sh
echo 'Pinging 127.0.0.1 with 56 bytes of data:'
echo 'Reply from 127.0.0.1: bytes=56 time<1ms TTL=128'
`;

const { platform } = process;
const { PATH } = process.env;

before(() => {
  const folder = mkdtempSync(join(tmpdir(), 'echosweep-ping-'));
  writeFileSync(join(folder, 'ping'), PING);
  chmodSync(join(folder, 'ping'), 0o755);
  process.env['PATH'] = `${folder}${delimiter}${PATH}`;
  Object.defineProperty(process, 'platform', { value: 'win32' });
});

after(() => {
  process.env['PATH'] = PATH;
  Object.defineProperty(process, 'platform', { value: platform });
});

function open(options: Omit<SweepOptions, 'targets'>): Promise<OpenedEngine> {
  const settings = resolveSettings({ ...options, targets: ['127.0.0.1'] });
  const request: EngineRequest = { settings, families: [4], zones: [], workers: 1, links: [] };
  return SYSTEM_PING.open(request, 'asked for');
}

test("what Windows' ping would accept without effect is refused", async () => {
  for (const [options, flag] of [
    [{ tos: 16 }, '--tos'],
    [{ interface: 'Ethernet' }, '--interface'],
  ] as const) {
    await assert.rejects(open(options), {
      code: 'OPTION_INVALID',
      message: new RegExp(`^${flag}: this system's ping \\(windows\\) cannot do this`),
    });
  }
});

test("what Windows' ping can do is not", async () => {
  const { engine } = await open({ ttl: 3, dontFragment: true });
  assert.equal(engine, 'system');
});
