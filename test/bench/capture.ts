/** Captures the packets at an interface with kernel timestamps, by tcpdump and so independently of our own code. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** An echo request or reply. */
export interface EchoPacket {
  readonly isReply: boolean;
  /** The target of a request, or the source of a reply. */
  readonly host: number;
  readonly sequence: number;
  /** Wall-clock time since the capture's first second, so nanoseconds fit into a number. */
  readonly atNs: number;
}

/** Room for the packets that arrive while tcpdump is not scheduled. */
const BUFFER_KIB = 256 * 1024;
/** Enough for Ethernet, IP and ICMP headers. */
const SNAP_OCTETS = 64;
const ETHERNET_OCTETS = 14;
/** pcap with nanoseconds, as a little-endian machine writes it (draft-ietf-opsawg-pcap). */
const PCAP_NANOSECONDS = 0xa1b23c4d;
const PCAP_HEADER_OCTETS = 24;
const RECORD_HEADER_OCTETS = 16;
const ECHO_REPLY = 0;
const ECHO_REQUEST = 8;
/** tcpdump delivers packets once a second, and loses the rest when it ends. */
const DRAIN_MS = 1500;

/** tcpdump gives up root's groups, which nothing can in a user namespace of an ordinary user. */
export function canCapture(): boolean {
  const mayDropGroups = readFileSync('/proc/self/setgroups', 'utf8').trim() === 'allow';
  return mayDropGroups && spawnSync('tcpdump', ['--version']).status === 0;
}

/** Captures while something runs. @throws Error if the capture lost a packet, which would make it worthless */
export async function captureWhile(
  interfaceName: string,
  file: string,
  run: () => Promise<void>,
): Promise<EchoPacket[]> {
  const tcpdump = spawn(
    'tcpdump',
    [
      ...['-i', interfaceName, '-n', '-w', file, '-B', `${BUFFER_KIB}`, '-s', `${SNAP_OCTETS}`],
      ...['--time-stamp-precision=nano', '-Z', 'root', 'icmp'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const log = logOf(tcpdump);
  await log.waitFor('listening on');
  await run();
  await sleep(DRAIN_MS);
  tcpdump.kill('SIGINT');
  await once(tcpdump, 'close');
  const dropped = /(\d+) packets? dropped by kernel/.exec(log.text())?.[1];
  if (dropped !== '0') throw new Error(`tcpdump lost ${dropped ?? 'an unknown number of'} packets`);
  return echoPackets(readFileSync(file));
}

function logOf(process: ChildProcess): {
  text(): string;
  waitFor(words: string): Promise<void>;
} {
  let text = '';
  process.stderr!.setEncoding('utf8').on('data', (more: string) => {
    text += more;
  });
  const waitFor = async (words: string): Promise<void> => {
    while (!text.includes(words)) {
      if (process.exitCode !== null) throw new Error(`tcpdump ended: ${text}`);
      await sleep(5);
    }
  };
  return { text: () => text, waitFor };
}

function echoPackets(pcap: Buffer): EchoPacket[] {
  if (pcap.readUInt32LE(0) !== PCAP_NANOSECONDS)
    throw new Error('not a pcap file with nanoseconds');
  const packets: EchoPacket[] = [];
  let firstSecond: number | undefined;
  for (let at = PCAP_HEADER_OCTETS; at + RECORD_HEADER_OCTETS <= pcap.length; ) {
    const second = pcap.readUInt32LE(at);
    firstSecond ??= second;
    const atNs = (second - firstSecond) * 1e9 + pcap.readUInt32LE(at + 4);
    const ip = at + RECORD_HEADER_OCTETS + ETHERNET_OCTETS;
    const icmp = ip + (pcap.readUInt8(ip) & 0x0f) * 4;
    const type = pcap.readUInt8(icmp);
    if (type === ECHO_REPLY || type === ECHO_REQUEST) {
      const isReply = type === ECHO_REPLY;
      const host = pcap.readUInt32BE(ip + (isReply ? 12 : 16));
      packets.push({ isReply, host, sequence: pcap.readUInt16BE(icmp + 6), atNs });
    }
    at += RECORD_HEADER_OCTETS + pcap.readUInt32LE(at + 8);
  }
  return packets;
}
