/** A range of IPv4 addresses that a benchmark sweeps, as text for command lines and as numbers for counting. */

export interface Range {
  /** In the form that every program accepts: a prefix, or a single address. */
  readonly text: string;
  /** The first and last address to probe, without network and broadcast address, as in echosweep and fping. */
  readonly first: number;
  readonly last: number;
  /** Number of addresses to probe. */
  readonly hosts: number;
}

/** @param text such as `10.1.0.0/16`; a single address if there is no `/` */
export function rangeOf(text: string): Range {
  const [address, prefix = '32'] = text.split('/');
  const size = 2 ** (32 - Number(prefix));
  const network = addressNumber(address!);
  const edge = size > 2 ? 1 : 0;
  const [first, last] = [network + edge, network + size - 1 - edge];
  return { text, first, last, hosts: last - first + 1 };
}

/** `10.0.0.1` as 167772161; NaN if it is not an IPv4 address. */
export function addressNumber(text: string): number {
  const octets = text.split('.');
  if (octets.length !== 4) return Number.NaN;
  return octets.reduce((sum, octet) => sum * 256 + Number(octet), 0);
}

export function addressText(value: number): string {
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
}
