/** The addresses of a map by number: what each is called, and its place among the 256 of its group. */

import { ADDRESS_BITS, type Family, formatAddress, parseAddress } from '../../../address.ts';
import type { Run } from '../page-data.ts';

const GROUP_BITS = 8n;
const GROUP_SIZE = 256;

interface NumberedRun {
  readonly family: Family;
  readonly zone: string;
  /** Of the run's first member, in units of `unitBits`. */
  readonly first: bigint;
  /** Number of its first member, and of the one after its last. */
  readonly from: number;
  readonly to: number;
}

/** Up to 256 members that share all but the last eight bits. */
export interface AddressGroup {
  /** `192.0.2.0/24` */
  readonly name: string;
  /** Its members are numbered without a gap. */
  readonly from: number;
  to: number;
}

export class AddressIndex {
  readonly count: number;
  readonly groups: AddressGroup[] = [];
  /** By member: its place in its group, 0 to 255. */
  readonly slots: Uint8Array;
  private readonly runs: NumberedRun[] = [];
  private readonly unitBits: bigint;

  /** @param unitBits a member's own addresses: 0 for single ones, 8 for /24 subnets */
  constructor(runs: readonly Run[], unitBits: number) {
    this.unitBits = BigInt(unitBits);
    this.count = runs.reduce((sum, [, count]) => sum + count, 0);
    this.slots = new Uint8Array(this.count);
    let from = 0;
    for (const [text, count] of runs) {
      this.addRun(text, from, count);
      from += count;
    }
  }

  /** `192.0.2.7`, or `192.0.2.0/24` if members are subnets. */
  textOf(member: number): string {
    const run = this.runOf(member);
    const value = (run.first + BigInt(member - run.from)) << this.unitBits;
    const text = formatAddress(run.family, value) + run.zone;
    return this.unitBits === 0n ? text : `${text}/${this.prefixOf(run.family, 1)}`;
  }

  /** A part of a group by the prefix that is its own: `192.0.2.64/26`. @param size a power of two */
  nameOfPart({ name }: AddressGroup, firstSlot: number, size: number): string {
    const [network] = name.split('/') as [string];
    const percent = network.indexOf('%');
    const zone = percent < 0 ? '' : network.slice(percent);
    const { family, value } = parseAddress(percent < 0 ? network : network.slice(0, percent))!;
    const first = formatAddress(family, value + (BigInt(firstSlot) << this.unitBits));
    return `${first}${zone}/${this.prefixOf(family, size)}`;
  }

  /** Bits of the network of so many members; next to wide subnets of IPv6 all of IPv4 is one. */
  private prefixOf(family: Family, members: number): number {
    return Math.max(0, ADDRESS_BITS[family] - Number(this.unitBits) - Math.log2(members));
  }

  groupOf(member: number): number {
    let low = 0;
    let high = this.groups.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.groups[middle]!.from <= member) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private addRun(text: string, from: number, count: number): void {
    const percent = text.indexOf('%');
    const address = parseAddress(percent < 0 ? text : text.slice(0, percent))!;
    const zone = percent < 0 ? '' : text.slice(percent);
    const first = address.value >> this.unitBits;
    const run = { family: address.family, zone, first, from, to: from + count };
    this.runs.push(run);
    const firstSlot = Number(first & BigInt(GROUP_SIZE - 1));
    for (let i = 0; i < count; i++) {
      const slot = (firstSlot + i) % GROUP_SIZE;
      this.slots[from + i] = slot;
      if (i === 0 || slot === 0) this.beginGroup(run, from + i);
    }
    this.groups.at(-1)!.to = from + count;
  }

  /** A run may go on in the group that the one before it has begun. */
  private beginGroup(run: NumberedRun, member: number): void {
    const bits = this.unitBits + GROUP_BITS;
    const value = (run.first + BigInt(member - run.from)) >> GROUP_BITS;
    const network = formatAddress(run.family, value << bits) + run.zone;
    const name = `${network}/${this.prefixOf(run.family, GROUP_SIZE)}`;
    const last = this.groups.at(-1);
    if (last !== undefined) last.to = member;
    if (last?.name !== name) this.groups.push({ name, from: member, to: member });
  }

  private runOf(member: number): NumberedRun {
    let low = 0;
    let high = this.runs.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.runs[middle]!.from <= member) low = middle;
      else high = middle - 1;
    }
    return this.runs[low]!;
  }
}
