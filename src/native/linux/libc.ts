/** libc's system calls through koffi: 64-bit little-endian Linux. */

import { endianness } from 'node:os';
import { getSystemErrorName, promisify } from 'node:util';
import koffi from 'koffi';

/** mmap(2). */
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FAILED = -1n;

/** Whether the structure layouts below hold here. */
export function isSupportedHere(): boolean {
  return process.platform === 'linux' && endianness() === 'LE' && koffi.sizeof('void *') === 8;
}

// `null` is the process itself: glibc's and musl's file names need not be known.
const libc = koffi.load(null);

export const socket = libc.func('int socket(int domain, int type, int protocol)');
export const close = libc.func('int close(int fd)');
/** On a thread of libuv, as all of these that end in `Aside`. */
export const closeAside = promisify(close.async);
export const bind = libc.func('int bind(int fd, const void *address, unsigned int length)');
export const connect = libc.func('int connect(int fd, const void *address, unsigned int length)');
export const setsockopt = libc.func(
  'int setsockopt(int fd, int level, int option, const void *value, unsigned int length)',
);
export const getsockopt = libc.func(
  'int getsockopt(int fd, int level, int option, void *value, void *length)',
);
export const send = libc.func(
  'long send(int fd, const void *octets, unsigned long length, int flags)',
);
export const recv = libc.func('long recv(int fd, void *octets, unsigned long length, int flags)');
export const sendmsg = libc.func('long sendmsg(int fd, const void *message, int flags)');
export const sendmmsg = libc.func(
  'int sendmmsg(int fd, void *messages, unsigned int count, int flags)',
);
export const recvmsg = libc.func('long recvmsg(int fd, void *message, int flags)');
export const recvmmsg = libc.func(
  'int recvmmsg(int fd, void *messages, unsigned int count, int flags, void *timeout)',
);
export const ppoll = libc.func(
  'int ppoll(void *fds, unsigned long count, const void *timeout, const void *mask)',
);
export const ppollAside = promisify(ppoll.async);
/** 0 if there is none (if_nametoindex(3)); unlike /sys, it always shows the namespace that the process is in. */
export const interfaceIndexOf = libc.func('unsigned int if_nametoindex(const char *name)');
export const clockGettime = libc.func('int clock_gettime(int clock, void *time)');
export const syscall = libc.func(
  'long syscall(long number, const void *first, const void *second)',
);

const mmap = libc.func(
  'int64_t mmap(void *address, unsigned long length, int protection, int flags, int fd, long offset)',
);
export const munmap = libc.func('int munmap(void *address, unsigned long length)');

/** Where the memory that a descriptor stands for is mapped (mmap(2)); undefined if the system refuses. */
export function mapMemory(fd: number, octets: number): bigint | undefined {
  const address = BigInt(mmap(null, octets, PROT_READ_WRITE, MAP_SHARED, fd, 0));
  return address === MAP_FAILED ? undefined : address;
}

/** The error number of the last failed call (errno(3)). */
export function lastErrno(): number {
  return koffi.errno();
}

/** Its name, such as `EACCES`. */
export function errnoName(errno: number): string {
  return getSystemErrorName(-errno);
}
