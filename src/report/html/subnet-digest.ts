/** A sweep of any size in bounded memory: its hosts counted by subnet, and an octet for each while they are few. */

import { ADDRESS_BITS } from '../../address.ts';
import { STATUSES, type Status } from '../../results/outcome.ts';
import { AddressRuns, addressTextOf, type RowAddress } from '../address-runs.ts';
import { ABSENT, type SubnetColumns } from './page-data.ts';

/** A subnet of 256 addresses is what a person can take in. */
const FIRST_HOST_BITS = 8;
const COARSER_BITS = 4;
const CELLS = 1 << FIRST_HOST_BITS;
/** With more cells than a /16 has, a map is not legible. */
const MOST_SUBNETS = 1 << 16;
/** 256 octets each: a megabyte in all. */
const MOST_SUBNETS_WITH_CELLS = 1 << 12;

interface Subnet extends RowAddress {
  /** Hosts by status, in the order of STATUSES. */
  readonly counts: number[];
  /** Of the logarithms of the hosts' mean round-trip times. */
  rttLogSum: number;
  rttCount: number;
}

export class SubnetDigest {
  private hostBits = FIRST_HOST_BITS;
  private subnets: Subnet[] = [];
  /** By subnet 256 octets, `cellCode` each; undefined once there are too many. */
  private octets: Uint8Array | undefined = new Uint8Array(16 * CELLS);

  /**
   * Takes a row; they come in address order.
   * @param rttAvgUs as in the CSV
   * @param code from `cellCode`
   */
  add(address: RowAddress, status: Status, rttAvgUs: number | null, code: number): void {
    const subnet = this.subnetOf(address);
    subnet.counts[STATUSES.indexOf(status)]!++;
    if (rttAvgUs !== null && rttAvgUs > 0) {
      subnet.rttLogSum += Math.log(rttAvgUs);
      subnet.rttCount++;
    }
    if (this.octets === undefined) return;
    const cell = Number(address.value & BigInt(CELLS - 1));
    this.octets[(this.subnets.length - 1) * CELLS + cell] = code;
  }

  columns(): SubnetColumns {
    const runs = new AddressRuns();
    for (const { family, value, zone } of this.subnets) {
      runs.add({ family, value: value >> BigInt(this.hostBits), zone });
    }
    const count = (status: number): number[] => this.subnets.map(({ counts }) => counts[status]!);
    return {
      kind: 'subnets',
      hostBits: this.hostBits,
      runs: runs.runs.map((run) => {
        const first = { ...run, value: run.value << BigInt(this.hostBits) };
        return [addressTextOf(first), run.count] as const;
      }),
      up: count(0),
      unreachable: count(1),
      down: count(2),
      error: count(3),
      rttUs: this.subnets.map(({ rttLogSum, rttCount }) =>
        rttCount === 0 ? ABSENT : Math.round(Math.exp(rttLogSum / rttCount)),
      ),
      hasCells: this.octets !== undefined,
    };
  }

  /** Each subnet's 256 octets; undefined if there are too many subnets. */
  cells(): Uint8Array | undefined {
    return this.octets?.subarray(0, this.subnets.length * CELLS);
  }

  private subnetOf(address: RowAddress): Subnet {
    const last = this.subnets.at(-1);
    if (last !== undefined && this.holds(last, address)) return last;
    if (this.subnets.length === MOST_SUBNETS) this.coarsen();
    const again = this.subnets.at(-1);
    if (again !== undefined && this.holds(again, address)) return again;
    const bits = BigInt(this.hostBits);
    const subnet: Subnet = {
      ...address,
      value: (address.value >> bits) << bits,
      counts: STATUSES.map(() => 0),
      rttLogSum: 0,
      rttCount: 0,
    };
    this.subnets.push(subnet);
    this.makeRoom();
    return subnet;
  }

  private holds(subnet: Subnet, { family, value, zone }: RowAddress): boolean {
    const bits = BigInt(this.hostBits);
    return (
      subnet.family === family && subnet.value >> bits === value >> bits && subnet.zone === zone
    );
  }

  private makeRoom(): void {
    if (this.octets === undefined) return;
    if (this.subnets.length > MOST_SUBNETS_WITH_CELLS) {
      this.octets = undefined;
    } else if (this.subnets.length * CELLS > this.octets.length) {
      const larger = new Uint8Array(this.octets.length * 2);
      larger.set(this.octets);
      this.octets = larger;
    }
  }

  /** Joins neighbours until there is room again: lists of IPv6 addresses may leave 2^64 of them between two. */
  private coarsen(): void {
    while (this.subnets.length === MOST_SUBNETS && this.hostBits < ADDRESS_BITS[6]) {
      this.hostBits += COARSER_BITS;
      const finer = this.subnets;
      this.subnets = [];
      for (const subnet of finer) this.join(subnet);
    }
  }

  private join(subnet: Subnet): void {
    const last = this.subnets.at(-1);
    if (last === undefined || !this.holds(last, subnet)) {
      const bits = BigInt(this.hostBits);
      this.subnets.push({ ...subnet, value: (subnet.value >> bits) << bits });
      return;
    }
    subnet.counts.forEach((count, i) => {
      last.counts[i]! += count;
    });
    last.rttLogSum += subnet.rttLogSum;
    last.rttCount += subnet.rttCount;
  }
}
