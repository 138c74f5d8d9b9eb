/** Netmasks and wildcard masks of IPv4, as numbers. */

/**
 * The prefix length that a netmask (255.255.255.0) or its complement, a wildcard mask (0.0.0.255), stands for.
 * @returns undefined for any other address, and for 0.0.0.0, which would be either
 */
export function prefixOfMask(mask: number): number | undefined {
  const inverse = ~mask >>> 0;
  if (mask === 0) return undefined;
  // All ones from the left: adding one to the complement leaves a single bit, or none.
  if ((inverse & (inverse + 1)) === 0) return Math.clz32(inverse);
  return (mask & (mask + 1)) === 0 ? Math.clz32(mask) : undefined;
}
