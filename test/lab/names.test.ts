/** Host names from strangers: PTR records that escape, inject and never come, and names that do not resolve. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rowsByAddress } from './csv.ts';
import { labTest } from './lab-test.ts';
import { echosweep, freshFolder } from './run.ts';

/** Last octet of 127.0.0.N to the octets of its name, one label. */
const NAMES: Readonly<Record<number, string>> = {
  11: 'plain',
  12: '=HYPERLINK("http',
  13: '\u001b[31mred\u0007',
  14: '<script>alert(1)</script>',
  15: 'a"b,c\nd',
};

/** A name server that knows NAMES, and says nothing about any other. */
async function startNameServer(): Promise<Socket> {
  const server = createSocket('udp4');
  server.on('message', (query, from) => {
    const answer = answerOf(query);
    if (answer !== undefined) server.send(answer, from.port, from.address);
  });
  await new Promise<void>((resolve) => server.bind(53, '127.0.0.53', resolve));
  return server;
}

/** DNS messages: RFC 1035 section 4.1. The question is echoed, its name pointed back to from the answer. */
function answerOf(query: Buffer): Buffer | undefined {
  const octet = Number(query.toString('latin1', 13, 13 + query[12]!));
  const label = NAMES[octet];
  if (label === undefined) return undefined;
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 6);
  header.writeUInt32BE(0, 8);
  const questionEnd = query.indexOf(0, 12) + 5;
  const name = Buffer.concat([
    Buffer.from([label.length]),
    Buffer.from(label, 'latin1'),
    Buffer.from([0]),
  ]);
  const record = Buffer.alloc(12);
  record.writeUInt16BE(0xc00c, 0);
  record.writeUInt16BE(12, 2);
  record.writeUInt16BE(1, 4);
  record.writeUInt32BE(60, 6);
  record.writeUInt16BE(name.length, 10);
  return Buffer.concat([header, query.subarray(12, questionEnd), record, name]);
}

/** The lab's mount namespace is private: nobody else sees this file. */
function useNameServer(address: string): void {
  const file = join(freshFolder(), 'resolv.conf');
  writeFileSync(file, `nameserver ${address}\noptions timeout:1 attempts:1\n`);
  const mounted = spawnSync('mount', ['--bind', file, '/etc/resolv.conf'], { encoding: 'utf8' });
  assert.equal(mounted.status, 0, mounted.stderr);
}

function forgetNameServer(): void {
  spawnSync('umount', ['/etc/resolv.conf']);
}

labTest('hostile PTR names harm no report', async () => {
  const server = await startNameServer();
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
    const { code, ms } = await echosweep([
      '127.0.0.0/24',
      '-d',
      '--rdns-timeout',
      '700',
      '-q',
      '--rate',
      'max',
    ]);
    assert.equal(code, 0);
    assert.ok(ms < 3000, `${ms} ms`);
  } finally {
    forgetNameServer();
    silent.close();
  }
});

labTest('a name that does not resolve is told, and the rest is swept and reported', async () => {
  const report = join(freshFolder(), 'report.csv');
  const { code, stderr } = await echosweep([
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
