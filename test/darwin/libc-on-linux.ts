/**
 * A scripted libSystem: takes the place of src/native/darwin/libc.ts in a process on Linux. It takes macOS' constants and
 * layouts, calls Linux, and gives back what XNU would (bsd/netinet/ip_icmp.c, raw_ip.c and in_arp.c, bsd/netinet6/icmp6.c):
 *
 * - an unprivileged ICMP socket receives every ICMP message of the host with a valid checksum, IPv4 with its header;
 * - lengths of IPv4 headers, also of quoted ones, come in host order, the outer one less its own header;
 * - no ICMP error says that a neighbour does not answer ARP: sending to it fails with EHOSTDOWN for 20 s;
 * - arrivals are stamped in ticks of 125/3 ns of a clock that does not run while the system sleeps;
 * - with HIDDEN_NEIGHBOURS in the environment, a prefix of addresses, sending to these fails as without the permission;
 * - only the options that an ordinary user of macOS may set can be set.
 *
 * Underneath there are raw sockets, so it needs CAP_NET_RAW.
 */

import { networkInterfaces } from 'node:os';
import { promisify } from 'node:util';
import koffi from 'koffi';
import { formatAddressBytes } from '../../src/address.ts';
import * as c from '../../src/native/darwin/constants.ts';
import { checksumHolds } from '../../src/wire/checksum.ts';
import { DARWIN_ERRNO, darwinErrno, darwinErrnoName } from './darwin-errno.ts';
import { tableOf } from './linux-tables.ts';

const libc = koffi.load(null);
const linux = {
  socket: libc.func('int socket(int domain, int type, int protocol)'),
  close: libc.func('int close(int fd)'),
  bind: libc.func('int bind(int fd, const void *address, unsigned int length)'),
  setsockopt: libc.func(
    'int setsockopt(int fd, int level, int option, const void *value, unsigned int length)',
  ),
  sendto: libc.func(
    'long sendto(int fd, const void *octets, unsigned long length, int flags, const void *address, unsigned int addressLength)',
  ),
  recvmsg: libc.func('long recvmsg(int fd, void *message, int flags)'),
  poll: libc.func('int poll(void *fds, unsigned long count, int timeoutMs)'),
  usleep: libc.func('int usleep(unsigned int us)'),
  clockGettime: libc.func('int clock_gettime(int clock, void *time)'),
  ifNametoindex: libc.func('unsigned int if_nametoindex(const char *name)'),
  ifIndextoname: libc.func('char *if_indextoname(unsigned int index, void *name)'),
};

/** Numbers of Linux. */
const L = {
  AF_INET: 2,
  AF_INET6: 10,
  SOCK_RAW_CLOEXEC: 3 | 0o2000000,
  SOL_SOCKET: 1,
  SO_BINDTODEVICE: 25,
  SO_SNDBUFFORCE: 32,
  SO_RCVBUFFORCE: 33,
  SO_TIMESTAMPNS: 35,
  IP_TOS: 1,
  IP_TTL: 2,
  IP_MTU_DISCOVER: 10,
  IPV6_UNICAST_HOPS: 16,
  IPV6_MTU_DISCOVER: 23,
  IPV6_RECVHOPLIMIT: 51,
  IPV6_HOPLIMIT: 52,
  IPV6_TCLASS: 67,
  ICMPV6_FILTER: 1,
  MSG_DONTWAIT: 0x40,
  /** IP_PMTUDISC_OMIT, IP_PMTUDISC_PROBE and IPV6_PMTUDISC_DONT. */
  OMIT: 5,
  PROBE: 3,
  DONT6: 0,
} as const;

const MAX_SOCKET_BUFFER = 8 << 20;
const NS_PER_TICK = 125 / 3;
/** How long the pretended system has slept since it booted. */
const ASLEEP_NS = 3_600_000_000_000;
/** `net.link.ether.inet.host_down_time`. */
const HOST_DOWN_MS = 20_000;
/** By type of an ICMP error, the greatest code whose quote icmp_input turns: the others go to `badcode`. */
const GREATEST_CODE: Readonly<Record<number, number>> = { 3: 15, 4: 0, 11: 1, 12: 1 };

const HIDDEN = process.env['HIDDEN_NEIGHBOURS'];

let errno = 0;
/** By address: until when sending to it fails. */
const hostsDown = new Map<string, number>();
const ownAddresses = new Set(
  Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).map(({ address }) => address),
  ),
);

function fail(number: number): -1 {
  errno = number;
  return -1;
}

/** What Linux returned, with its errno in macOS' numbers. */
function passed(result: number): number {
  return result < 0 ? fail(darwinErrno(koffi.errno())) : result;
}

function memory(address: bigint, octets: number): DataView {
  return new DataView(koffi.view(address, octets));
}

export const isSupportedHere = (): boolean => true;
export const lastErrno = (): number => errno;
export const errnoName = darwinErrnoName;
export const nsPerTick = (): number => NS_PER_TICK;
export const close = (fd: number): number => passed(linux.close(fd));
export const usleep = (us: number): number => linux.usleep(us);
export const usleepAside = promisify(linux.usleep.async);
export const ifNametoindex = (name: string): number => linux.ifNametoindex(name);
export const poll = (fds: bigint, count: number, timeoutMs: number): number =>
  passed(linux.poll(fds, count, timeoutMs));
export const pollAside = promisify(linux.poll.async);

const timespec = new Uint8Array(16);
const timespecView = new DataView(timespec.buffer);

export function clockNs(clock: number): number {
  linux.clockGettime(clock === c.CLOCK_REALTIME ? 0 : 1, timespec);
  const ns = timespecView.getUint32(0, true) * 1e9 + timespecView.getUint32(8, true);
  return clock === c.CLOCK_UPTIME_RAW ? ns - ASLEEP_NS : ns;
}

export function socket(domain: number, type: number, protocol: number): number {
  const is4 = domain === c.AF_INET && protocol === 1;
  const is6 = domain === c.AF_INET6 && protocol === c.IPPROTO_ICMPV6;
  if (type !== c.SOCK_DGRAM || !(is4 || is6)) return fail(DARWIN_ERRNO.EPROTONOSUPPORT);
  const fd = linux.socket(is4 ? L.AF_INET : L.AF_INET6, L.SOCK_RAW_CLOEXEC, protocol);
  if (fd < 0) return passed(fd);
  setLinux(fd, L.SOL_SOCKET, L.SO_TIMESTAMPNS, 1);
  // XNU does not send DF unless it is told to.
  if (is4) setLinux(fd, c.IPPROTO_IP, L.IP_MTU_DISCOVER, L.OMIT);
  else setLinux(fd, c.IPPROTO_IPV6, L.IPV6_MTU_DISCOVER, L.DONT6);
  return fd;
}

function setLinux(fd: number, level: number, option: number, value: number): number {
  return passed(linux.setsockopt(fd, level, option, new Int32Array([value]), 4));
}

/** As icmp_dgram_ctloutput and icmp6_dgram_ctloutput let an ordinary user: what else there is, is refused. */
export function setsockopt(
  fd: number,
  level: number,
  option: number,
  value: Int32Array | Uint32Array,
  length: number,
): number {
  const number = value[0]!;
  if (level === c.IPPROTO_ICMPV6 && option === c.ICMP6_FILTER && length === 32) {
    // A bit that is set passes there, and blocks on Linux.
    const blocked = Uint32Array.from(value, (bits) => ~bits);
    return passed(linux.setsockopt(fd, c.IPPROTO_ICMPV6, L.ICMPV6_FILTER, blocked, 32));
  }
  if (length !== 4) return fail(DARWIN_ERRNO.EINVAL);
  if (level === c.SOL_SOCKET) return setSocketOption(fd, option, number);
  if (level === c.IPPROTO_IP) return setOption4(fd, option, number);
  return level === c.IPPROTO_IPV6 ? setOption6(fd, option, number) : fail(DARWIN_ERRNO.EINVAL);
}

function setSocketOption(fd: number, option: number, value: number): number {
  if (option === c.SO_TIMESTAMP_MONOTONIC) return 0;
  if (option !== c.SO_RCVBUF && option !== c.SO_SNDBUF) return fail(DARWIN_ERRNO.ENOPROTOOPT);
  // The kernel's own overhead counts as well (sbreserve).
  if (value > MAX_SOCKET_BUFFER * (2048 / 2304)) return fail(DARWIN_ERRNO.ENOBUFS);
  const forced = option === c.SO_RCVBUF ? L.SO_RCVBUFFORCE : L.SO_SNDBUFFORCE;
  return setLinux(fd, L.SOL_SOCKET, forced, value);
}

function setOption4(fd: number, option: number, value: number): number {
  if (option === c.IP_TTL) return setLinux(fd, c.IPPROTO_IP, L.IP_TTL, value);
  if (option === c.IP_TOS) return setLinux(fd, c.IPPROTO_IP, L.IP_TOS, value);
  if (option === c.IP_DONTFRAG) return setLinux(fd, c.IPPROTO_IP, L.IP_MTU_DISCOVER, L.PROBE);
  return option === c.IP_BOUND_IF ? bindToDevice(fd, value) : fail(DARWIN_ERRNO.EINVAL);
}

function setOption6(fd: number, option: number, value: number): number {
  if (option === c.IPV6_UNICAST_HOPS)
    return setLinux(fd, c.IPPROTO_IPV6, L.IPV6_UNICAST_HOPS, value);
  if (option === c.IPV6_TCLASS) return setLinux(fd, c.IPPROTO_IPV6, L.IPV6_TCLASS, value);
  if (option === c.IPV6_RECVHOPLIMIT)
    return setLinux(fd, c.IPPROTO_IPV6, L.IPV6_RECVHOPLIMIT, value);
  return option === c.IPV6_BOUND_IF ? bindToDevice(fd, value) : fail(DARWIN_ERRNO.EPERM);
}

function bindToDevice(fd: number, index: number): number {
  const name = Buffer.from(`${linux.ifIndextoname(index, new Uint8Array(16))}\0`);
  return passed(linux.setsockopt(fd, L.SOL_SOCKET, L.SO_BINDTODEVICE, name, name.length));
}

export function bind(fd: number, address: Uint8Array, length: number): number {
  const copy = linuxAddress(new DataView(address.buffer, address.byteOffset, length));
  return copy === undefined ? fail(DARWIN_ERRNO.EINVAL) : passed(linux.bind(fd, copy, copy.length));
}

/** @returns undefined for an address that macOS would not take */
function linuxAddress(address: DataView): Buffer | undefined {
  const [length, family] = [address.getUint8(0), address.getUint8(1)];
  const isKnown = family === c.AF_INET ? length === 16 : family === c.AF_INET6 && length === 28;
  if (!isKnown || length !== address.byteLength) return undefined;
  const copy = Buffer.from(address.buffer.slice(address.byteOffset, address.byteOffset + length));
  copy.writeUInt16LE(family === c.AF_INET ? L.AF_INET : L.AF_INET6);
  return copy;
}

export function sendto(
  fd: number,
  octets: bigint,
  length: number,
  flags: number,
  address: bigint,
  addressLength: number,
): number {
  const to = memory(address, addressLength);
  const copy = linuxAddress(to);
  if (copy === undefined || flags !== c.MSG_DONTWAIT) return fail(DARWIN_ERRNO.EINVAL);
  const is4 = copy.length === 16;
  const type = memory(octets, 2).getUint16(0);
  if (type !== (is4 ? 0x0800 : 0x8000)) return fail(DARWIN_ERRNO[is4 ? 'EINVAL' : 'EPERM']);
  if (is4 && isHostDown(formatAddressBytes(4, to, 4))) return fail(DARWIN_ERRNO.EHOSTDOWN);
  if (HIDDEN !== undefined && formatAddressBytes(4, to, 4).startsWith(HIDDEN))
    return fail(DARWIN_ERRNO.EHOSTUNREACH);
  const sent = linux.sendto(fd, octets, length, L.MSG_DONTWAIT, copy, copy.length);
  return passed(Number(sent));
}

function isHostDown(address: string): boolean {
  return (hostsDown.get(address) ?? 0) > performance.now();
}

const PACKET_OCTETS = 4096;
const CONTROL_OCTETS = 256;
/** Linux' struct msghdr: lengths of vectors and control messages are u64; then struct iovec. */
const packet = new Uint8Array(PACKET_OCTETS);
const packetView = new DataView(packet.buffer);
const own = koffi.alloc('uint8_t', 72 + 28 + 4 + CONTROL_OCTETS + PACKET_OCTETS);
const ownAddress = koffi.address(own);
const HEADER = 0;
const NAME = 72;
const CONTROL = NAME + 32;
const PACKET = CONTROL + CONTROL_OCTETS;
const ownView = new DataView(koffi.view(own, PACKET + PACKET_OCTETS));
ownView.setBigUint64(HEADER, ownAddress + BigInt(NAME), true);
ownView.setBigUint64(HEADER + 16, ownAddress + 56n, true);
ownView.setBigUint64(HEADER + 24, 1n, true);
ownView.setBigUint64(HEADER + 32, ownAddress + BigInt(CONTROL), true);
ownView.setBigUint64(56, ownAddress + BigInt(PACKET), true);
ownView.setBigUint64(64, BigInt(PACKET_OCTETS), true);

export function recvmsg(fd: number, message: bigint, flags: number): number {
  if (flags !== c.MSG_DONTWAIT) return fail(DARWIN_ERRNO.EINVAL);
  for (;;) {
    ownView.setUint32(HEADER + 8, 28, true);
    ownView.setBigUint64(HEADER + 40, BigInt(CONTROL_OCTETS), true);
    const octets = Number(linux.recvmsg(fd, ownAddress, L.MSG_DONTWAIT));
    if (octets < 0) return passed(octets);
    packet.set(new Uint8Array(ownView.buffer, PACKET, octets));
    const is4 = ownView.getUint16(NAME, true) === L.AF_INET;
    if (!is4 || passesIcmpInput(octets)) return handOver(message, octets, is4);
  }
}

/** What icmp_input makes of an IPv4 datagram. @returns false if no socket receives it */
function passesIcmpInput(octets: number): boolean {
  const headerOctets = (packet[0]! & 15) * 4;
  if (!checksumHolds(packetView, headerOctets, octets - headerOctets)) return false;
  const [type, code] = [packet[headerOctets]!, packet[headerOctets + 1]!];
  if (type === 3 && code === 1 && ownAddresses.has(formatAddressBytes(4, packetView, 12))) {
    // Linux' word for what XNU says when the next packet is sent.
    const quoted = formatAddressBytes(4, packetView, headerOctets + 8 + 16);
    hostsDown.set(quoted, performance.now() + HOST_DOWN_MS);
    return false;
  }
  if (code <= (GREATEST_CODE[type] ?? -1)) toHostOrder(headerOctets + 8 + 2);
  packetView.setUint16(2, packetView.getUint16(2) - headerOctets, true);
  toHostOrder(6);
  return true;
}

function toHostOrder(at: number): void {
  packetView.setUint16(at, packetView.getUint16(at), true);
}

/** Fills macOS' struct msghdr and what it points to. */
function handOver(message: bigint, octets: number, is4: boolean): number {
  const header = memory(message, 48);
  const vector = memory(header.getBigUint64(16, true), 16);
  if (header.getInt32(24, true) !== 1) return fail(DARWIN_ERRNO.EMSGSIZE);
  const taken = Math.min(octets, Number(vector.getBigUint64(8, true)));
  new Uint8Array(koffi.view(vector.getBigUint64(0, true), taken)).set(packet.subarray(0, taken));
  const nameOctets = is4 ? 16 : 28;
  const name = memory(header.getBigUint64(0, true), nameOctets);
  for (let at = 2; at < nameOctets; at++) name.setUint8(at, ownView.getUint8(NAME + at));
  name.setUint8(0, nameOctets);
  name.setUint8(1, is4 ? c.AF_INET : c.AF_INET6);
  header.setUint32(8, nameOctets, true);
  const control = memory(header.getBigUint64(32, true), header.getUint32(40, true));
  header.setUint32(40, translateControls(control), true);
  return taken;
}

/** Linux' control messages as macOS has them: headers of 12 octets, data padded to 4. @returns octets written */
function translateControls(to: DataView): number {
  const end = CONTROL + Number(ownView.getBigUint64(HEADER + 40, true));
  let written = 0;
  const put = (level: number, type: number, octets: number, write: (at: number) => void): void => {
    to.setUint32(written, 12 + octets, true);
    to.setInt32(written + 4, level, true);
    to.setInt32(written + 8, type, true);
    write(written + 12);
    written += (12 + octets + 3) & ~3;
  };
  for (let at = CONTROL; at + 16 <= end; at += (ownView.getUint32(at, true) + 7) & ~7) {
    const [level, type] = [ownView.getInt32(at + 8, true), ownView.getInt32(at + 12, true)];
    if (level === L.SOL_SOCKET && type === L.SO_TIMESTAMPNS) {
      const ticks = ticksOf(ownView.getUint32(at + 16, true), ownView.getUint32(at + 24, true));
      put(c.SOL_SOCKET, c.SCM_TIMESTAMP_MONOTONIC, 8, (data) => {
        to.setUint32(data, Number(ticks & 0xffffffffn), true);
        to.setUint32(data + 4, Number(ticks >> 32n), true);
      });
    }
    if (level === c.IPPROTO_IPV6 && type === L.IPV6_HOPLIMIT) {
      const hopLimit = ownView.getUint32(at + 16, true);
      put(level, c.IPV6_HOPLIMIT, 4, (data) => to.setUint32(data, hopLimit, true));
    }
  }
  return written;
}

/** mach_absolute_time() at a time of the wall clock. */
function ticksOf(seconds: number, ns: number): bigint {
  const offsetNs = clockNs(c.CLOCK_REALTIME) - clockNs(c.CLOCK_UPTIME_RAW);
  return BigInt(Math.round((seconds * 1e9 + ns - offsetNs) / NS_PER_TICK));
}

export function sysctl(
  name: Int32Array,
  names: number,
  value: Uint8Array | null,
  length: BigUint64Array,
): number {
  const table = tableOf(name.subarray(0, names));
  if (table === undefined) return fail(DARWIN_ERRNO.EINVAL);
  const room = Number(length[0]);
  length[0] = BigInt(table.length);
  if (value === null) return 0;
  if (room < table.length) return fail(DARWIN_ERRNO.ENOMEM);
  value.set(table);
  return 0;
}
