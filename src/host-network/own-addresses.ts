/** The addresses of this host. */

import { ADDRESS_BITS, type Family, formatAddress, parseAddress } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { systemInterfaces } from './system-interfaces.ts';

export interface OwnAddress {
  /** Name of the interface. */
  readonly interface: string;
  readonly family: Family;
  /** Canonical, without a zone. */
  readonly text: string;
  readonly value: bigint;
  /** How many of its bits its subnet leaves to the hosts. */
  readonly hostBits: bigint;
}

/** The broadcast addresses of this host's IPv4 networks (RFC 922): a host can neither have them nor be pinged by them. */
export function broadcastAddresses(own: readonly OwnAddress[]): OwnAddress[] {
  return own
    .filter(({ family, hostBits }) => family === 4 && hostBits >= 2n)
    .map((address) => {
      const value = address.value | ((1n << address.hostBits) - 1n);
      return { ...address, value, text: formatAddress(4, value) };
    });
}

/** The ranges in pieces, without this host's own addresses: those are reached by no gateway. */
export function withoutAddresses(
  ranges: readonly AddressRange[],
  own: readonly OwnAddress[],
): AddressRange[] {
  return own.reduce<AddressRange[]>(
    (pieces, { family, value }) =>
      pieces.flatMap((piece) => {
        if (piece.family !== family || value < piece.first || value > piece.last) return [piece];
        const before = { ...piece, last: value - 1n };
        const after = { ...piece, first: value + 1n };
        return [before, after].filter(({ first, last }) => first <= last);
      }),
    [...ranges],
  );
}

/** Of every interface that is up, loopback included. @throws EchosweepError SOCKET_FAILED */
export function ownAddresses(): OwnAddress[] {
  return Object.entries(systemInterfaces()).flatMap(([name, entries]) =>
    (entries ?? []).map(({ address, cidr }): OwnAddress => {
      const text = address.split('%')[0]!;
      const { family, value } = parseAddress(text)!;
      const bits = ADDRESS_BITS[family];
      const hostBits = BigInt(bits - Number(cidr?.split('/')[1] ?? bits));
      return { interface: name, family, text, value, hostBits };
    }),
  );
}
