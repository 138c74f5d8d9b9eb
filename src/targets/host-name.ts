/** Distinguishes host names from words that cannot be one. A slip must not become a DNS query. */

import { domainToASCII, domainToUnicode } from 'node:url';

/** A host name. */
export interface HostName {
  /** For reports: as written, or, if it is not ASCII, in its canonical form. */
  readonly name: string;
  /** What a resolver looks up: ASCII (RFC 5891), lower case, without the dot of the root. */
  readonly lookup: string;
}

/** What a word is instead of a host name. */
export interface NotAName {
  readonly problem: string;
  readonly advice: string;
}

/** RFC 1035 section 2.3.4, without the octets of the root. */
const LONGEST_NAME = 253;
/** RFC 1123 section 2.1, with the underscores that people use. */
const LABEL = /^(?!-)(?=.*[a-z0-9])[a-z0-9_-]{1,63}(?<!-)$/;
/** RFC 5892: letters, digits, marks, joiners and middle dots, but no symbols such as emoji; and the dots of RFC 3490 section 3.1. */
const WORDS_AND_DOTS = /^(?:[\p{L}\p{N}\u00b7\u30fb_.\u3002\uff0e\uff61-]|\p{M}|\u200c|\u200d)+$/u;
/** The system's resolver would take these for numbers of an address: inet_aton(3) reads `0x7f.1` as 127.0.0.1. */
const NUMERIC_LABEL = /^(\d+|0x[0-9a-f]*)$/;
const MAC_ADDRESS = /^([0-9a-f]{1,2}([:-])([0-9a-f]{1,2}\2){4}[0-9a-f]{1,2})$/i;
const NO_TARGET: NotAName = {
  problem: 'is not a target',
  advice: 'write a subnet, a range, an address or a host name',
};
const NOT_IPV4: NotAName = {
  problem: 'is not an address',
  advice: 'write four numbers from 0 to 255, such as 10.0.0.1',
};

/** Reads a host name, or says what the word is instead. */
export function readHostName(word: string): HostName | NotAName {
  return lookalike(word) ?? nameIn(word);
}

/** Whether the word may be a host name. */
export function isHostName(word: string): boolean {
  return 'name' in readHostName(word);
}

function nameIn(word: string): HostName | NotAName {
  const written = word.replace(/\.$/, '');
  const isAscii = /^[\x21-\x7e]*$/.test(written);
  // domainToASCII reads URLs' hosts: it would undo percent signs and stop at a slash.
  const isConvertible = isAscii || WORDS_AND_DOTS.test(written);
  if (!isConvertible) return NO_TARGET;
  const lookup = (isAscii ? written : domainToASCII(written)).toLowerCase();
  const labels = lookup.split('.');
  if (NUMERIC_LABEL.test(labels.at(-1)!)) return NOT_IPV4;
  if (lookup.length > LONGEST_NAME || labels.some((label) => label.length > 63)) {
    return {
      problem: 'is too long for a host name',
      advice: 'a name has up to 253 characters, and up to 63 between two dots',
    };
  }
  if (!labels.every((label) => LABEL.test(label))) return NO_TARGET;
  return { name: isAscii ? written : domainToUnicode(lookup), lookup };
}

/** What people paste in place of a host. */
function lookalike(word: string): NotAName | undefined {
  const url = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/?#@]*@)?(\[[^\]]*\]|[^/?#:]*)/i.exec(word);
  if (url !== null) return { problem: 'is a URL', advice: hostAlone(url[1]!) };
  if (MAC_ADDRESS.test(word)) {
    return { problem: 'is a MAC address', advice: 'give the IP address of the host' };
  }
  const bracketed = /^\[([^\]]*)\](:\d+)?$/.exec(word);
  if (bracketed !== null) {
    const advice = `write ${shortened(bracketed[1]!)}`;
    return bracketed[2] === undefined
      ? { problem: 'has brackets', advice }
      : { problem: 'has a port', advice: `give the host without the port: ${advice}` };
  }
  const port = /^([^:]+):(\d{1,5})$/.exec(word);
  if (port !== null) {
    return {
      problem: 'has a port',
      advice: `give the host without the port: write ${shortened(port[1]!)}`,
    };
  }
  const account = /^[^@\s]+@([^@\s]+)$/.exec(word);
  if (account !== null) return { problem: 'has a user name', advice: hostAlone(account[1]!) };
  if (word.includes(':') || word.includes('%')) {
    return {
      problem: 'is not an IPv6 address',
      advice: 'write one such as 2001:db8::1, or fe80::1%eth0',
    };
  }
  return undefined;
}

/** The advice about a URL or an account; a URL may name no host. */
export function hostAlone(host: string): string {
  const plain = host.replaceAll(/[[\]]/g, '');
  return plain === '' ? 'give the host alone' : `give the host alone: write ${shortened(plain)}`;
}

/** Part of a word in advice, where it must not break the line. */
function shortened(text: string): string {
  const plain = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD');
  return plain.length > 60 ? `${plain.slice(0, 60)}…` : plain;
}
