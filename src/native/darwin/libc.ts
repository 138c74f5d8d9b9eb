/** libSystem's calls through koffi: 64-bit little-endian macOS. */

import { endianness } from 'node:os';
import { getSystemErrorName, promisify } from 'node:util';
import koffi from 'koffi';

/** Whether the structure layouts of macOS hold here. */
export function isSupportedHere(): boolean {
  return process.platform === 'darwin' && endianness() === 'LE' && koffi.sizeof('void *') === 8;
}

// `null` is the process itself, which every program of macOS loads libSystem into.
const libc = koffi.load(null);

export const socket = libc.func('int socket(int domain, int type, int protocol)');
export const close = libc.func('int close(int fd)');
export const bind = libc.func('int bind(int fd, const void *address, unsigned int length)');
export const setsockopt = libc.func(
  'int setsockopt(int fd, int level, int option, const void *value, unsigned int length)',
);
export const sendto = libc.func(
  'long sendto(int fd, const void *octets, unsigned long length, int flags, const void *address, unsigned int addressLength)',
);
export const recvmsg = libc.func('long recvmsg(int fd, void *message, int flags)');
export const poll = libc.func('int poll(void *fds, unsigned int count, int timeoutMs)');
export const usleep = libc.func('int usleep(unsigned int us)');
/** On a thread of libuv. */
export const pollAside = promisify(poll.async);
export const usleepAside = promisify(usleep.async);
export const ifNametoindex = libc.func('unsigned int if_nametoindex(const char *name)');
export const sysctl = libc.func(
  'int sysctl(const void *name, unsigned int names, void *value, void *length, const void *newValue, unsigned long newLength)',
);
const clockGettimeNsecNp = libc.func('uint64_t clock_gettime_nsec_np(int clock)');
const machTimebaseInfo = libc.func('int mach_timebase_info(void *info)');

/** Nanoseconds of a clock of clock_gettime_nsec_np(3). */
export function clockNs(clock: number): number {
  return Number(clockGettimeNsecNp(clock));
}

/** Length of a tick of mach_absolute_time(): 1 ns on Intel, 125/3 ns on Apple silicon. */
export function nsPerTick(): number {
  // struct mach_timebase_info: numerator u32, denominator u32.
  const info = new Uint32Array(2);
  machTimebaseInfo(info);
  return info[0]! / info[1]!;
}

/** The error number of the last failed call (errno(2)). */
export function lastErrno(): number {
  return koffi.errno();
}

/** Its name, such as `EHOSTDOWN`. */
export function errnoName(errno: number): string {
  return getSystemErrorName(-errno);
}
