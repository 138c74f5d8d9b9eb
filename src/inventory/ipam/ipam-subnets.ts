/** The subnets that hosts are in, for address management: it keeps every address with the mask of its subnet. */

import { ADDRESS_BITS, type Family, formatAddress, subnetAround } from '../../address.ts';
import type { IpamHost } from './ipam-hosts.ts';
import type { IpamNotes } from './ipam-notes.ts';

/** A subnet by its first address. */
export interface IpamSubnet {
  readonly family: Family;
  readonly first: bigint;
  /** Length of its mask. */
  readonly prefix: number;
}

/** Subnets by address; of nested ones the smallest counts. */
export class IpamSubnets<Subnet extends IpamSubnet = IpamSubnet> {
  /** By family and first address, for each length of mask. */
  private readonly byPrefix = new Map<number, Map<string, Subnet>>();
  private readonly prefixes: readonly number[];

  /** @param subnets of equal ones, the first counts */
  constructor(subnets: readonly Subnet[]) {
    for (const subnet of subnets) {
      const { family, first, prefix } = subnet;
      const others = this.byPrefix.get(prefix) ?? new Map<string, Subnet>();
      this.byPrefix.set(prefix, others);
      const name = `${family} ${first}`;
      if (!others.has(name)) others.set(name, subnet);
    }
    this.prefixes = [...this.byPrefix.keys()].sort((a, b) => b - a);
  }

  /** @param key of an address without a zone, as `readAddress` makes it */
  of(key: string): Subnet | undefined {
    const { family, value } = addressOfKey(key);
    for (const prefix of this.prefixes) {
      if (prefix > ADDRESS_BITS[family]) continue;
      const { first } = subnetAround(family, value, prefix);
      const found = this.byPrefix.get(prefix)!.get(`${family} ${first}`);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The length of the mask of a host's subnet; without a subnet, which is noted, that of a single host. */
  maskOf({ key, address }: Pick<IpamHost, 'key' | 'address'>, notes?: IpamNotes): number {
    const found = this.of(key)?.prefix;
    if (found !== undefined) return found;
    notes?.add('in no subnet of the configuration, so with the mask of a single host:', address);
    return ADDRESS_BITS[addressOfKey(key).family];
  }
}

/** `192.0.2.0/24` */
export function subnetText({ family, first, prefix }: IpamSubnet): string {
  return `${formatAddress(family, first)}/${prefix}`;
}

/** @param key of an address without a zone, as `readAddress` makes it */
export function addressOfKey(key: string): { readonly family: Family; readonly value: bigint } {
  return { family: key.startsWith('4') ? 4 : 6, value: BigInt(`0x${key.slice(1)}`) };
}
