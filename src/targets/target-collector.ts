/** Collects what is to be swept, or left out, while it is read: addresses as intervals, names, and what is wrong. */

import { formatZonedAddress } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { addressInCell } from '../text/address-columns.ts';
import { mergeRanges } from './interval-set.ts';
import { IPv4Intervals } from './ipv4-intervals.ts';
import { lacksZone, mappedIPv4, whyNotForProbing } from './not-for-probing.ts';
import { isOctetPattern } from './octet-pattern.ts';
import { NOT_PLAIN, plainIPv6, plainMaskedSubnet, plainPrefix } from './plain-prefix.ts';
import { LONGEST_PREFIX_WITH_EDGES } from './subnet.ts';
import { type TargetSpec, targetInvalid, targetsRefused } from './target-error.ts';
import { type ParsedTarget, parseTarget, refuseUnsweepable } from './target-spec.ts';
import { readZonedAddress } from './zoned-address.ts';

/** What the targets are for: exclusions may be anything, since what cannot be swept excludes nothing. */
export type TargetUse = 'sweep' | 'exclude';

/** A name that was given as a target. */
export interface NamedTarget {
  /** For reports. */
  readonly name: string;
  /** For the resolver. */
  readonly lookup: string;
  readonly where: string;
}

/** The name that a file gives an address by. */
interface GivenName {
  readonly address: string;
  readonly name: string;
}

/** Linear in what is merged: intervals of IPv4, and an object for each range of IPv6. */
export class TargetCollector {
  /** Of both kinds, in the order in which they were read; a name that comes again is not repeated. */
  readonly names: (NamedTarget | GivenName)[] = [];
  /** Targets read so far, right or wrong. */
  count = 0;
  /** The first target, for messages. */
  first = '';
  /** Addresses in tables that cannot be swept, and were left out. */
  leftOut = 0;
  private readonly use: TargetUse;
  private readonly subnets = new IPv4Intervals();
  private readonly others = new IPv4Intervals();
  private readonly ipv6: AddressRange[] = [];
  private readonly lookups = new Set<string>();
  private firstError: EchosweepError | undefined;
  private errors = 0;

  constructor(use: TargetUse) {
    this.use = use;
  }

  /** Adds a target, or several with commas between. What is wrong is kept for `refuseWrong`. */
  add({ text, where }: TargetSpec): void {
    for (const word of wordsOf(text)) this.addWord(word, where, undefined);
  }

  /**
   * Adds a single target of a file.
   * @param line completes `where`; undefined if `where` is complete
   */
  addWord(text: string, where: string, line: number | undefined): void {
    if (this.count++ === 0) this.first = text;
    const prefix = plainPrefix(text);
    const plain = prefix === NOT_PLAIN ? plainMaskedSubnet(text) : prefix;
    if (plain !== NOT_PLAIN && this.addPlain(plain)) return;
    this.keepingErrors(() => this.addParsed({ text, where: placeOf(where, line) }));
  }

  /**
   * Adds the address of a host in a table. A mask behind it is the network that the host is in; what cannot be swept,
   * such as the multicast addresses of a hosts file, is left out and counted.
   * @param names those of the host, if the file is a list of names
   */
  addHost(text: string, where: string, line: number, names: readonly string[] = []): void {
    if (this.count++ === 0) this.first = text;
    const address = readZonedAddress(addressInCell(text));
    if (address === undefined) {
      this.keep(
        targetInvalid(
          { text, where: placeOf(where, line) },
          'is not an address',
          'correct it, or empty the cell',
        ),
      );
      return;
    }
    const { family, value } = address;
    const range = { family, zone: address.zone, first: value, last: value };
    if (this.use === 'sweep' && !isSweepable(range)) {
      this.leftOut++;
      return;
    }
    this.addRange(range);
    const key = addressKey(range);
    for (const name of names) this.names.push({ address: key, name });
  }

  /** Keeps an error that is not that of a single target, such as a broken row. */
  keep(error: EchosweepError): void {
    this.firstError ??= error;
    this.errors++;
  }

  /** @throws EchosweepError `TARGET_INVALID` for the first target that is wrong */
  refuseWrong(): void {
    if (this.firstError === undefined) return;
    if (this.errors === 1) throw this.firstError;
    throw targetsRefused(
      this.firstError.problem,
      `${this.firstError.advice} (and ${this.errors - 1} more like it)`,
      this.firstError,
    );
  }

  /** The addresses that were given as such: disjoint, in address order. @param withEdges keep the edges of subnets */
  ranges(withEdges: boolean): AddressRange[] {
    const all = new IPv4Intervals();
    all.addAll(this.others);
    all.addAll(this.subnets, withEdges ? 0 : 1);
    return [...all.merged(), ...mergeRanges(this.ipv6)];
  }

  /** @returns whether it was added: what may not be swept is left to the messages of `refuseUnsweepable` */
  private addPlain(plain: number): boolean {
    const prefix = plain % 64;
    const size = 2 ** (32 - prefix);
    const address = (plain - prefix) / 64;
    const first = address - (address % size);
    const isOrdinary = first >= 0x1000000 && first < 0xe0000000;
    if (this.use === 'sweep' && !isOrdinary) return false;
    const target = prefix <= LONGEST_PREFIX_WITH_EDGES ? this.subnets : this.others;
    target.add(first, first + size - 1);
    return true;
  }

  private addParsed(spec: TargetSpec): void {
    const plain = plainIPv6(spec.text);
    const target: ParsedTarget =
      plain === undefined ? parseTarget(spec) : { kind: 'range', range: plain, hasEdges: false };
    if (target.kind === 'name') {
      if (this.lookups.has(target.lookup)) return;
      this.lookups.add(target.lookup);
      this.names.push({ name: target.name, lookup: target.lookup, where: spec.where });
      return;
    }
    if (target.kind === 'pattern') {
      for (let i = 0; i < target.intervals.length; i += 2) {
        this.others.add(target.intervals[i]!, target.intervals[i + 1]!);
      }
      return;
    }
    const { range, hasEdges } = target;
    if (this.use === 'sweep') refuseUnsweepable(spec, range);
    if (hasEdges) this.subnets.add(Number(range.first), Number(range.last));
    else this.addRange(range);
  }

  private addRange(range: AddressRange): void {
    if (range.family === 4) this.others.add(Number(range.first), Number(range.last));
    else {
      this.ipv6.push(range);
      this.addMapped(range);
    }
  }

  /** An exclusion of ::ffff:10.0.0.1 spares 10.0.0.1. The whole prefix is in lists of reserved ones, and means no host. */
  private addMapped(range: AddressRange): void {
    const mapped = mappedIPv4(range);
    if (mapped === undefined || mapped.last - mapped.first === 0xffffffffn) return;
    this.others.add(Number(mapped.first), Number(mapped.last));
  }

  private keepingErrors(add: () => void): void {
    try {
      add();
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      this.keep(error);
    }
  }
}

/** The canonical text of a range of one address. */
export function addressKey({ family, first, zone }: AddressRange): string {
  return formatZonedAddress({ family, value: first, zone });
}

/** Whether a single address can be probed: not multicast, unspecified, mapped or link-local without an interface. */
export function isSweepable(range: AddressRange): boolean {
  return (
    whyNotForProbing(range) === undefined && mappedIPv4(range) === undefined && !lacksZone(range)
  );
}

/** The targets in a text that has no blanks in it but around commas: a list of octets holds commas itself. */
export function wordsOf(text: string): readonly string[] {
  if (!text.includes(',')) return [text];
  const words = text.split(',');
  const isWord = (word: string): boolean => word.trim() !== '';
  const all = words.slice(words.findIndex(isWord), words.findLastIndex(isWord) + 1);
  const list = all.join(',').trim();
  return isOctetPattern(list) ? [list] : all.filter(isWord).map((word) => word.trim());
}

function placeOf(where: string, line: number | undefined): string {
  return line === undefined ? where : `${where}, line ${line}`;
}
