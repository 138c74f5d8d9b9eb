/** Reads the address of a DNS server as people write it, with or without a port. */

import { formatAddress, isLinkLocal6, parseAddress } from '../address.ts';

const WRITTEN = /^(?:\[(?<bracketed>[^\]]+)\]|(?<plain4>[\d.]+))(?::(?<port>[1-9]\d{0,4}))?$/;
const DNS_PORT = 53;
const HIGHEST_PORT = 65_535;

/**
 * A link-local address is refused, since Node forgets the interface that it is on.
 * @returns it in the form of `setServers`; undefined if it is not the address of one server
 */
export function readDnsServer(text: string): string | undefined {
  const { bracketed, plain4, port = DNS_PORT } = WRITTEN.exec(text)?.groups ?? {};
  const plain = bracketed ?? plain4 ?? text;
  const address = parseAddress(plain);
  if (address === undefined || Number(port) > HIGHEST_PORT) return undefined;
  const { family, value } = address;
  if (family === 4)
    return bracketed === undefined && isUnicast4(value) ? `${plain}:${port}` : undefined;
  if (!isUnicast6(value) || isLinkLocal6(value)) return undefined;
  return `[${formatAddress(6, value)}]:${port}`;
}

/** Neither 0.0.0.0/8 (RFC 1122 section 3.2.1.3), nor multicast and above, which includes the broadcast address. */
function isUnicast4(value: bigint): boolean {
  const first = value >> 24n;
  return first > 0n && first < 224n;
}

/** Neither unspecified nor multicast, RFC 4291 sections 2.5.2 and 2.7. */
function isUnicast6(value: bigint): boolean {
  return value > 0n && value >> 120n !== 0xffn;
}
