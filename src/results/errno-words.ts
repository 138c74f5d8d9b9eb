/** Why sending failed: the one place that knows the system's names for it, and what they are in words. */

/** As send(2), connect(2), ip(7), ipv6(7) and netdevice(7) use them for a packet that could not leave. */
const WORDS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'the source address is not on this system',
  EAFNOSUPPORT: 'the system does not support this address family',
  EADDRINUSE: 'no port of this system is free',
  EHOSTDOWN: 'the neighbour does not answer',
  EMFILE: 'this process has too many files open',
  EMSGSIZE: 'message too long for the interface',
  ENFILE: 'the system has too many files open',
  ENETDOWN: 'the interface is down',
  ENOBUFS: 'the system is out of buffers',
  ENODEV: 'the interface does not exist',
  ENOMEM: 'the system is out of memory',
  ENXIO: 'the interface does not exist',
};

/** `EMSGSIZE, message too long for the interface`; a name without words, and other text, as it is. */
export function errnoInWords(errno: string): string {
  const words = WORDS[errno];
  return words === undefined ? errno : `${errno}, ${words}`;
}

/** strerror(3)'s words, in small letters: those of glibc, musl and macOS where they differ. */
const ERRNO_OF_WORDS: Readonly<Record<string, string>> = {
  'network is unreachable': 'ENETUNREACH',
  'network unreachable': 'ENETUNREACH',
  'no route to host': 'EHOSTUNREACH',
  'host is unreachable': 'EHOSTUNREACH',
  'host is down': 'EHOSTDOWN',
  'permission denied': 'EACCES',
  'operation not permitted': 'EPERM',
  'invalid argument': 'EINVAL',
  'no buffer space available': 'ENOBUFS',
  'resource temporarily unavailable': 'EAGAIN',
  'message too long': 'EMSGSIZE',
  'message too large': 'EMSGSIZE',
  'address family not supported by protocol': 'EAFNOSUPPORT',
  'network is down': 'ENETDOWN',
  'no such device': 'ENODEV',
  'no such device or address': 'ENXIO',
  "can't assign requested address": 'EADDRNOTAVAIL',
  'cannot assign requested address': 'EADDRNOTAVAIL',
  'address not available': 'EADDRNOTAVAIL',
};

/** The errno's name; undefined if the words are not strerror(3)'s. */
export function errnoOfWords(words: string): string | undefined {
  return ERRNO_OF_WORDS[words.toLowerCase()];
}
