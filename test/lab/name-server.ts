/** A name server of the lab's own: for names that strangers chose, and for names that change. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type Socket as Stream } from 'node:net';
import { join } from 'node:path';
import { freshFolder } from './run.ts';

/** Last octet of an address to the octets of its name, one label. */
export type PtrNames = Readonly<Record<number, string>>;

/**
 * A name server that knows what `names` has when it is asked.
 * @param others what it says about any other name
 * @param delayMs before each answer
 */
export async function startNameServer(
  names: () => PtrNames,
  addresses: Readonly<Record<string, string>> = {},
  others: 'nothing' | 'no-such-name' = 'nothing',
  at = '127.0.0.53',
  delayMs = 0,
): Promise<Socket> {
  const server = createSocket('udp4');
  server.on('message', (query, from) => {
    const answer =
      addressAnswer(query, addresses) ??
      answerOf(query, names()) ??
      (others === 'nothing' ? undefined : noSuchName(query));
    if (answer === undefined) return;
    setTimeout(() => server.send(answer, from.port, from.address), delayMs);
  });
  await new Promise<void>((resolve) => server.bind(53, at, resolve));
  return server;
}

/**
 * A name server with answers too long for a datagram (TC, RFC 1035 section 4.1.1), which takes the same query over TCP and
 * never answers it: glibc waits for ever.
 */
export async function startSilentStreamServer(
  at: string,
): Promise<{ readonly queried: Promise<unknown>; close(): void }> {
  const datagrams = createSocket('udp4');
  datagrams.on('message', (query, from) => {
    const answer = Buffer.from(query.subarray(0, query.indexOf(0, 12) + 5));
    answer.writeUInt16BE(0x8380, 2);
    answer.writeUInt32BE(0, 6);
    answer.writeUInt16BE(0, 10);
    datagrams.send(answer, from.port, from.address);
  });
  const open = new Set<Stream>();
  const streams = createServer((stream) => {
    open.add(stream.on('error', () => {}).resume());
  });
  await new Promise<void>((resolve) => datagrams.bind(53, at, resolve));
  await new Promise<void>((resolve) => streams.listen(53, at, resolve));
  return {
    queried: once(streams, 'connection'),
    close() {
      datagrams.close();
      streams.close();
      for (const stream of open) stream.destroy();
    },
  };
}

/** RCODE 3 of RFC 1035 section 4.1.1. */
function noSuchName(query: Buffer): Buffer {
  const answer = Buffer.from(query.subarray(0, query.indexOf(0, 12) + 5));
  answer.writeUInt16BE(0x8183, 2);
  answer.writeUInt32BE(0, 6);
  answer.writeUInt16BE(0, 10);
  return answer;
}

/** DNS messages: RFC 1035 section 4.1. The question is echoed, its name pointed back to from the answer. */
function answerOf(query: Buffer, names: PtrNames): Buffer | undefined {
  const octet = Number(query.toString('latin1', 13, 13 + query[12]!));
  const label = names[octet];
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

/** An alias (CNAME) that leads back to the question's name. */
const ALIAS_OF_ITSELF = Buffer.of(0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, 12);

/**
 * To a question for the A or AAAA records of a known name; no record if it has none of that type. A name whose address is
 * the name again is an alias of itself. If a question mark follows the address, the server fails at AAAA (SERVFAIL).
 */
function addressAnswer(
  query: Buffer,
  addresses: Readonly<Record<string, string>>,
): Buffer | undefined {
  const nameEnd = query.indexOf(0, 12);
  const labels: string[] = [];
  for (let at = 12; at < nameEnd; at += 1 + query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
  }
  const address = addresses[labels.join('.')];
  if (address === undefined) return undefined;
  const isAlias = address === labels.join('.');
  const isA = query.readUInt16BE(nameEnd + 1) === 1;
  const header = Buffer.from(query.subarray(0, 12));
  header.writeUInt16BE(address.endsWith('?') && !isA ? 0x8182 : 0x8180, 2);
  header.writeUInt16BE(isA || isAlias ? 1 : 0, 6);
  header.writeUInt32BE(0, 8);
  const record = Buffer.of(
    0xc0,
    12,
    0,
    1,
    0,
    1,
    0,
    0,
    0,
    60,
    0,
    4,
    ...address.replace('?', '').split('.').map(Number),
  );
  const question = query.subarray(12, nameEnd + 5);
  if (isAlias) return Buffer.concat([header, question, ALIAS_OF_ITSELF]);
  return Buffer.concat([header, question, ...(isA ? [record] : [])]);
}

/** The lab's mount namespace is private: nobody else sees this file. @param timeoutSeconds for a look-up */
export function useNameServer(address: string, timeoutSeconds = 1): void {
  const file = join(freshFolder(), 'resolv.conf');
  writeFileSync(file, `nameserver ${address}\noptions timeout:${timeoutSeconds} attempts:1\n`);
  const mounted = spawnSync('mount', ['--bind', file, '/etc/resolv.conf'], { encoding: 'utf8' });
  assert.equal(mounted.status, 0, mounted.stderr);
}

export function forgetNameServer(): void {
  spawnSync('umount', ['/etc/resolv.conf']);
}
