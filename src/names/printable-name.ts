/** Host names from outside, made harmless: others chose their text. */

/** In octets without the last dot, RFC 1035 section 3.1. */
const LONGEST_NAME = 253;

/**
 * Octets outside printable ASCII, and blanks, as `\DDD` (RFC 1035 section 5.1). A name that is printable stays as it is.
 * @returns undefined for what no name can be
 */
export function printableName(name: string): string | undefined {
  const octets = Buffer.byteLength(name.replaceAll(/\\\d{3}/g, '.'));
  if (octets === 0 || octets > LONGEST_NAME) return undefined;
  return Array.from(Buffer.from(name, 'utf8'), (octet) =>
    octet > 0x20 && octet < 0x7f
      ? String.fromCharCode(octet)
      : `\\${String(octet).padStart(3, '0')}`,
  ).join('');
}
