/** The rule file of a simulated network: what it may say, and what it means for the n-th request to an address. */

import { type Family, parseAddress } from '../../../src/address.ts';
import { hash, share } from './chance.ts';

/** Of what a request is answered with; every field but the kind's own is optional. */
export interface AnswerRule {
  readonly reply?: ReplyRule;
  readonly error?: ErrorRule;
  /** An echo request of the network's own, which nobody asked for. */
  readonly request?: { readonly from?: string; readonly identifier?: number };
  /** Milliseconds after the rule's own delay. */
  readonly afterMs?: number;
  /** How often, and how far apart. */
  readonly times?: number;
  readonly gapMs?: number;
  /** Only to these requests of a host, counted from 0. */
  readonly on?: readonly number[];
  /** At most so many a second from one sender, all rules together. */
  readonly limit?: { readonly perSecond: number; readonly burst: number };
}

/** An echo reply, and what is wrong with it. */
export interface ReplyRule {
  /** Another source: an address, or `+1` for the next one. */
  readonly from?: string;
  readonly ttl?: number;
  readonly type?: number;
  readonly code?: number;
  readonly checksum?: 'bad' | 'zero';
  /** Octets of ICMP that are left of it. */
  readonly truncate?: number;
  /** Octet of the payload whose bits are turned over. */
  readonly flip?: number;
  /** Octets of payload that are left, and that are added. */
  readonly cut?: number;
  readonly pad?: number;
  /** What the identifier and the sequence number are XORed with. */
  readonly identifier?: number;
  readonly sequence?: number;
  readonly ipOptions?: 'record-route' | 'timestamp' | 'nop';
  readonly ipChecksum?: 'bad';
  /** Octets of each IPv4 fragment, a multiple of 8. */
  readonly fragment?: number;
  /** IPv6: a destination options header before the ICMPv6. */
  readonly destinationOptions?: boolean;
}

/** An ICMP error about the request. */
export interface ErrorRule {
  readonly type: number;
  readonly code: number;
  /** A router's name, or an address; else the target itself. */
  readonly from?: string;
  readonly ttl?: number;
  readonly checksum?: 'bad';
  /** Octets of the request that are quoted, IP header included. */
  readonly quote?: number;
  readonly truncate?: number;
  readonly mtu?: number;
  readonly pointer?: number;
  readonly gateway?: string;
  /** With an MPLS label stack behind the quote (RFC 4950). */
  readonly mpls?: boolean;
  /** What the quote says instead of the truth. */
  readonly quotedSource?: string;
  readonly quotedDestination?: string;
  readonly quotedIdentifier?: number;
}

export interface HostRule {
  readonly name: string;
  /** Prefixes or addresses; the first rule that holds an address is its own. */
  readonly net: string | readonly string[];
  /** Share of the addresses that there is somebody at; 1 where it is left out. */
  readonly alive?: number;
  readonly delayMs?: number;
  /** Up to this much more, differently for each request. */
  readonly jitterMs?: number;
  readonly ttl?: number;
  /** A share of the requests, a pattern of lost (`.`) and answered (`!`) ones, or bursts as shares of changing state. */
  readonly loss?: number | string | { readonly enter: number; readonly leave: number };
  /** A proper reply where it is left out; silence where it is empty. */
  readonly answers?: readonly AnswerRule[];
  /** On the connected subnet: the MAC addresses that answer ARP and NDP; the simulator's own where it is left out. */
  readonly macs?: readonly string[];
}

export interface RuleFile {
  readonly seed?: number;
  readonly routers?: Readonly<Record<string, string>>;
  readonly hosts: readonly HostRule[];
}

/** A rule as the simulator uses it. */
export interface Rule extends HostRule {
  readonly index: number;
  readonly salt: number;
  readonly resolved: readonly AnswerRule[];
}

interface Prefix {
  readonly family: Family;
  readonly first: bigint;
  readonly last: bigint;
  /** IPv4: whether it is as wide as a /16 at least. */
  readonly isWholeSixteen: boolean;
}

const HOST_FIELDS: readonly string[] = [
  ...['name', 'net', 'alive', 'delayMs', 'jitterMs', 'ttl', 'loss', 'answers', 'macs'],
];
const PROPER_REPLY: readonly AnswerRule[] = [{ reply: {} }];

export class Rules {
  readonly rules: readonly Rule[];
  readonly routers: ReadonlyMap<string, string>;
  private readonly prefixes: readonly (Prefix & { readonly rule: Rule })[];
  /** IPv4 rules by the first 16 bits of the address, filled as they are asked for. */
  private readonly bySixteen = new Map<number, readonly (Prefix & { readonly rule: Rule })[]>();

  /** @throws Error that names the rule and the field which is wrong */
  constructor(file: RuleFile) {
    this.routers = new Map(Object.entries(file.routers ?? {}));
    this.rules = file.hosts.map((host, index): Rule => {
      const unknown = Object.keys(host).find((field) => !HOST_FIELDS.includes(field));
      if (unknown !== undefined) throw new Error(`rule ${host.name}: no such field: ${unknown}`);
      const resolved = host.answers ?? PROPER_REPLY;
      for (const { error } of resolved) this.checkSender(host.name, error?.from);
      return { ...host, index, salt: hash(file.seed ?? 1, index, 0x5eed), resolved };
    });
    this.prefixes = this.rules.flatMap((rule) =>
      [rule.net].flat().map((net) => ({ ...prefixOf(rule.name, net), rule })),
    );
  }

  ruleOf4(address: number): Rule | undefined {
    const key = address >>> 16;
    let near = this.bySixteen.get(key);
    if (near === undefined) {
      const first = BigInt(key) << 16n;
      near = this.prefixes.filter(
        (prefix) => prefix.family === 4 && prefix.first <= first + 0xffffn && prefix.last >= first,
      );
      this.bySixteen.set(key, near);
    }
    if (near.length === 1 && near[0]!.isWholeSixteen) return near[0]!.rule;
    const value = BigInt(address);
    return near.find(({ first, last }) => first <= value && value <= last)?.rule;
  }

  ruleOf6(address: bigint): Rule | undefined {
    return this.prefixes.find(
      ({ family, first, last }) => family === 6 && first <= address && address <= last,
    )?.rule;
  }

  /** @param key of the host: 32 bits made of its address */
  isAlive({ alive = 1, salt }: Rule, key: number): boolean {
    return alive >= 1 || share(salt, key, 1) < alive;
  }

  isLost({ loss = 0, salt }: Rule, key: number, nth: number): boolean {
    if (typeof loss === 'number') return loss > 0 && share(salt, key, 2, nth) < loss;
    if (typeof loss === 'string') return loss[nth % loss.length] === '.';
    let isBad = false;
    for (let i = 0; i <= nth; i++)
      isBad = share(salt, key, 3, i) < (isBad ? 1 - loss.leave : loss.enter);
    return isBad;
  }

  delayNs({ delayMs = 0, jitterMs = 0, salt }: Rule, key: number, nth: number): number {
    return (delayMs + (jitterMs > 0 ? jitterMs * share(salt, key, 4, nth) : 0)) * 1e6;
  }

  private checkSender(rule: string, from: string | undefined): void {
    if (from === undefined || this.routers.has(from) || parseAddress(from) !== undefined) return;
    throw new Error(`rule ${rule}: from: ${from} is neither a router of this file nor an address`);
  }
}

function prefixOf(rule: string, net: string): Prefix {
  const [text, length] = net.split('/');
  const address = parseAddress(text!);
  const bits = address?.family === 4 ? 32 : 128;
  const prefix = Number(length ?? bits);
  if (address === undefined || !(prefix >= 0 && prefix <= bits))
    throw new Error(`rule ${rule}: net: ${net} is no prefix`);
  const size = 1n << BigInt(bits - prefix);
  const first = (address.value / size) * size;
  const isWholeSixteen = size >= 0x10000n;
  return { family: address.family, first, last: first + size - 1n, isWholeSixteen };
}
