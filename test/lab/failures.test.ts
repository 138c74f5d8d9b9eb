/** What goes wrong around a sweep: disks, pipes, interfaces and permissions. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertSoon } from '../machine-speed.ts';
import { LAB } from './address-plan.ts';
import { parseCsv, rowsByAddress } from './csv.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE, ONE_GROUP, unlessRealRoot } from './ordinary-user.ts';
import { echosweep, freshFolder, start, startEchosweep, until } from './run.ts';
import { untilSent } from './wire.ts';

const MANY = LAB.live4.replace('/16', '/20');
const MANY_HOSTS = 4094;

function must(command: string, ...args: string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}: ${done.stderr}`);
}

/** Lends a file system that holds less than the report. */
async function onSmallDisk(folder: string, use: (small: string) => Promise<void>): Promise<void> {
  const small = join(folder, 'small');
  mkdirSync(small);
  must('mount', '-t', 'tmpfs', '-o', 'size=64k', 'none', small);
  try {
    await use(small);
  } finally {
    must('umount', small);
  }
}

/** Whether a report holds all of MANY. */
function isWholeCsv(text: string): boolean {
  return parseCsv(text).length === MANY_HOSTS;
}

function isWholeJsonLines(text: string): boolean {
  const records = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return records.length === MANY_HOSTS + 2 && records.at(-1).phase === 'end';
}

/** ICMP messages that this host has sent so far, by the kernel's count. */
function icmpSent(): number {
  const lines = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Icmp:'));
  const [names, values] = lines.map((line) => line.split(' '));
  return Number(values![names!.indexOf('OutMsgs')]);
}

labTest('a full disk costs a clear line and exit code 4; the old report stays', async () => {
  await onSmallDisk(freshFolder(), async (small) => {
    const report = join(small, 'report.csv');
    writeFileSync(report, 'old\n');
    const { code, stderr } = await echosweep([MANY, '--rate', 'max', '-q', '-o', report]);
    assert.equal(code, 4);
    assert.match(stderr, /^echosweep: cannot write the report .* disk is full/m);
    assert.equal(readFileSync(report, 'utf8'), 'old\n');
    assert.deepEqual(readdirSync(small), ['report.csv']);
  });
});

labTest('a disk that fills up behind > costs a clear line and exit code 4 as well', async () => {
  await onSmallDisk(freshFolder(), async (small) => {
    const onto = (...args: string[]) => {
      const command = [LAB_NODE, `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`, ...args];
      return start(['bash', '-c', '"$@" > out', 'bash', ...command], { cwd: small }).finished;
    };
    // All but one page: the system takes the first part of a piece without an error.
    writeFileSync(join(small, 'filler'), Buffer.alloc(60_000));
    for (const args of [['127.0.0.0/25', '-q'], ['--help']]) {
      const { code, stderr } = await onto(...args);
      assert.equal(code, 4, args.join(' '));
      assert.match(stderr, /^echosweep: cannot write the report to standard output: the disk is/m);
    }
  });
});

labTest(
  'interfaces that the system does not list end in a word, and do not end a sweep',
  async () => {
    const refusal = join(freshFolder(), 'refusal.cjs');
    writeFileSync(
      refusal,
      `const os = require('node:os');
const { networkInterfaces } = os;
const until = performance.now() + Number(process.env.REFUSED_AFTER_MS);
os.networkInterfaces = () => {
  if (performance.now() < until) return networkInterfaces();
  throw Object.assign(new Error('Unknown system error 24'), { code: 'ERR_SYSTEM_ERROR', errno: 24 });
};
require('node:module').syncBuiltinESMExports();
`,
    );
    const run = (refusedAfterMs: number, ...args: string[]) => {
      const env = { NODE_OPTIONS: `-r ${refusal}`, REFUSED_AFTER_MS: String(refusedAfterMs) };
      return echosweep(args, { env, cwd: freshFolder() });
    };
    for (const args of [
      ['127.0.0.1'],
      ['doctor'],
      ['--local', '--dry-run'],
      ['inventory', 'init'],
    ]) {
      const { code, stderr } = await run(0, ...args);
      assert.equal(code, 4, `${args.join(' ')}: ${stderr}`);
      assert.match(stderr, /^echosweep: cannot list the network interfaces: EMFILE, [^\n]*\n$/);
    }
    const sweep = [LAB.live4.replace('/16', '/24'), '--rate', '100', '-q'];
    const { code, stdout, stderr } = await run(1500, ...sweep);
    assert.equal(code, 0, stderr);
    assert.equal(rowsByAddress(stdout).size, 254);
  },
);

labTest('a report that fails does not cost the others', async () => {
  const folder = freshFolder();
  const good = join(folder, 'good.csv');
  await onSmallDisk(folder, async (small) => {
    const full = join(small, 'report.csv');
    const { code } = await echosweep([MANY, '--rate', 'max', '-q', '-o', full, '-o', good]);
    assert.equal(code, 4);
    assert.deepEqual(readdirSync(small), []);
  });
  assert.equal(rowsByAddress(readFileSync(good, 'utf8')).size, 4094);
});

labTest('an output that cannot be written is found before the first probe', async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'file'), '');
  for (const path of [
    join(folder, 'none/report.csv'),
    join(folder, 'file/report.csv'),
    folder,
    '/proc/report.csv',
  ]) {
    const before = icmpSent();
    const { code, stderr } = await echosweep([
      MANY,
      '-o',
      path,
      ...(path === folder ? ['--format', 'csv'] : []),
    ]);
    assert.equal(code, 4, `${path}: ${stderr}`);
    assert.match(stderr, /^echosweep: cannot write [^\n]*\n$/, path);
    assert.equal(icmpSent(), before, path);
  }
});

labTest('| head ends the sweep without a word of complaint', async () => {
  const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
  const { finished } = start([
    'bash',
    '-c',
    `${LAB_NODE} ${main} ${MANY} -q | head -n 3; echo "\${PIPESTATUS[0]}"`,
  ]);
  const { stdout, stderr, ms } = await finished;
  const lines = stdout.trimEnd().split('\n');
  assert.equal(lines.length, 4);
  assert.equal(lines[3], '0');
  assert.equal(stderr, '');
  assertSoon(ms, 10_000);
});

labTest(
  'a standard output that was never open, or takes nothing, ends in a word and not in a hang',
  async () => {
    const command = [
      LAB_NODE,
      `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`,
      LAB.live4.replace('/16', '/28'),
    ];
    const through = (redirection: string) =>
      start(['bash', '-c', `"$@" ${redirection}`, 'bash', ...command, '-q']).finished;
    const closed = await through('>&-');
    assert.equal(closed.code, 0, closed.stderr);
    const full = await through('> /dev/full');
    assert.equal(full.code, 4);
    assert.match(full.stderr, /^echosweep: cannot write [^\n]*disk is full[^\n]*\n$/);
  },
);

labTest(
  'kill -9 at any moment leaves each report old or new, never half, and a way on',
  async () => {
    const folder = freshFolder();
    const [csv, jsonl] = [join(folder, 'report.csv'), join(folder, 'report.jsonl')];
    const args = [MANY, '--rate', 'max', '-q', '-o', csv, '-o', jsonl];
    const isWhole = { [csv]: isWholeCsv, [jsonl]: isWholeJsonLines };
    let oldOnes = 0;
    const isTemporary = (name: string): boolean => name.endsWith('.tmp');
    for (let round = 0; round < 20; round++) {
      const left = readdirSync(folder).filter(isTemporary).length;
      for (const path of [csv, jsonl]) writeFileSync(path, 'old\n');
      const { process, finished } = startEchosweep(args);
      // Every other round is killed while it writes, however slowly it started.
      const isBegun = (): boolean => readdirSync(folder).filter(isTemporary).length > left;
      if (round % 2 === 0) await until('the reports are begun', isBegun);
      await sleep(Math.random() * 300);
      process.kill('SIGKILL');
      await finished;
      for (const path of [csv, jsonl]) {
        const text = readFileSync(path, 'utf8');
        if (text === 'old\n') oldOnes++;
        else assert.ok(isWhole[path]!(text), `${path} is half a report`);
      }
    }
    assert.ok(oldOnes > 0, 'some rounds were to be killed before the end');
    // What the killed left is in nobody's way, and a week later it goes.
    const left = readdirSync(folder).filter(isTemporary);
    assert.ok(left.length > 0, 'some rounds were to be killed while they wrote');
    const longAgo = new Date(Date.now() - 8 * 86_400_000);
    for (const name of left) utimesSync(join(folder, name), longAgo, longAgo);
    assert.equal((await echosweep(args)).code, 0);
    assert.ok(
      isWholeCsv(readFileSync(csv, 'utf8')) && isWholeJsonLines(readFileSync(jsonl, 'utf8')),
    );
    assert.deepEqual(readdirSync(folder).sort(), ['report.csv', 'report.jsonl']);
  },
);

labTest('an interface that goes away mid-sweep is told, and ends with exit code 4', async () => {
  must('ip', 'link', 'add', 'lab-gone', 'type', 'veth', 'peer', 'name', 'lab-gone2');
  must('ip', 'addr', 'add', '10.199.0.1/24', 'dev', 'lab-gone');
  must('ip', 'link', 'set', 'lab-gone', 'up');
  must('ip', 'link', 'set', 'lab-gone2', 'up');
  must('ip', 'neigh', 'add', '10.199.0.254', 'lladdr', '02:00:00:00:00:01', 'dev', 'lab-gone');
  must('ip', 'route', 'add', LAB.noRoute4, 'via', '10.199.0.254');
  const folder = freshFolder();
  const report = join(folder, 'report.csv');
  const targets = [LAB.noRoute4, LAB.live4.replace('/16', '/24')];
  const { finished } = startEchosweep([...targets, '--rate', '100', '-r', '0', '-o', report]);
  await untilSent(80, 'lab-gone');
  must('ip', 'link', 'del', 'lab-gone');
  const { code, stderr } = await finished;
  assert.equal(code, 4, stderr);
  assert.match(
    stderr,
    /^echosweep: interfaces? lab-gone(, lab-gone2)? went down during the sweep: \d+ hosts could not be probed/m,
  );
  const rows = [...rowsByAddress(readFileSync(report, 'utf8')).values()];
  assert.equal(rows.length, 254 + 254);
  assert.ok(rows.some((row) => row['status'] === 'error' && row['reason'] === 'no-route'));
  const live = rows.filter((row) => row['address']!.startsWith('10.79.'));
  assert.ok(live.every((row) => row['status'] === 'up'));
});

labTestUnless(
  unlessRealRoot(ONE_GROUP),
  'with no engine allowed the command says so and names the doctor',
  async () => {
    must('sysctl', '-qw', 'net.ipv4.ping_group_range=1 0');
    try {
      const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
      const withoutPing = ['/bin/sh', '-c', 'PATH=/nonexistent exec "$@"', 'sh'];
      const command = [...withoutPing, LAB_NODE, main, '127.0.0.1'];
      const { code, stderr } = await start(command, { as: 'ordinary-user' }).finished;
      assert.equal(code, 4, stderr);
      assert.match(stderr, /^echosweep: no engine works here: `echosweep doctor`/);
    } finally {
      openPingGroups();
    }
  },
);

labTest('at full speed every reply is heard, asked for again, or owned up to', async () => {
  // An ordinary user's socket has the buffer that net.core.rmem_max allows, and no more.
  const report = join(freshFolder(), 'report.jsonl');
  const args = [LAB.live4, '--rate', 'max', '-w', '2', '-q', '-o', report];
  const { code } = await echosweep(args, { as: 'ordinary-user' });
  const run = JSON.parse(readFileSync(report, 'utf8').trimEnd().split('\n').at(-1)!);
  assert.equal(run.statuses.up + run.packets.doubtful, 65_534);
  assert.equal(code, run.packets.doubtful > 0 ? 5 : 0);
});

labTest('a report keeps its permissions, and a new one follows the umask', async () => {
  const folder = freshFolder();
  const old = join(folder, 'old.csv');
  writeFileSync(old, 'old\n', { mode: 0o600 });
  await echosweep(['127.0.0.1', '-q', '-o', old, '-o', join(folder, 'new.csv')]);
  assert.equal(statSync(old).mode & 0o777, 0o600);
  assert.equal(statSync(join(folder, 'new.csv')).mode & 0o111, 0);
});

function openPingGroups(): void {
  const wide = spawnSync('sysctl', ['-qw', 'net.ipv4.ping_group_range=0 2147483647']);
  if (wide.status !== 0) must('sysctl', '-qw', 'net.ipv4.ping_group_range=0 0');
}
