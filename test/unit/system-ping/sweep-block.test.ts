/** Probing hosts through processes: a stand-in for ping that answers, stays silent or hangs, as its address says. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { NOT_COVERED } from '../../../src/results/block-results.ts';
import { blockOfRanges } from '../../../src/results/block-targets.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import { statusNumber } from '../../../src/results/outcome.ts';
import type { PingDialect } from '../../../src/system-ping/dialect.ts';
import { parseIputils } from '../../../src/system-ping/parse-iputils.ts';
import { ProcessTurns } from '../../../src/system-ping/process-turns.ts';
import {
  type SystemPingTask,
  sweepBlockBySystemPing,
} from '../../../src/system-ping/sweep-block.ts';
import { assertSoon } from '../../machine-speed.ts';
import { rowOf } from '../results/row-of.ts';

const folder = mkdtempSync(join(tmpdir(), 'echosweep-ping-'));
const script = join(folder, 'ping.mjs');
/** Writes its process number next to itself, where it stays. */
writeFileSync(
  script,
  `import { existsSync, writeFileSync, writeSync } from 'node:fs';
const address = process.argv[2];
const asked = ${JSON.stringify(folder)} + '/asked-' + address;
const isFirst = !existsSync(asked);
writeFileSync(asked, String(process.pid));
const last = Number(address.split('.')[3]);
const reply = '64 bytes from ' + address + ': icmp_seq=1 ttl=60 time=1.5 ms';
if (last === 1 || (last === 2 && !isFirst)) console.log(reply);
if (last === 2 && isFirst) console.log('1 packets transmitted, 0 received, 100% packet loss');
if (last === 3) console.log('From 192.0.2.254 icmp_seq=1 Packet filtered');
if (last === 4) console.error('ping: connect: Network is unreachable');
if (last === 5) setInterval(() => {}, 1000);
if (last === 6) for (;;) console.log('x'.repeat(1000));
if (last === 7) console.log('From 192.0.2.1 icmp_seq=1 Destination Host Unreachable');
if (last === 8) {
  console.error('Usage: ping destination, not ' + address);
  process.exitCode = 2;
}
const replyTo = (n) => '64 bytes from ' + address + ': icmp_seq=' + n + ' ttl=60 time=1.5 ms';
if (last === 9) {
  console.log([1, 2, 3].map(replyTo).join('\\n'));
  writeFileSync(asked + '-printed', '');
  setInterval(() => {}, 1000);
}
if (last === 10)
  for (let n = 1; n <= 1000; n++) console.log(replyTo(n) + '\\n' + replyTo(n) + ' (DUP!)');
if (last === 11) {
  writeSync(1, replyTo(1) + '\\n');
  for (;;) writeSync(1, replyTo(2) + '\\n');
}
if (last === 12) {
  const startedAt = performance.now();
  const replyIn225Ms = (n) => {
    console.log(replyTo(n));
    if (n < 60) setTimeout(replyIn225Ms, startedAt + (n + 1) * 225 - performance.now(), n + 1);
  };
  setTimeout(replyIn225Ms, 225, 1);
}
if (last === 13) {
  setTimeout(() => console.log(replyTo(2)), 2500);
}
if (last === 14) process.kill(process.pid, 'SIGTERM');
`,
);

/** For processes that end by themselves: far more than a loaded machine needs to start Node and print a line. */
const PATIENT_MS = 5_000;
/** For processes that never end by themselves: they are killed a second later, however slow the machine. */
const IMPATIENT_MS = 100;

/** Of the stand-in, as of iputils. */
const LEAST_PAUSE_MS = 200;

const NEVER = new AbortController().signal;

function dialect(command: string): PingDialect {
  return {
    name: 'iputils',
    command: () => command,
    arguments: ({ address }) => [script, address],
    parse: parseIputils,
    longestPauseMs: () => LEAST_PAUSE_MS,
    cannot: [],
  };
}

function task(first: bigint, last: bigint, changes: Partial<SystemPingTask> = {}): SystemPingTask {
  return {
    targets: blockOfRanges([{ family: 4, zone: '', first, last }]),
    dialect: dialect(process.execPath),
    settings: {
      count: 1,
      retries: 1,
      timeoutMs: PATIENT_MS,
      backoff: 1,
      periodMs: 100,
      ratePps: 1000,
      payloadBytes: 56,
      dontFragment: false,
    },
    hostAt: (position) => position,
    ownAddresses: new Set(['192.0.2.1']),
    turns: new ProcessTurns(8, 1000, NEVER),
    signal: new AbortController().signal,
    onProgress: () => {},
    ...changes,
  };
}

/** 198.51.100.N */
function address(n: number): bigint {
  return 0xc6336400n + BigInt(n);
}

function isRunning(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('Z') !== true;
  } catch {
    return false;
  }
}

function startedPids(): number[] {
  return readdirSync(folder)
    .filter((name) => /^asked-[\d.]+$/.test(name))
    .map((name) => Number(readFileSync(join(folder, name), 'utf8')));
}

/** The rows of 198.51.100.FIRST to 198.51.100.LAST. */
async function rowsOf(first: number, last: number, timeoutMs: number): Promise<HostResult[]> {
  const all = task(address(first), address(last));
  const settings = { ...all.settings, timeoutMs };
  const results = await sweepBlockBySystemPing({ ...all, settings });
  return Array.from({ length: last - first + 1 }, (_, host) => rowOf(results, host));
}

function outcomesOf(rows: readonly HostResult[]): unknown[][] {
  return rows.map(({ status, reason, pattern, responder }) => [status, reason, pattern, responder]);
}

test('what the processes print becomes rows', async () => {
  const rows = [...(await rowsOf(1, 4, PATIENT_MS)), ...(await rowsOf(7, 7, PATIENT_MS))];
  assert.deepEqual(outcomesOf(rows), [
    ['up', 'echo-reply', '!', null],
    ['up', 'echo-reply', '.!', null],
    ['unreachable', 'admin-prohibited', 'UU', '192.0.2.254'],
    ['error', 'no-route', 'EE', null],
    ['down', 'arp-failed', 'U', null],
  ]);
  assert.equal(rows[0]!.rttMinMs, 1.5);
  assert.equal(rows[3]!.errno, 'ENETUNREACH');
});

test('a ping that prints something else than a result leaves its host untested, not down', async () => {
  const [row] = await rowsOf(8, 8, PATIENT_MS);
  assert.deepEqual(outcomesOf([row!]), [['error', 'send-failed', 'EE', null]]);
  assert.equal(row!.errno, 'ping printed "Usage: ping destination, not ADDRESS"');
});

test('a ping that prints nothing, dies or cannot be started leaves its host untested, not down', {
  skip: process.platform === 'win32' && 'Windows has no signals and no rights to execute',
}, async () => {
  const [silent, dead] = [await rowsOf(15, 15, PATIENT_MS), await rowsOf(14, 14, PATIENT_MS)];
  assert.equal(silent[0]!.errno, 'ping printed nothing');
  assert.equal(dead[0]!.errno, 'ping was ended by SIGTERM');
  assert.deepEqual(outcomesOf([...silent, ...dead]), [
    ['error', 'send-failed', 'EE', null],
    ['error', 'send-failed', 'EE', null],
  ]);
  const forbidden = task(address(1), address(1), { dialect: dialect(script) });
  const row = rowOf(await sweepBlockBySystemPing(forbidden), 0);
  assert.deepEqual(outcomesOf([row]), [['error', 'permission-denied', 'EE', null]]);
});

test('a process that hangs or babbles is killed, and its host is silent', {
  skip: process.platform !== 'linux' && 'reads /proc',
}, async () => {
  assert.deepEqual(outcomesOf(await rowsOf(5, 6, IMPATIENT_MS)), [
    ['down', 'no-response', '..', null],
    ['down', 'no-response', '..', null],
  ]);
  assert.deepEqual(startedPids().filter(isRunning), []);
});

test('a stop kills every process, keeps hosts that answered and leaves out the rest', async () => {
  const asked = join(folder, 'asked-198.51.100.5');
  rmSync(asked, { force: true });
  const pid = (): number => (existsSync(asked) ? Number(readFileSync(asked, 'utf8')) : 0);
  const stopper = new AbortController();
  const ranges = [1, 5].map((n) => ({
    ...({ family: 4, zone: '' } as const),
    ...{ first: address(n), last: address(n) },
  }));
  const both = task(address(1), address(1), { targets: blockOfRanges(ranges) });
  let up = 0;
  const swept = sweepBlockBySystemPing({
    ...both,
    settings: { ...both.settings, timeoutMs: 60_000 },
    signal: stopper.signal,
    onProgress: ({ hostsUp }) => {
      up += hostsUp;
    },
  });
  while (up === 0 || pid() === 0) await pause(10);
  const stoppedAt = performance.now();
  stopper.abort();
  const { status } = await swept;
  // The system ends a process a little after it was told to.
  while (isRunning(pid()) && performance.now() - stoppedAt < 60_000) await pause(10);
  assertSoon(performance.now() - stoppedAt, 5000, 'stopping');
  assert.deepEqual([...status], [statusNumber('up'), NOT_COVERED]);
});

/** The row of 198.51.100.N, probed so many times. @param isStopped whether the sweep is, once the process has printed its replies */
async function rowOfCount(n: number, count: number, isStopped = false): Promise<HostResult> {
  const stopper = new AbortController();
  const one = task(address(n), address(n), { signal: stopper.signal });
  const settings = { ...one.settings, count, retries: 0, timeoutMs: 60_000 };
  const swept = sweepBlockBySystemPing({ ...one, settings });
  if (isStopped) {
    while (!existsSync(join(folder, `asked-198.51.100.${n}-printed`))) await pause(10);
    // What is there by now is read before another timer fires.
    await pause(10);
    stopper.abort();
  }
  return rowOf(await swept, 0);
}

test('a stop leaves out the probes of a count that had not been sent', async () => {
  const { status, sent, received, pattern } = await rowOfCount(9, 100, true);
  assert.deepEqual([status, sent, received, pattern], ['up', 3, 3, '!!!']);
});

test('the output of many probes is read to its end', async () => {
  const { sent, received, duplicates } = await rowOfCount(10, 1000);
  assert.deepEqual([sent, received, duplicates], [1000, 1000, 1000]);
});

test('what a ping could not print because of too many duplicates is not lost', async () => {
  const { received, pattern } = await rowOfCount(11, 5);
  assert.deepEqual([received, pattern], [2, '!!']);
});

test('a ping whose probes leave a little later than planned is not killed', async () => {
  const one = task(address(12), address(12));
  const settings = { ...one.settings, count: 60, retries: 0, timeoutMs: 10 };
  const { pattern } = rowOf(await sweepBlockBySystemPing({ ...one, settings }), 0);
  assert.equal(pattern, '!'.repeat(60));
});

test('a ping that waits for each reply before its next probe is not killed meanwhile', async () => {
  const one = task(address(13), address(13));
  const settings = { ...one.settings, count: 2, retries: 0, timeoutMs: 100 };
  const dialect = { ...one.dialect, longestPauseMs: () => 60_000 };
  const { pattern } = rowOf(await sweepBlockBySystemPing({ ...one, dialect, settings }), 0);
  assert.equal(pattern, '.!');
});

test('a stop ends the wait for the rate', async () => {
  const stopper = new AbortController();
  const turns = new ProcessTurns(8, 0.1, stopper.signal);
  const ends = Promise.all(Array.from({ length: 5 }, () => turns.run(async () => {})));
  const startedAt = performance.now();
  setTimeout(() => stopper.abort(), 50);
  await ends;
  assertSoon(performance.now() - startedAt, 5000);
});

test('without a ping the sweep says what to install', async () => {
  const without = task(address(1), address(1), { dialect: dialect(join(folder, 'none')) });
  await assert.rejects(sweepBlockBySystemPing(without), { code: 'NO_ENGINE', message: /install/ });
});

test('processes start no faster than the rate, and never more at once than allowed', async () => {
  const turns = new ProcessTurns(3, 200, NEVER);
  let now = 0;
  let most = 0;
  const startedAt = performance.now();
  const one = async (): Promise<void> => {
    most = Math.max(most, ++now);
    await new Promise((resolve) => setImmediate(resolve));
    now--;
  };
  await Promise.all(Array.from({ length: 20 }, () => turns.run(one)));
  assert.ok(most <= 3);
  // Node's timers may fire a millisecond early.
  assert.ok(performance.now() - startedAt >= 19 * 4);
});
