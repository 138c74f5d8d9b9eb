/** The addresses of a call: each probed once, however often it was given, with the targets that it stands for. */

import type { AddressRange } from '../../results/block-targets.ts';
import { mergeRanges, subtractRanges } from '../../targets/interval-set.ts';
import { lacksZone, rangesNotForProbing } from '../../targets/not-for-probing.ts';
import type { TargetSet } from '../../targets/target-set.ts';
import type { ShownHost } from './count-output.ts';
import { HostTally } from './host-tally.ts';
import type { FpingTarget } from './targets.ts';

/** A target with what is known of its address; targets of the same address share a tally. */
export interface FpingHost extends FpingTarget, ShownHost {
  isAlive: boolean;
}

export class ProbedHosts {
  /** Every target, in the order given. */
  readonly hosts: readonly FpingHost[];
  /** What is swept. */
  readonly targetSet: TargetSet;
  /** By number of the address in the sweep: the targets that have it. */
  readonly byNumber: readonly FpingHost[][];
  /** By the same number: its place among the addresses as they were given. */
  readonly ranks: Uint32Array;
  private readonly byAddress = new Map<string, FpingHost[]>();

  /** @param probes planned for each */
  constructor(targets: readonly FpingTarget[], probes: number) {
    this.hosts = targets.map((target) => {
      const known = this.byAddress.get(target.addressText);
      const tally = known?.[0]?.tally ?? new HostTally(probes);
      const host = { ...target, tally, isAlive: false };
      if (known === undefined) this.byAddress.set(target.addressText, [host]);
      else known.push(host);
      return host;
    });
    const wanted = [...this.byAddress.values()].map(([host]) => rangeOf(host!));
    const ranges = subtractRanges(
      mergeRanges(wanted.filter((range) => !lacksZone(range))),
      rangesNotForProbing(),
    );
    this.byNumber = this.inOrderOf(ranges);
    const places = new Map([...this.byAddress.values()].map((all, place) => [all, place]));
    this.ranks = Uint32Array.from(this.byNumber, (all) => places.get(all)!);
    this.targetSet = {
      ranges,
      count: this.byNumber.length,
      hostnames: new Map(),
      excluded: rangesNotForProbing(),
      unresolved: [],
      notes: [],
    };
  }

  /** The targets of an address, as rows have it. */
  withAddress(text: string): readonly FpingHost[] {
    return this.byAddress.get(text) ?? [];
  }

  /** Targets whose addresses no sweep probes: multicast, broadcast, and link-local ones without an interface. */
  unprobed(): FpingHost[] {
    const probed = new Set(this.byNumber.flat());
    return this.hosts.filter((host) => !probed.has(host));
  }

  private inOrderOf(ranges: readonly AddressRange[]): FpingHost[][] {
    const byValue = new Map([...this.byAddress.values()].map((all) => [keyOf(all[0]!), all]));
    const ordered: FpingHost[][] = [];
    for (const { family, zone, first, last } of ranges) {
      for (let value = first; value <= last; value++)
        ordered.push(byValue.get(keyOf({ address: { family, zone, value } }))!);
    }
    return ordered;
  }
}

function rangeOf({ address: { family, value, zone } }: FpingTarget): AddressRange {
  return { family, zone, first: value, last: value };
}

function keyOf({ address: { family, value, zone } }: Pick<FpingTarget, 'address'>): string {
  return `${family} ${value} ${zone}`;
}
