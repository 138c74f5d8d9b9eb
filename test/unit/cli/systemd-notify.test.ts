/** Words to systemd arrive as sd_notify(3) has them, at a path and in the abstract namespace. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { ServiceNotice } from '../../../src/cli/service-notice.ts';
import { notifySystemd } from '../../../src/cli/systemd-notify.ts';
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from '../../../src/native/linux/constants.ts';
import { bind, close, isSupportedHere, recv, socket } from '../../../src/native/linux/libc.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));

/** Runs `body` while somebody listens at the path. @returns the words that came */
function heardAt(path: string, body: () => void): string[] {
  const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(path.replace(/^@/, '\0'))]);
  assert.equal(bind(fd, address, address.length), 0);
  try {
    body();
    const words: string[] = [];
    const buffer = new Uint8Array(1000);
    for (;;) {
      const length = recv(fd, buffer, buffer.length, MSG_DONTWAIT);
      if (length <= 0) return words;
      words.push(Buffer.from(buffer.subarray(0, length)).toString());
    }
  } finally {
    close(fd);
  }
}

const skip = isSupportedHere() ? false : 'UNIX sockets are spoken to on Linux only';

test('words arrive whole', { skip }, () => {
  for (const path of [join(FOLDER, 'notify'), `@echosweep-test-${process.pid}`]) {
    assert.deepEqual(
      heardAt(path, () => assert.ok(notifySystemd(path, 'READY=1'))),
      ['READY=1'],
    );
  }
});

test('where nobody listens, or the path is none, that is said and no more', { skip }, () => {
  assert.equal(notifySystemd(join(FOLDER, 'nobody'), 'READY=1'), false);
  assert.equal(notifySystemd('', 'READY=1'), false);
  assert.equal(notifySystemd('/x'.repeat(100), 'READY=1'), false);
});

test('a service says that it is ready, feeds the watchdog at half time, reloads and stops', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const said: string[] = [];
  const env = { NOTIFY_SOCKET: '/n', WATCHDOG_USEC: '10000000', WATCHDOG_PID: String(process.pid) };
  const notice = new ServiceNotice(env, (path, words) => said.push(`${path} ${words}`) > 0);
  notice.ready();
  t.mock.timers.tick(15_000);
  notice.reloading();
  notice.ready();
  t.mock.timers.tick(5_000);
  notice.stopping();
  t.mock.timers.tick(60_000);
  assert.deepEqual(
    said.map((words) => words.replace(/=\d{6,}/, '=N')),
    [
      '/n READY=1',
      ...Array<string>(3).fill('/n WATCHDOG=1'),
      '/n RELOADING=1\nMONOTONIC_USEC=N',
      '/n READY=1',
      '/n WATCHDOG=1',
      '/n STOPPING=1',
    ],
  );
});

test('without a service manager nothing is said, and another process’s watchdog is not fed', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const said: string[] = [];
  const send = (_: string, words: string): boolean => said.push(words) > 0;
  new ServiceNotice({}, send).ready();
  assert.deepEqual(said, []);
  const others = { NOTIFY_SOCKET: '/n', WATCHDOG_USEC: '10000000', WATCHDOG_PID: '1' };
  new ServiceNotice(others, send).ready();
  t.mock.timers.tick(60_000);
  assert.deepEqual(said, ['READY=1']);
});
