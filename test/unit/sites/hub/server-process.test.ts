import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { endLeftServer } from '../../../../src/sites/hub/left-server.ts';
import { findServerProgram, versionDoubt } from '../../../../src/sites/hub/nats-server-program.ts';
import { type ServerEvent, ServerProcess } from '../../../../src/sites/hub/server-process.ts';

const IS_WINDOWS = process.platform === 'win32';
const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));

const SAY = `const say = (level, words) => process.stderr.write('[1] 2026/01/31 12:00:00.000000 [' + level + '] ' + words + '\\n');`;
const STAY = 'setInterval(() => {}, 1000);';

/** A program that does as the script says, and the events of its process. */
function serverThat(script: string) {
  const events: ServerEvent[] = [];
  const emitter = new EventEmitter();
  const server = new ServerProcess([process.execPath, '-e', `${SAY}${script}`], (event) => {
    events.push(event);
    emitter.emit(event.kind);
  });
  return { server, events, emitter };
}

test('a server is started once it says so, and ends with us', async () => {
  const { server, events } = serverThat(`say('INF', 'Server is ready');${STAY}`);
  await server.start();
  await server.stop();
  assert.deepEqual(events, [{ kind: 'ready' }]);
});

test('a server that does not start is an error with its own words', async () => {
  const { server, events } = serverThat(
    `say('FTL', 'listen tcp 0.0.0.0:4222: bind: address already in use'); process.exitCode = 1;`,
  );
  await assert.rejects(server.start(), {
    code: 'HUB_FAILED',
    message: /exit code 1: listen tcp .* in use\): stop the other server at this port/,
  });
  assert.deepEqual(events, []);
  await server.stop();
});

test('a configuration that the server refuses is an error with its own words', async () => {
  const { server } = serverThat(
    `process.stderr.write('nats-server: hub/nats.conf:10:1: no such file or directory\\n\\n'); process.exitCode = 1;`,
  );
  await assert.rejects(server.start(), {
    message:
      /\(exit code 1: hub\/nats\.conf:10:1: no such file or directory\): correct what it says/,
  });
  await server.stop();
});

test('a program that is not there is an error', async () => {
  const server = new ServerProcess([join(FOLDER, 'none')], () => {});
  await assert.rejects(server.start(), { code: 'HUB_FAILED', message: /ENOENT/ });
});

test('a server that dies is started again', async () => {
  const mark = JSON.stringify(join(FOLDER, 'mark'));
  const { server, events, emitter } = serverThat(
    `const fs = require('node:fs'); const again = fs.existsSync(${mark}); fs.writeFileSync(${mark}, '');
    say('INF', 'Server is ready'); if (again) ${STAY} else setImmediate(() => { say('ERR', 'out of luck'); process.exitCode = 3; });`,
  );
  await server.start();
  await once(emitter, 'ready');
  await server.stop();
  assert.deepEqual(events, [
    { kind: 'ready' },
    { kind: 'problem', line: 'out of luck' },
    { kind: 'died', how: 'exit code 3: out of luck', againInMs: 500 },
    { kind: 'ready' },
  ]);
});

test('a reload is over once the server has taken it over, and an error if it refuses', {
  skip: IS_WINDOWS && 'sends SIGHUP',
}, async () => {
  const { server } = serverThat(
    `let count = 0; process.on('SIGHUP', () => say(count++ === 0 ? 'INF' : 'ERR', count === 1 ? 'Reloaded server configuration' : 'Failed to reload server configuration: no'));
    say('INF', 'Server is ready');${STAY}`,
  );
  await server.start();
  await server.reload();
  await assert.rejects(server.reload(), { code: 'HUB_FAILED', message: /Failed to reload/ });
  await server.stop();
});

test('a reload waits for a server that is being started, which a signal would end', {
  skip: IS_WINDOWS && 'sends SIGHUP',
}, async () => {
  const { server, events } = serverThat(
    `setImmediate(() => { process.on('SIGHUP', () => say('INF', 'Reloaded server configuration'));
    say('INF', 'Server is ready'); });${STAY}`,
  );
  const start = server.start();
  await server.reload();
  await start;
  await server.stop();
  assert.deepEqual(events, [{ kind: 'ready' }]);
});

test('a reload does not wait for a server that a signal has ended: the next one reads its files', {
  skip: IS_WINDOWS && 'sends SIGKILL',
}, async () => {
  const { server, events, emitter } = serverThat(
    `say('INF', 'Server is ready'); setImmediate(() => process.kill(process.pid, 'SIGKILL'));`,
  );
  const died = once(emitter, 'died');
  await server.start();
  await died;
  await server.reload();
  await server.stop();
  assert.deepEqual(events, [
    { kind: 'ready' },
    { kind: 'died', how: 'ended by SIGKILL', againInMs: 500 },
  ]);
});

test('a server that an earlier hub has left is ended, and nothing else', {
  skip: IS_WINDOWS && 'reads /proc',
}, async () => {
  const config = join(FOLDER, 'nats.conf');
  const left = spawn(process.execPath, ['-e', STAY, config]);
  const other = spawn(process.execPath, ['-e', STAY]);
  const pidFile = join(FOLDER, 'nats.pid');
  const killed: number[] = [];
  const kill = (pid: number, signal: NodeJS.Signals): void => {
    killed.push(pid);
    process.kill(pid, signal);
  };
  for (const { pid } of [other, left]) {
    writeFileSync(pidFile, String(pid));
    await endLeftServer(pidFile, config, kill);
  }
  assert.deepEqual(killed, [left.pid]);
  other.kill('SIGKILL');
});

test('releases of nats-server with known faults are told from those without', () => {
  for (const version of ['2.9.10', '2.10.27', '2.11.15', '2.12.6', '2.13.0']) {
    assert.match(versionDoubt(version)!, /known security faults/, version);
  }
  for (const version of ['2.11.16', '2.12.7', '2.14.0', '2.15.1', '2.15.0-RC.1', '3.0.0']) {
    assert.equal(versionDoubt(version), undefined, version);
  }
});

test('another program is not taken for nats-server', () => {
  assert.throws(() => findServerProgram(process.execPath), {
    code: 'HUB_FAILED',
    message: /is not a nats-server/,
  });
});
