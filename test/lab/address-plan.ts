/** The addresses of the lab: what answers how, once, for the network that is built and for the tests that sweep it. */

/**
 * Every range is a promise about its hosts, IPv4 and IPv6 alike: 10.N.x.x goes with fd00:N::.
 *
 *     client ──lab-r1── r1 ──┬── near    one router away
 *       │                    └── r2 ── far    two routers away
 *       └────lab-lan── lan    the same link: no router between, so ARP and NDP decide
 */
export const LAB = {
  /** The namespace that tests and sweeps run in. */
  client4: '10.77.0.1',
  client6: 'fd00:77::1',
  /** r1 as the client sees it: it says most of the errors. */
  router4: '10.77.0.254',
  router6: 'fd00:77::fe',
  /** r2 as the client sees it. */
  farRouter4: '10.78.2.2',
  farRouter6: 'fd00:78:2::2',

  /** Every address answers, behind one router (TTL 63). */
  live4: '10.79.0.0/16',
  live6: 'fd00:79::/64',
  /** Every address answers, behind two routers (TTL 62). */
  far4: '10.80.0.0/16',
  far6: 'fd00:80::/64',
  /** 4,194,304 hosts that all answer, behind one router. */
  large4: '10.128.0.0/10',
  /** Every address answers, on the client's own loopback (TTL 64); so does 127.0.0.0/8. */
  local4: '10.200.0.0/16',
  local6: 'fd00:200::/64',

  /** The client's own routing table refuses: EHOSTUNREACH, EACCES, EINVAL, ENETUNREACH. */
  sendHostUnreach4: '10.50.0.0/24',
  sendHostUnreach6: 'fd00:50::/64',
  sendProhibited4: '10.51.0.0/24',
  sendProhibited6: 'fd00:51::/64',
  sendBlackhole4: '10.52.0.0/24',
  sendBlackhole6: 'fd00:52::/64',
  sendNetUnreach4: '10.53.0.0/24',
  sendNetUnreach6: 'fd00:53::/64',
  /** The client has no route at all: ENETUNREACH. */
  noRoute4: '198.51.100.0/24',
  noRoute6: '2001:db8::/64',

  /**
   * r1's routing table refuses, so r1 answers: host-unreach, but no-route in IPv6, where Linux makes no difference.
   * Of refusals by an IPv4 routing table a Linux router says five at once and then one a second: ask for few of them.
   */
  routeUnreachable4: '10.60.0.0/24',
  routeUnreachable6: 'fd00:60::/64',
  /** admin-prohibited, both families. */
  routeProhibited4: '10.61.0.0/24',
  routeProhibited6: 'fd00:61::/64',
  /** Nobody says anything. */
  routeBlackhole4: '10.62.0.0/24',
  routeBlackhole6: 'fd00:62::/64',
  /** r1 has no route: net-unreach / no-route. */
  routeThrow4: '10.63.0.0/24',
  routeThrow6: 'fd00:63::/64',
  /** r2 has no route: net-unreach / no-route from the far router. */
  farThrow4: '10.67.0.0/24',
  farThrow6: 'fd00:67::/64',
  /** r1 and r2 send each other the packet until its TTL is used up: time-exceeded. */
  loop4: '10.66.0.0/24',
  loop6: 'fd00:66::/64',
  /** r1 drops. */
  dropped4: '10.75.0.0/24',
  dropped6: 'fd00:75::/64',
  /** Answers what fits into 1,280 octets; r1 answers the rest: frag-needed (with DF) / packet-too-big. */
  lowMtu4: '10.69.0.0/24',
  lowMtu6: 'fd00:69::/64',
  /** Answers unless fragmented: the second fragment is lost, and after a second the host says reassembly-exceeded. */
  lostFragment4: '10.76.0.0/24',
  lostFragment6: 'fd00:76::/64',

  /** r1 drops 3 requests in 10, at random. */
  lossy4: '10.70.0.0/24',
  lossy6: 'fd00:70::/64',
  /** r1 drops each first request of two, over all hosts together. */
  everyOther4: '10.70.1.0/24',
  everyOther6: 'fd00:70:1::/64',
  /** Every reply comes twice. */
  duplicated4: '10.71.0.0/24',
  duplicated6: 'fd00:71::/64',
  /** Every reply claims to come from another address. */
  otherSource4: '10.72.0.0/24',
  otherSource6: 'fd00:72::/64',
  otherSourceResponder4: '10.78.1.99',
  otherSourceResponder6: 'fd00:78:1::99',
  /** Replies that are not valid: a wrong checksum, and a sequence number that was never sent. */
  badChecksum4: '10.73.0.0/24',
  wrongSequence4: '10.73.1.0/24',
  wrongSequence6: 'fd00:73:1::/64',

  /** On the client's link: the client itself (the first of the live) and three more; all others are silent to ARP or NDP. */
  lan4: '10.100.0.0/21',
  lanLive4: ['10.100.0.1', '10.100.1.7', '10.100.3.77', '10.100.7.200'],
  lan6: 'fd00:100::/120',
  lanLive6: ['fd00:100::1', 'fd00:100::7', 'fd00:100::4d', 'fd00:100::c8'],
  /** Link-local addresses; only the client's own and these two answer. */
  linkLocalLive6: ['fe80::1%lab-lan', 'fe80::7%lab-lan', 'fe80::4d%lab-lan'],
  linkLocalSilent6: 'fe80::99%lab-lan',
  /** On the link behind r1, absent: after three seconds r1 says host-unreach / address-unreach. */
  absentBehindRouter4: '10.78.1.64/29',
  absentBehindRouter6: 'fd00:78:1::40/125',
} as const;

/** The interfaces of the client's namespace. */
export const LAB_INTERFACES = { router: 'lab-r1', lan: 'lab-lan' } as const;

/** TTLs (hop limits) that replies can be made to arrive with, each with a range of its own. */
export const REPLY_TTLS = [1, 7, 31, 32, 33, 64, 65, 100, 128, 200, 255] as const;

export function ttlRange4(ttl: (typeof REPLY_TTLS)[number]): string {
  return `10.74.${ttl}.0/24`;
}

export function ttlRange6(ttl: (typeof REPLY_TTLS)[number]): string {
  return `fd00:74:${ttl.toString(16)}::/64`;
}

/** An ICMP error that r1 gives to every probe into `range`. */
export interface ErrorRange {
  readonly range: string;
  readonly type: number;
  readonly code: number;
  /** The word for it in a report. */
  readonly reason: string;
  /** What nft calls it; undefined where no kernel sends it by itself, so that another error is rewritten on its way. */
  readonly nftName?: string;
}

/** All codes of destination unreachable (RFC 792, RFC 1122, RFC 1812), reassembly time and parameter problem. */
export const ERRORS4: readonly ErrorRange[] = [
  error4(3, 0, 'net-unreach', 'net-unreachable'),
  error4(3, 1, 'host-unreach', 'host-unreachable'),
  error4(3, 2, 'proto-unreach', 'prot-unreachable'),
  error4(3, 3, 'port-unreach', 'port-unreachable'),
  error4(3, 4, 'frag-needed'),
  error4(3, 5, 'source-route-failed'),
  error4(3, 6, 'net-unknown'),
  error4(3, 7, 'host-unknown'),
  error4(3, 8, 'host-isolated'),
  error4(3, 9, 'net-prohibited', 'net-prohibited'),
  error4(3, 10, 'host-prohibited', 'host-prohibited'),
  error4(3, 11, 'net-tos-unreach'),
  error4(3, 12, 'host-tos-unreach'),
  error4(3, 13, 'admin-prohibited', 'admin-prohibited'),
  error4(3, 14, 'precedence-violation'),
  error4(3, 15, 'precedence-cutoff'),
  error4(11, 0, 'time-exceeded'),
  error4(11, 1, 'reassembly-exceeded'),
  error4(12, 0, 'parameter-problem'),
];

/** All codes of destination unreachable (RFC 4443 section 3.1, RFC 6550), packet too big, time exceeded, parameter problem. */
export const ERRORS6: readonly ErrorRange[] = [
  error6(1, 0, 'no-route', 'no-route'),
  error6(1, 1, 'admin-prohibited', 'admin-prohibited'),
  error6(1, 2, 'beyond-scope'),
  error6(1, 3, 'address-unreach', 'addr-unreachable'),
  error6(1, 4, 'port-unreach', 'port-unreachable'),
  error6(1, 5, 'source-policy', 'policy-fail'),
  error6(1, 6, 'reject-route', 'reject-route'),
  error6(1, 7, 'source-routing-error'),
  error6(2, 0, 'packet-too-big'),
  error6(3, 0, 'time-exceeded'),
  error6(3, 1, 'reassembly-exceeded'),
  error6(4, 0, 'parameter-problem'),
];

function error4(type: number, code: number, reason: string, nftName?: string): ErrorRange {
  const range = type === 3 ? `10.64.${code}.0/24` : `10.65.${type * 10 + code}.0/24`;
  return { range, type, code, reason, ...(nftName === undefined ? {} : { nftName }) };
}

function error6(type: number, code: number, reason: string, nftName?: string): ErrorRange {
  const range = `fd00:64:${type}${code}::/64`;
  return { range, type, code, reason, ...(nftName === undefined ? {} : { nftName }) };
}
