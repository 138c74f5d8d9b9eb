/** Host names from strangers: PTR records that escape, inject and never come, and names that do not resolve. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSoon } from '../machine-speed.ts';
import { rowsByAddress } from './csv.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import {
  forgetNameServer,
  type PtrNames,
  startNameServer,
  startSilentStreamServer,
  useNameServer,
} from './name-server.ts';
import { echosweep, type Finished, freshFolder, startEchosweep } from './run.ts';

const NAMES: PtrNames = {
  11: 'plain',
  12: '=HYPERLINK("http',
  13: '\u001b[31mred\u0007',
  14: '<script>alert(1)</script>',
  15: 'a"b,c\nd',
};

const NAMES_OF_ALL: PtrNames = Object.fromEntries(
  Array.from({ length: 256 }, (_, host) => [host, `h${host}`]),
);

labTest('hostile PTR names harm no report', async () => {
  const server = await startNameServer(() => NAMES);
  useNameServer('127.0.0.53');
  try {
    const folder = freshFolder();
    const [csv, jsonl, table] = ['r.csv', 'r.jsonl', 'r.txt'].map((name) => join(folder, name));
    const outputs = [csv!, jsonl!, table!].flatMap((path) => ['-o', path]);
    const { code, stderr } = await echosweep([
      '127.0.0.11-127.0.0.16',
      '-d',
      '--rdns-timeout',
      '1500',
      '-q',
      ...outputs,
    ]);
    assert.equal(code, 0, stderr);
    const rows = rowsByAddress(readFileSync(csv!, 'utf8'));
    assert.equal(rows.size, 6);
    assert.equal(rows.get('127.0.0.11')!['hostname'], 'plain');
    assert.match(rows.get('127.0.0.12')!['hostname']!, /^'=HYPERLINK/);
    assert.equal(rows.get('127.0.0.16')!['hostname'], '');
    for (const path of [csv!, jsonl!, table!]) {
      const text = readFileSync(path, 'utf8');
      assert.ok(![...text].some((c) => c < ' ' && c !== '\n'), `control characters in ${path}`);
    }
    const records = readFileSync(jsonl!, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.equal(records.length, 8);
  } finally {
    forgetNameServer();
    server.close();
  }
});

labTest('a name server that never answers costs no more than the limit', async () => {
  useNameServer('127.0.0.54');
  const silent = createSocket('udp4');
  await new Promise<void>((resolve) => silent.bind(53, '127.0.0.54', resolve));
  try {
    const { code, ms, stderr } = await echosweep([
      ...['127.0.0.0/24', '-d', '--rdns-timeout', '700', '--rate', 'max'],
    ]);
    assert.equal(code, 0);
    assertSoon(ms, 3000);
    assert.match(stderr, /name servers did not answer for 253 hosts, whose names may be missing/);
  } finally {
    forgetNameServer();
    silent.close();
  }
});

labTest('a name server that is not there says of no host that it has no name', async () => {
  const { code, stderr } = await echosweep([
    ...['127.0.0.2-9', '-d', '--dns-server', '127.0.0.56', '-o', '-'],
  ]);
  assert.equal(code, 0);
  assert.match(stderr, /name servers did not answer for 8 hosts, whose names may be missing/);
});

labTest('every name is found while a slow name server answers', async () => {
  const server = await startNameServer(() => NAMES_OF_ALL, {}, 'nothing', '127.0.0.53', 600);
  useNameServer('127.0.0.53');
  try {
    // Longer in all than twice the timeout of 2 s.
    const args = ['127.0.0.0/23', '-d', '--rate', 'max', '-o', '-'];
    const { code, stdout } = await echosweep(args);
    assert.equal(code, 0);
    const rows = [...rowsByAddress(stdout).values()];
    assert.equal(rows.length, 510);
    assert.deepEqual(
      rows.filter((row) => row['hostname'] === ''),
      [],
    );
  } finally {
    forgetNameServer();
    server.close();
  }
});

labTest('many names are resolved at once, from the command line and from a file', async () => {
  const addresses = Object.fromEntries(
    Array.from({ length: 48 }, (_, host) => [`h${host}.example`, `127.0.1.${host + 1}`]),
  );
  const names = Object.keys(addresses);
  const file = join(freshFolder(), 'names.txt');
  writeFileSync(file, names.join('\n'));
  const server = await startNameServer(() => ({}), addresses, 'nothing', '127.0.0.53', 200);
  useNameServer('127.0.0.53');
  try {
    for (const targets of [names, ['--file', file]]) {
      const { code, ms, stderr } = await echosweep([...targets, '-q', '-o', '-']);
      assert.equal(code, 0, stderr);
      // Two at a time, as Node does it by itself, take 4.8 s.
      assertSoon(ms, 2500);
    }
  } finally {
    forgetNameServer();
    server.close();
  }
});

labTest('a scan that is stopped does not wait for names whose server is silent', async () => {
  useNameServer('127.0.0.54', 20);
  const silent = createSocket('udp4');
  await new Promise<void>((resolve) => silent.bind(53, '127.0.0.54', resolve));
  const queried = once(silent, 'message');
  try {
    const folder = freshFolder();
    const names = Array.from({ length: 100 }, (_, host) => `h${host}.example`);
    writeFileSync(
      join(folder, 'echosweep.yaml'),
      `networks: { office: { targets: [${names.join(', ')}] } }\n`,
    );
    const { process, finished } = startEchosweep(['inventory', 'scan'], { cwd: folder });
    await queried;
    const stoppedAt = performance.now();
    process.kill('SIGINT');
    assert.equal((await finished).signal, 'SIGINT');
    assertSoon(performance.now() - stoppedAt, 4000, 'stopping');
  } finally {
    forgetNameServer();
    silent.close();
  }
});

labTest(
  'a name server that is silent over TCP holds up neither a delivery nor the end of the process',
  async () => {
    const server = await startSilentStreamServer('127.0.0.55');
    useNameServer('127.0.0.55');
    try {
      const folder = freshFolder();
      const host = 'host: stuck.example, timeout: 1';
      const receivers = [
        'name: hook, type: webhook, url: "http://stuck.example/in", timeout: 1',
        `name: post, type: mail, ${host}, from: a@example.org, to: [b@example.org]`,
        `name: logs, type: syslog, ${host}`,
        `name: stream, type: syslog, transport: tcp, ${host}`,
      ].map((receiver) => `{ ${receiver} }`);
      writeFileSync(
        join(folder, 'echosweep.yaml'),
        `receivers: [${receivers.join(', ')}]\nnetworks: { near: { targets: 127.0.0.1 } }\n`,
      );
      const { code, stderr } = await echosweep(['inventory', 'tell', '--try'], { cwd: folder });
      assert.equal(code, 4, stderr);
      assert.deepEqual(stderr.match(/(?<=^echosweep: )\w+/gm), ['hook', 'post', 'logs', 'stream']);
    } finally {
      forgetNameServer();
      server.close();
    }
  },
);

const noOpenssl =
  spawnSync('openssl', ['version']).status === 0 ? undefined : 'the openssl program';

labTestUnless(
  noOpenssl,
  'a name server that is silent over TCP does not keep an agent from stopping',
  async () => {
    const folder = freshFolder();
    const hub = ['--folder', join(folder, 'hub')];
    const made = await echosweep(['hub', 'init', 'stuck.example', ...hub]);
    assert.equal(made.code, 0, made.stderr);
    const file = join(folder, 'a1.join');
    const added = await echosweep(['hub', 'add', 'berlin/a1', ...hub]);
    writeFileSync(file, added.stdout, { mode: 0o600 });
    const server = await startSilentStreamServer('127.0.0.55');
    useNameServer('127.0.0.55');
    try {
      const { process, finished } = startEchosweep(['agent', '--join', file]);
      await server.queried;
      const stoppedAt = performance.now();
      process.kill('SIGTERM');
      const { code, stderr } = await finished;
      assert.equal(code, 0, stderr);
      assertSoon(performance.now() - stoppedAt, 4000, 'stopping');
    } finally {
      forgetNameServer();
      server.close();
    }
  },
);

/** Runs it beside a name server that knows no name and says so. */
async function withoutNames(args: readonly string[]): Promise<Finished> {
  const server = await startNameServer(() => ({}), {}, 'no-such-name');
  useNameServer('127.0.0.53');
  try {
    return await echosweep(args);
  } finally {
    forgetNameServer();
    server.close();
  }
}

labTest('a name that does not resolve is told, and the rest is swept and reported', async () => {
  const report = join(freshFolder(), 'report.csv');
  const { code, stderr } = await withoutNames([
    'no-such-host.invalid',
    '127.0.0.1',
    'localhost',
    '-4',
    '-q',
    '-o',
    report,
  ]);
  assert.equal(code, 2);
  assert.match(stderr, /^echosweep: .*no-such-host\.invalid[^\n]*\n$/);
  assert.equal(
    rowsByAddress(readFileSync(report, 'utf8')).get('127.0.0.1')!['hostname'],
    'localhost',
  );
});

labTest('names that do not resolve count among the rows that a workbook has room for', async () => {
  const { code, stderr } = await echosweep([
    ...['10.0.0.0/12', '192.0.2.1', 'nonexistent.invalid', '--yes', '--dry-run'],
    ...['-o', join(freshFolder(), 'r.xlsx')],
  ]);
  assert.equal(code, 3, stderr);
  assert.match(stderr, /xlsx has room for 1,048,575 rows and a header, not for 1,048,576 rows/);
});

labTest(
  'a report is written though no name resolves, with a row for each in their order',
  async () => {
    const names = ['b.invalid', 'a.invalid', 'c.invalid'];
    const [csv, jsonl, html, table] = ['csv', 'jsonl', 'html', 'txt'].map((end) =>
      join(freshFolder(), `report.${end}`),
    );
    const outputs = [csv!, jsonl!, html!, table!].flatMap((path) => ['-o', path]);
    const { code, stderr } = await withoutNames([...names, ...outputs]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /3 targets[^\n]*\n.*error +3 +100\.0 % +name-unresolved/s);
    const rows = readFileSync(csv!, 'utf8').trimEnd().split('\n').slice(1);
    assert.deepEqual(
      rows.map((row) => row.split(',').slice(0, 4).join()),
      names.map((name) => `,${name},error,name-unresolved`),
    );
    const records = readFileSync(jsonl!, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    assert.deepEqual(records[1].address, null);
    assert.equal(records.at(-1).reasons['name-unresolved'], 3);
    const again = await withoutNames(['-f', csv!, '-q', '--columns', 'hostname']);
    assert.equal(again.code, 2, again.stderr);
    assert.equal(again.stdout, `hostname\n${names.join('\n')}\n`);
  },
);

labTest('--dns-server answers for targets and for --rdns, behind the hosts file', async () => {
  const server = await startNameServer(() => NAMES, { 'web.example': '127.0.0.9' });
  try {
    const { code, stdout, stderr } = await echosweep([
      'web.example',
      '127.0.0.1',
      '127.0.0.11',
      '-d',
      '--dns-server',
      '127.0.0.53:53',
      '--columns',
      'address,hostname',
      '-q',
    ]);
    assert.equal(code, 0, stderr);
    assert.match(stdout, /^address,hostname\n127\.0\.0\.1,localhost\n/);
    assert.match(stdout, /\n127\.0\.0\.9,web\.example\n127\.0\.0\.11,plain\n$/);
  } finally {
    server.close();
  }
});

labTest(
  'a name of which one family cannot be looked up is excluded only where the other is swept, and swept with a note',
  async () => {
    const server = await startNameServer(() => ({}), { 'half.example': '127.0.0.9?' });
    const dns = ['--dns-server', '127.0.0.53:53'];
    const at = ['--exclude', 'half.example', ...dns, '-q'];
    try {
      const both = await echosweep(['127.0.0.9-10', '::1', ...at]);
      assert.equal(both.code, 3);
      assert.match(
        both.stderr,
        /"half\.example" cannot be excluded, since it does not resolve now: the DNS server failed \(ESERVFAIL\), so its IPv6 addresses are not known/,
      );
      const one = await echosweep(['127.0.0.9-10', '--columns', 'address', ...at]);
      assert.deepEqual([one.code, one.stdout], [0, 'address\n127.0.0.10\n']);
      const target = await echosweep(['half.example', '--columns', 'address', ...dns]);
      assert.deepEqual([target.code, target.stdout], [0, 'address\n127.0.0.9\n']);
      assert.match(
        target.stderr,
        /note: half\.example may also have IPv6 addresses: the DNS server failed \(ESERVFAIL\)/,
      );
    } finally {
      server.close();
    }
  },
);

labTest(
  'an alias that leads back to itself has no address, and spares no host by silence',
  async () => {
    const server = await startNameServer(() => ({}), { 'loop.example': 'loop.example' });
    const at = ['--dns-server', '127.0.0.53:53', '-q'];
    try {
      const target = await echosweep(['loop.example', '127.0.0.1', ...at]);
      assert.equal(target.code, 2);
      assert.match(target.stderr, /^echosweep: target: loop\.example has no address\n$/);
      const exclusion = await echosweep(['127.0.0.1', '--exclude', 'loop.example', ...at]);
      assert.equal(exclusion.code, 3);
      assert.match(exclusion.stderr, /"loop\.example" cannot be excluded, since it has no address/);
    } finally {
      server.close();
    }
  },
);
