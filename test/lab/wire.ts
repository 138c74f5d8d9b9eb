/** What really left this namespace, by the kernel's own count: the truth beside what a report says was sent. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { LAB_INTERFACES } from './address-plan.ts';
import { until } from './run.ts';

/**
 * Echo requests that this namespace has sent since it was made, by family: all that the kernel has routed, so that a sweep
 * of an own link counts with `--no-arp` only.
 */
export interface EchoCount {
  readonly v4: number;
  readonly v6: number;
}

/** Runs something and counts the echo requests sent meanwhile. */
export async function countEchoes<Value>(
  body: () => Promise<Value>,
): Promise<{ readonly value: Value; readonly echoes: EchoCount }> {
  const before = echoesSoFar();
  const value = await body();
  const after = echoesSoFar();
  return { value, echoes: { v4: after.v4 - before.v4, v6: after.v6 - before.v6 } };
}

/**
 * Waits until an interface has sent this many packets more than when it was called. A sweep that has just been started is
 * then under way, however long a busy machine took to start it.
 */
export function untilSent(packets: number, name: string = LAB_INTERFACES.router): Promise<void> {
  const before = packetsSent(name);
  return until(
    `${packets} packets leave ${name}`,
    () => packetsSent(name) >= before + packets,
    30_000,
  );
}

/** Tenth figure of /proc/net/dev. */
function packetsSent(name: string): number {
  const figures = new RegExp(`^ *${name}:(.*)$`, 'm').exec(readFileSync('/proc/net/dev', 'utf8'));
  if (figures === null) throw new Error(`there is no interface ${name}`);
  return Number(figures[1]!.trim().split(/\s+/)[9]);
}

/** Where packets are counted: as they leave this namespace, or as they reach another. */
export interface CountingPlace {
  readonly hook: 'output' | 'input';
  /** Name of the namespace. */
  readonly place?: string;
}

/**
 * Runs something and counts, for each of these nft expressions, the packets of ICMP that matched it.
 * @throws Error where nft refuses an expression
 */
export async function countMatching<Value>(
  expressions: readonly string[],
  body: () => Promise<Value>,
  { hook, place }: CountingPlace = { hook: 'output' },
): Promise<{ readonly value: Value; readonly counts: readonly number[] }> {
  const rules = expressions.map((expression, i) => `${expression} counter name seen${i}`);
  const counters = expressions.map((_, i) => `counter seen${i} {}`);
  const chain = `chain wire { type filter hook ${hook} priority 0; meta l4proto != { 1, 58 } accept;`;
  const nft = (args: readonly string[], input: string): string => nftIn(place, args, input);
  nft(
    ['-f', '-'],
    `table inet wire {\n${counters.join('\n')}\n${chain}\n${rules.join('\n')}\n}\n}`,
  );
  try {
    const value = await body();
    const listed = nft(['-j', 'list', 'counters', 'table', 'inet', 'wire'], '');
    const { nftables } = JSON.parse(listed) as {
      nftables: { counter?: { name: string; packets: number } }[];
    };
    const packets = new Map(nftables.map(({ counter }) => [counter?.name, counter?.packets]));
    return { value, counts: expressions.map((_, i) => packets.get(`seen${i}`)!) };
  } finally {
    nft(['delete', 'table', 'inet', 'wire'], '');
  }
}

/** `IcmpMsg: OutType8` of /proc/net/snmp and `Icmp6OutEchos` of /proc/net/snmp6; absent while they are 0. */
function echoesSoFar(): EchoCount {
  const [names, values] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('IcmpMsg:'))
    .map((line) => line.split(' '));
  const at = names?.indexOf('OutType8') ?? -1;
  const v6 = /^Icmp6OutEchos\s+(\d+)$/m.exec(readFileSync('/proc/net/snmp6', 'utf8'));
  return { v4: at < 0 ? 0 : Number(values![at]), v6: Number(v6?.[1] ?? 0) };
}

function nftIn(place: string | undefined, args: readonly string[], input: string): string {
  const how = { input, encoding: 'utf8' } as const;
  const done =
    place === undefined
      ? spawnSync('nft', args, how)
      : spawnSync('nsenter', [`--net=/run/netns/${place}`, 'nft', ...args], how);
  if (done.status !== 0) throw new Error(`nft ${args.join(' ')}: ${done.error ?? done.stderr}`);
  return done.stdout;
}
