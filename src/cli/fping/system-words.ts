/** Errors of the system in the words of strerror(3) and gai_strerror(3), which programs that read fping expect. */

const ERRNO_WORDS: Readonly<Record<string, string>> = {
  EACCES: 'Permission denied',
  EADDRNOTAVAIL: 'Cannot assign requested address',
  EAFNOSUPPORT: 'Address family not supported by protocol',
  EHOSTDOWN: 'Host is down',
  EHOSTUNREACH: 'No route to host',
  EINVAL: 'Invalid argument',
  EIO: 'Input/output error',
  ELOOP: 'Too many levels of symbolic links',
  EMSGSIZE: 'Message too long',
  ENAMETOOLONG: 'File name too long',
  ENETDOWN: 'Network is down',
  ENETUNREACH: 'Network is unreachable',
  ENOBUFS: 'No buffer space available',
  ENODEV: 'No such device',
  ENOENT: 'No such file or directory',
  ENOMEM: 'Cannot allocate memory',
  ENOTDIR: 'Not a directory',
  ENXIO: 'No such device or address',
  EPERM: 'Operation not permitted',
};

const RESOLVER_WORDS: Readonly<Record<string, string>> = {
  EAI_ADDRFAMILY: 'Address family for hostname not supported',
  EAI_AGAIN: 'Temporary failure in name resolution',
  EAI_FAIL: 'Non-recoverable failure in name resolution',
  ENODATA: 'No address associated with hostname',
  ENOTFOUND: 'Name or service not known',
};

/** `Network is unreachable` for ENETUNREACH; a code without words as it is. */
export function systemWords(errno: string): string {
  return ERRNO_WORDS[errno] ?? errno;
}

/** `Name or service not known` for ENOTFOUND, as Node calls it; that for all others too. */
export function resolverWords(code: string): string {
  return RESOLVER_WORDS[code] ?? RESOLVER_WORDS['ENOTFOUND']!;
}
