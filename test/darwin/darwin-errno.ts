/** Error numbers of macOS (sys/errno.h), their names, and Linux' numbers for the same. */

export const DARWIN_ERRNO = {
  EPERM: 1,
  EINTR: 4,
  ENOMEM: 12,
  EACCES: 13,
  EINVAL: 22,
  EAGAIN: 35,
  EMSGSIZE: 40,
  ENOPROTOOPT: 42,
  EPROTONOSUPPORT: 43,
  EADDRINUSE: 48,
  EADDRNOTAVAIL: 49,
  ENETDOWN: 50,
  ENETUNREACH: 51,
  ENOBUFS: 55,
  EHOSTDOWN: 64,
  EHOSTUNREACH: 65,
} as const;

const LINUX_ERRNO: Readonly<Record<number, keyof typeof DARWIN_ERRNO>> = {
  1: 'EPERM',
  4: 'EINTR',
  11: 'EAGAIN',
  12: 'ENOMEM',
  13: 'EACCES',
  22: 'EINVAL',
  90: 'EMSGSIZE',
  98: 'EADDRINUSE',
  99: 'EADDRNOTAVAIL',
  100: 'ENETDOWN',
  101: 'ENETUNREACH',
  105: 'ENOBUFS',
  113: 'EHOSTUNREACH',
};

export function darwinErrno(linuxErrno: number): number {
  return DARWIN_ERRNO[LINUX_ERRNO[linuxErrno] ?? 'EINVAL'];
}

export function darwinErrnoName(errno: number): string {
  const found = Object.entries(DARWIN_ERRNO).find(([, number]) => number === errno);
  return found?.[0] ?? `E${errno}`;
}
