/** The addresses of this host. */

import { networkInterfaces } from 'node:os';
import { ADDRESS_BITS, type Family, parseAddress } from '../address.ts';

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

/** Of every interface that is up, loopback included. */
export function ownAddresses(): OwnAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([name, entries]) =>
    (entries ?? []).map(({ address, cidr }): OwnAddress => {
      const text = address.split('%')[0]!;
      const { family, value } = parseAddress(text)!;
      const bits = ADDRESS_BITS[family];
      const hostBits = BigInt(bits - Number(cidr?.split('/')[1] ?? bits));
      return { interface: name, family, text, value, hostBits };
    }),
  );
}
