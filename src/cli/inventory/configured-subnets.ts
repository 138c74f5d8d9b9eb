/** The subnets among the targets of a configuration, whose masks address management wants. */

import { ADDRESS_BITS } from '../../address.ts';
import type { NetworkConfig } from '../../inventory/config/config.ts';
import { type IpamSubnet, IpamSubnets } from '../../inventory/ipam/ipam-subnets.ts';
import { wordsOf } from '../../targets/target-collector.ts';
import { parseTarget } from '../../targets/target-spec.ts';

/** Ranges, patterns and names have no mask. @throws EchosweepError TARGET_INVALID */
export function configuredSubnets(networks: readonly NetworkConfig[]): IpamSubnets {
  const targets = networks.flatMap((network) => network.targets.include);
  const words = targets.flatMap(({ text, where }) =>
    wordsOf(text).map((word) => ({ text: word, where })),
  );
  return new IpamSubnets(words.flatMap((target) => subnetOf(target) ?? []));
}

/** `192.0.2.0/24` as another program writes it; undefined if it is not a subnet. */
export function readSubnet(text: string): IpamSubnet | undefined {
  return /^[\da-f.:]+\/\d{1,3}$/i.test(text) && isSubnet(text)
    ? subnetOf({ text, where: 'subnet' })
    : undefined;
}

function isSubnet(text: string): boolean {
  try {
    parseTarget({ text, where: 'subnet' });
    return true;
  } catch {
    return false;
  }
}

function subnetOf(target: { readonly text: string; readonly where: string }) {
  if (!target.text.includes('/')) return undefined;
  const parsed = parseTarget(target);
  if (parsed.kind !== 'range') return undefined;
  const { family, first, last } = parsed.range;
  const hostBits = (last - first).toString(2).replace(/^0$/, '').length;
  return { family, first, prefix: ADDRESS_BITS[family] - hostBits };
}
