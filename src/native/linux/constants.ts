/** Numbers of Linux' socket interface: socket(7), ip(7), ipv6(7), raw(7), packet(7). */

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;
export const AF_PACKET = 17;

export const SOCK_DGRAM = 2;
export const SOCK_RAW = 3;
export const SOCK_NONBLOCK = 0o4000;
export const SOCK_CLOEXEC = 0o2000000;

/** struct sockaddr_ll */
export const SOCKADDR_LL_OCTETS = 20;

export const SOL_SOCKET = 1;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_BINDTODEVICE = 25;
export const SO_ATTACH_FILTER = 26;
export const SO_SNDBUFFORCE = 32;
export const SO_RCVBUFFORCE = 33;
export const SO_TIMESTAMPNS = 35;
export const SO_TIMESTAMPING = 37;
export const SO_RXQ_OVFL = 40;
export const SO_MEMINFO = 55;

/** linux/net_tstamp.h: stamps of when a packet is passed to its device, reported without the packet. */
export const SOF_TIMESTAMPING_TX_SOFTWARE = 1 << 1;
export const SOF_TIMESTAMPING_SOFTWARE = 1 << 4;
export const SOF_TIMESTAMPING_OPT_TSONLY = 1 << 11;

export const SOL_PACKET = 263;
export const PACKET_RX_RING = 5;
export const PACKET_STATISTICS = 6;
export const PACKET_VERSION = 10;
/** `tp_version` (linux/if_packet.h). */
export const TPACKET_V2 = 1;

export const SOL_IP = 0;
export const IP_TOS = 1;
export const IP_TTL = 2;
export const IP_HDRINCL = 3;
export const IP_MTU_DISCOVER = 10;
export const IP_RECVERR = 11;
export const IP_RECVTTL = 12;

/** raw(7): one bit for each type of ICMP that is not wanted. */
export const SOL_RAW = 255;
export const ICMP_FILTER = 1;

export const SOL_TCP = 6;
export const TCP_INFO = 11;

export const SOL_IPV6 = 41;
export const IPV6_UNICAST_HOPS = 16;
export const IPV6_MTU_DISCOVER = 23;
export const IPV6_RECVERR = 25;
export const IPV6_RECVHOPLIMIT = 51;
export const IPV6_HOPLIMIT = 52;
export const IPV6_TCLASS = 67;

/** RFC 3542 section 3.2: on Linux one bit for each type of ICMPv6 that is blocked. */
export const SOL_ICMPV6 = 58;
export const ICMPV6_FILTER = 1;

/** IPv6: fragment to the known size of the path. */
export const PMTUDISC_DONT = 0;
/** Send DF and ignore the known size of the path. */
export const PMTUDISC_PROBE = 3;
/** IPv4: send no DF and fragment as the interface needs. Unlike DONT it lets "fragmentation needed" be reported. */
export const PMTUDISC_OMIT = 5;

export const MSG_DONTWAIT = 0x40;
export const MSG_ERRQUEUE = 0x2000;

export const POLLIN = 1;

export const CLOCK_REALTIME = 0;
export const CLOCK_MONOTONIC = 1;

export const EINTR = 4;
export const EAGAIN = 11;
export const EADDRINUSE = 98;
export const ENOBUFS = 105;

/** `ee_origin` of struct sock_extended_err (linux/errqueue.h). */
export const SO_EE_ORIGIN_ICMP = 2;
export const SO_EE_ORIGIN_ICMP6 = 3;
