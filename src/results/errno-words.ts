/** Why sending failed, in words: the one place that explains the system's names for it. */

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
