/** The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words. */

/** Sum of `length` octets as big-endian words, an odd last octet padded with zero; not folded (length <= 65535). */
export function sumWords(view: DataView, offset: number, length: number): number {
  let sum = 0;
  const end = offset + (length & ~1);
  for (let at = offset; at < end; at += 2) sum += view.getUint16(at);
  if (length & 1) sum += view.getUint8(end) << 8;
  return sum;
}

/** Folds a sum of words (below 2^32) into 16 bits, carries added back in. */
export function foldSum(sum: number): number {
  const once = (sum >>> 16) + (sum & 0xffff);
  return (once >>> 16) + (once & 0xffff);
}

/** The checksum to write: over the message with its checksum field zero. 0–65535. */
export function internetChecksum(view: DataView, offset: number, length: number): number {
  return ~foldSum(sumWords(view, offset, length)) & 0xffff;
}

/** Whether a received message, checksum field included, sums to all ones (RFC 1071 section 1). */
export function checksumHolds(view: DataView, offset: number, length: number): boolean {
  return foldSum(sumWords(view, offset, length)) === 0xffff;
}
