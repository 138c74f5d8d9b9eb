/** What this machine allows to be probed, whatever the hub orders: `--allow` and `--deny` of an agent. */

import { type Family, formatAddress, parseAddress } from '../address.ts';
import type { AddressRange } from '../results/block-targets.ts';
import { mergeRanges, subtractRanges } from '../targets/interval-set.ts';
import { MAPPED, rangesNotForProbing, translatedIPv4 } from '../targets/not-for-probing.ts';
import { TargetCollector } from '../targets/target-collector.ts';
import { targetsRefused } from '../targets/target-error.ts';

const EVERYTHING: readonly AddressRange[] = [
  { family: 4, zone: '', first: 0n, last: (1n << 32n) - 1n },
  { family: 6, zone: '', first: 0n, last: (1n << 128n) - 1n },
];

export class AllowedTargets {
  /** Without zones: what is denied is denied on every interface. */
  private readonly denied: readonly AddressRange[];

  /**
   * @param allow subnets, ranges or addresses; none for all
   * @param deny what is taken out of them
   * @throws EchosweepError TARGET_INVALID
   */
  constructor(allow: readonly string[], deny: readonly string[]) {
    const outside = allow.length === 0 ? [] : subtractRanges(EVERYTHING, read('--allow', allow));
    const refused = read('--deny', deny);
    const translated = refused.filter(({ family }) => family === 4).map(translatedIPv4);
    const always = [...rangesNotForProbing(), MAPPED];
    this.denied = mergeRanges([...outside, ...refused, ...translated, ...always]);
  }

  /** What may be probed of these targets. @param ranges disjoint, all of one zone */
  of(ranges: readonly AddressRange[]): AddressRange[] {
    return subtractRanges(ranges, this.deniedIn(ranges[0]?.zone ?? ''));
  }

  /** Whether an address that is not a target may be sent packets. @param text maybe with a zone or a port */
  allowsHost(text: string): boolean {
    const address = addressIn(text);
    if (address === undefined) return false;
    const { family, value } = address;
    return this.of([{ family, zone: '', first: value, last: value }]).length > 0;
  }

  /** What is never probed, not even as a gateway. */
  deniedIn(zone: string): readonly AddressRange[] {
    if (zone === '') return this.denied;
    const zoned = this.denied.filter(({ family }) => family === 6);
    return [...this.denied, ...zoned.map((range) => ({ ...range, zone }))];
  }
}

function read(option: string, texts: readonly string[]): AddressRange[] {
  const collector = new TargetCollector('exclude');
  for (const text of texts) collector.add({ text, where: option });
  collector.refuseWrong();
  const [name] = collector.names;
  if (name !== undefined) {
    throw targetsRefused(
      `${option}: ${JSON.stringify(name.name)} is a name`,
      'write subnets or addresses, such as 192.168.1.0/24',
    );
  }
  return collector.ranges(true).map((range) => ({ ...range, zone: '' }));
}

/** `192.0.2.53`, `192.0.2.53:53`, `2001:db8::53`, `fe80::1%eth0` or `[2001:db8::53]:53` */
function addressIn(text: string): { family: Family; value: bigint } | undefined {
  const bare = /^\[(.*)\](?::\d+)?$/.exec(text)?.[1] ?? text;
  const [plain = ''] = bare.split('%');
  return parseAddress(plain) ?? parseAddress(plain.replace(/:\d+$/, ''));
}

/** `10.0.0.0-10.0.15.255`, for messages. */
export function shownRanges(ranges: readonly AddressRange[]): string {
  const [first] = ranges;
  const last = ranges.at(-1);
  if (first === undefined || last === undefined) return '';
  const ends = [formatAddress(first.family, first.first), formatAddress(last.family, last.last)];
  return ends[0] === ends[1] ? ends[0]! : ends.join('-');
}
