/**
 * Numbers of macOS' socket interface, from Apple's headers (sys/socket.h, netinet/in.h, netinet6/in6.h, net/if.h,
 * net/route.h, sys/errno.h, time.h). They are the same on arm64 and x86_64.
 */

export const AF_INET = 2;
export const PF_ROUTE = 17;
export const AF_LINK = 18;
export const AF_INET6 = 30;

export const SOCK_DGRAM = 2;

export const SOL_SOCKET = 0xffff;
export const SO_SNDBUF = 0x1001;
export const SO_RCVBUF = 0x1002;
export const SO_TIMESTAMP_MONOTONIC = 0x0800;
export const SCM_TIMESTAMP_MONOTONIC = 4;

export const IPPROTO_IP = 0;
export const IP_TOS = 3;
export const IP_TTL = 4;
export const IP_BOUND_IF = 25;
export const IP_DONTFRAG = 28;

export const IPPROTO_IPV6 = 41;
export const IPV6_UNICAST_HOPS = 4;
export const IPV6_TCLASS = 36;
export const IPV6_RECVHOPLIMIT = 37;
export const IPV6_HOPLIMIT = 47;
export const IPV6_DONTFRAG = 62;
export const IPV6_BOUND_IF = 125;

/** RFC 3542 section 3.2: on the BSDs one bit for each type of ICMPv6 that is passed. */
export const IPPROTO_ICMPV6 = 58;
export const ICMP6_FILTER = 18;

export const MSG_DONTWAIT = 0x80;

export const POLLIN = 1;

/** Of clock_gettime_nsec_np(3). The second counts the time that the system sleeps, the third does not. */
export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC_RAW = 4;
export const CLOCK_UPTIME_RAW = 8;

export const EINTR = 4;
export const ENOMEM = 12;

/** sysctl(3): the tables of the routing socket. */
export const CTL_NET = 4;
export const NET_RT_DUMP = 1;
export const NET_RT_FLAGS = 2;
export const NET_RT_IFLIST = 3;

export const RTM_VERSION = 5;
export const RTM_GET = 4;
export const RTM_IFINFO = 14;

export const RTF_UP = 0x1;
export const RTF_GATEWAY = 0x2;
export const RTF_REJECT = 0x8;
export const RTF_LLINFO = 0x400;
export const RTF_STATIC = 0x800;
export const RTF_BLACKHOLE = 0x1000;
export const RTF_WASCLONED = 0x20000;
export const RTF_LOCAL = 0x200000;
export const RTF_BROADCAST = 0x400000;
export const RTF_MULTICAST = 0x800000;
/** The route applies only to sockets that are bound to its interface. */
export const RTF_IFSCOPE = 0x1000000;

export const IFF_UP = 0x1;
export const IFF_BROADCAST = 0x2;
export const IFF_LOOPBACK = 0x8;
export const IFF_POINTOPOINT = 0x10;
export const IFF_RUNNING = 0x40;
export const IFF_NOARP = 0x80;
