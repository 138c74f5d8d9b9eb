/** Which ping a system has, and how long its processes take: stand-ins print what the systems' own do. */

import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import {
  detectPing,
  type PingDialect,
  type PingRequest,
} from '../../../src/system-ping/dialect.ts';

const { platform } = process;
const { PATH } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'echosweep-ping-'));

const REQUEST: PingRequest = {
  family: 4,
  address: '192.0.2.7',
  count: 5,
  timeoutMs: 1900,
  periodMs: 100,
  payloadBytes: 56,
  dontFragment: false,
};

before(() => {
  process.env['PATH'] = `${folder}${delimiter}${PATH}`;
});

after(() => {
  process.env['PATH'] = PATH;
  Object.defineProperty(process, 'platform', { value: platform });
});

/** The dialect of a system whose ping prints this if it is started without a target. */
async function dialectOf(system: NodeJS.Platform, output: string): Promise<PingDialect> {
  writeFileSync(join(folder, 'ping'), `#!/bin/sh\necho '${output}'\n`);
  chmodSync(join(folder, 'ping'), 0o755);
  Object.defineProperty(process, 'platform', { value: system });
  const dialect = await detectPing();
  assert.ok(dialect !== undefined);
  return dialect;
}

function timeoutOf(dialect: PingDialect): string | undefined {
  const args = dialect.arguments(REQUEST);
  return args[args.indexOf('-W') + 1];
}

test('a ping that waits for whole seconds waits for the whole timeout', async () => {
  for (const [version, timeout] of [
    ['ping utility, iputils-s20180629', '2'],
    ['ping utility, iputils-sss20160308', '2'],
    ['ping from iputils s20190709', '1.9'],
    ['ping from iputils 20221126', '1.9'],
    ['BusyBox v1.35.0', '2'],
  ] as const)
    assert.equal(timeoutOf(await dialectOf('linux', version)), timeout, version);
});

test("the probes of Windows' ping leave one after the other, whatever their period is", async () => {
  const iputils = await dialectOf('linux', 'ping from iputils 20221126');
  assert.equal(iputils.longestPauseMs(REQUEST), 200);
  const windows = await dialectOf('win32', 'Usage: ping [-t] target_name');
  assert.equal(windows.longestPauseMs(REQUEST), 2900);
});
