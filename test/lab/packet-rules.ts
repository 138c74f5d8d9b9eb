/** nft rules of the lab's first router: what it refuses, drops and changes, range by range. */

import { parseAddress } from '../../src/address.ts';
import {
  ERRORS4,
  ERRORS6,
  type ErrorRange,
  LAB,
  REPLY_TTLS,
  ttlRange4,
  ttlRange6,
} from './address-plan.ts';

/** Ranges in which nothing is to be done are let through first, so that they run at full speed. */
const UNTOUCHED4 = [LAB.live4, LAB.large4, LAB.far4];
const UNTOUCHED6 = [LAB.live6, LAB.far6];

/** A sequence number that a probe could have but none of ours is likely to have just then. */
const WRONG_SEQUENCE = 4242;

/** The whole rule set, for `nft -f`. */
export function routerRules(): string {
  return [
    table(
      'ip',
      [...forward4(), ...ERRORS4.map((error) => refuse('ip', 'icmp', error))],
      rewrites4(),
    ),
    table(
      'ip6',
      [...forward6(), ...ERRORS6.map((error) => refuse('ip6', 'icmpv6', error))],
      rewrites6(),
    ),
  ].join('\n');
}

function table(
  family: 'ip' | 'ip6',
  forward: readonly string[],
  output: readonly string[],
): string {
  return `table ${family} lab {
  chain forward {
    type filter hook forward priority 0
    ${forward.join('\n    ')}
  }
  chain output {
    type filter hook output priority 0
    ${output.join('\n    ')}
  }
}`;
}

function forward4(): string[] {
  const untouched = `{ ${UNTOUCHED4.join(', ')} }`;
  return [
    `ip daddr ${untouched} accept`,
    `ip saddr ${untouched} accept`,
    `ip daddr ${LAB.dropped4} drop`,
    `ip daddr ${LAB.lossy4} numgen random mod 10 < 3 drop`,
    `ip daddr ${LAB.everyOther4} numgen inc mod 2 == 0 drop`,
    `ip daddr ${LAB.lostFragment4} ip frag-off & 0x1fff != 0 drop`,
    `ip saddr ${LAB.duplicated4} dup to ${LAB.client4} device "client"`,
    `ip saddr ${LAB.otherSource4} ip saddr set ${LAB.otherSourceResponder4}`,
    // The checksum's own octets.
    `ip saddr ${LAB.badChecksum4} @th,16,16 set 0x1234`,
    `ip saddr ${LAB.wrongSequence4} icmp sequence set ${WRONG_SEQUENCE}`,
    ...REPLY_TTLS.map((ttl) => `ip saddr ${ttlRange4(ttl)} ip ttl set ${ttl}`),
  ];
}

function forward6(): string[] {
  const untouched = `{ ${UNTOUCHED6.join(', ')} }`;
  return [
    `ip6 daddr ${untouched} accept`,
    `ip6 saddr ${untouched} accept`,
    `ip6 daddr ${LAB.dropped6} drop`,
    `ip6 daddr ${LAB.lossy6} numgen random mod 10 < 3 drop`,
    `ip6 daddr ${LAB.everyOther6} numgen inc mod 2 == 0 drop`,
    `ip6 daddr ${LAB.lostFragment6} frag frag-off != 0 drop`,
    `ip6 saddr ${LAB.duplicated6} dup to ${LAB.client6} device "client"`,
    `ip6 saddr ${LAB.otherSource6} ip6 saddr set ${LAB.otherSourceResponder6}`,
    `ip6 saddr ${LAB.wrongSequence6} icmpv6 sequence set ${WRONG_SEQUENCE}`,
    ...REPLY_TTLS.map((ttl) => `ip6 saddr ${ttlRange6(ttl)} ip6 hoplimit set ${ttl}`),
  ];
}

/** Where no kernel sends the error by itself, it sends any, which the output chain then makes the right one. */
function refuse(family: 'ip' | 'ip6', icmp: 'icmp' | 'icmpv6', error: ErrorRange): string {
  const plain = icmp === 'icmp' ? 'host-unreachable' : 'addr-unreachable';
  return `${family} daddr ${error.range} reject with ${icmp} type ${error.nftName ?? plain}`;
}

/**
 * The quoted packet's destination tells whose error it is: the ICMP header's 8 octets, then 16 into the IPv4 header
 * (RFC 792). nft mends the checksum.
 */
function rewrites4(): string[] {
  return ERRORS4.filter((error) => error.nftName === undefined).map(({ range, type, code }) => {
    const quoted = prefix(range) & 0xffffff00n;
    return `icmp type destination-unreachable @th,192,32 & 0xffffff00 == ${quoted} icmp type set ${type} icmp code set ${code}`;
  });
}

/** As for IPv4, but the destination stands 24 octets into the IPv6 header (RFC 4443 section 3.1); its first half decides. */
function rewrites6(): string[] {
  return ERRORS6.filter((error) => error.nftName === undefined).map(({ range, type, code }) => {
    const quoted = (prefix(range) >> 64n).toString(16);
    return `icmpv6 type destination-unreachable @th,256,64 == 0x${quoted} icmpv6 type set ${type} icmpv6 code set ${code}`;
  });
}

function prefix(range: string): bigint {
  return parseAddress(range.split('/')[0]!)!.value;
}
