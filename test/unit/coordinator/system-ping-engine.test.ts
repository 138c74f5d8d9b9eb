/** What the engine `system` refuses, by stand-ins for the pings of Windows, macOS and BusyBox. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Family } from '../../../src/address.ts';
import type { EngineRequest, OpenedEngine } from '../../../src/coordinator/block-engine.ts';
import { SYSTEM_PING } from '../../../src/coordinator/system-ping-engine.ts';
import { resolveSettings, type SweepOptions } from '../../../src/settings.ts';

const PING = `#!/bin/sh
echo 'Pinging 127.0.0.1 with 56 bytes of data:'
echo 'Reply from 127.0.0.1: bytes=56 time<1ms TTL=128'
`;

const PINGS: Readonly<Record<string, string>> = {
  win32: PING,
  darwin: "#!/bin/sh\necho '64 bytes from 127.0.0.1: icmp_seq=0 ttl=64 time=0.1 ms'\n",
  linux: "#!/bin/sh\necho 'BusyBox'\necho '64 bytes from 127.0.0.1: seq=0 ttl=64 time=0.1 ms'\n",
};

const { platform } = process;
const { PATH } = process.env;

const folder = mkdtempSync(join(tmpdir(), 'echosweep-ping-'));

before(() => {
  process.env['PATH'] = `${folder}${delimiter}${PATH}`;
  useSystem('win32');
});

after(() => {
  process.env['PATH'] = PATH;
  Object.defineProperty(process, 'platform', { value: platform });
});

function useSystem(name: string): void {
  writeFileSync(join(folder, 'ping'), PINGS[name]!);
  chmodSync(join(folder, 'ping'), 0o755);
  Object.defineProperty(process, 'platform', { value: name });
}

function open(
  options: Omit<SweepOptions, 'targets'>,
  families: readonly Family[] = [4],
): Promise<OpenedEngine> {
  const settings = resolveSettings({ ...options, targets: ['127.0.0.1'] });
  const request: EngineRequest = { settings, families, zones: [], workers: 1, links: [] };
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

test("what macOS' ping6 and BusyBox' ping would leave out is refused", async () => {
  const both = { source: ['127.0.0.1'], interface: 'lo' };
  for (const [system, options, families, flag] of [
    ['darwin', { tos: 16 }, [4, 6], '--tos with IPv6'],
    ['darwin', { dontFragment: true }, [6], '--dont-fragment with IPv6'],
    ['linux', both, [4], '--source with --interface'],
  ] as const) {
    useSystem(system);
    await assert.rejects(open(options, families), {
      code: 'OPTION_INVALID',
      message: new RegExp(`^${flag}: this system's ping \\((macos|busybox)\\) cannot do this`),
    });
  }
  assert.equal((await open({ source: ['127.0.0.1'] })).engine, 'system');
  assert.equal((await open(both, [6])).engine, 'system', 'the source is that of the other family');
  useSystem('darwin');
  assert.equal((await open({ tos: 16, dontFragment: true })).engine, 'system');
});
