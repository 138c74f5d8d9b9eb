/** macOS' numbers held to Apple's headers, as their compiler for arm64 and x86_64 reads them. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as constants from '../../../src/native/darwin/constants.ts';

/** By header of the macOS SDK. */
const HEADERS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'sys/socket.h': {
    AF_INET: 2,
    PF_ROUTE: 17,
    AF_LINK: 18,
    AF_INET6: 30,
    SOCK_DGRAM: 2,
    SOL_SOCKET: 65535,
    SO_SNDBUF: 4097,
    SO_RCVBUF: 4098,
    SO_TIMESTAMP_MONOTONIC: 2048,
    SCM_TIMESTAMP_MONOTONIC: 4,
    MSG_DONTWAIT: 128,
    NET_RT_DUMP: 1,
    NET_RT_FLAGS: 2,
    NET_RT_IFLIST: 3,
  },
  'netinet/in.h': {
    IPPROTO_IP: 0,
    IPPROTO_IPV6: 41,
    IPPROTO_ICMPV6: 58,
    IP_TOS: 3,
    IP_TTL: 4,
    IP_BOUND_IF: 25,
    IP_DONTFRAG: 28,
  },
  'netinet6/in6.h': {
    IPV6_UNICAST_HOPS: 4,
    ICMP6_FILTER: 18,
    IPV6_TCLASS: 36,
    IPV6_RECVHOPLIMIT: 37,
    IPV6_HOPLIMIT: 47,
    IPV6_DONTFRAG: 62,
    IPV6_BOUND_IF: 125,
  },
  'poll.h': { POLLIN: 1 },
  'time.h': { CLOCK_REALTIME: 0, CLOCK_MONOTONIC_RAW: 4, CLOCK_UPTIME_RAW: 8 },
  'sys/errno.h': { EINTR: 4, ENOMEM: 12 },
  'sys/sysctl.h': { CTL_NET: 4 },
  'net/route.h': {
    RTM_VERSION: 5,
    RTM_GET: 4,
    RTM_IFINFO: 14,
    RTF_UP: 1,
    RTF_GATEWAY: 2,
    RTF_REJECT: 8,
    RTF_LLINFO: 1024,
    RTF_STATIC: 2048,
    RTF_BLACKHOLE: 4096,
    RTF_WASCLONED: 131072,
    RTF_LOCAL: 2097152,
    RTF_BROADCAST: 4194304,
    RTF_MULTICAST: 8388608,
    RTF_IFSCOPE: 16777216,
  },
  'net/if.h': {
    IFF_UP: 1,
    IFF_BROADCAST: 2,
    IFF_LOOPBACK: 8,
    IFF_POINTOPOINT: 16,
    IFF_RUNNING: 64,
    IFF_NOARP: 128,
  },
};

test("every constant has the value that Apple's headers give it", () => {
  const expected = Object.fromEntries(Object.values(HEADERS).flatMap(Object.entries));
  assert.deepEqual({ ...constants }, expected);
});
