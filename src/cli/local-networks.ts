/** `--local`: the networks that this host is directly connected to, added to the targets, with a line about each. */

import { EchosweepError } from '../errors.ts';
import { loadHostNetwork } from '../host-network/load-host-network.ts';
import { type OwnNetwork, ownNetworks } from '../host-network/own-networks.ts';
import { systemInterfaces } from '../host-network/system-interfaces.ts';
import type { SweepOptions, SweepSettings } from '../settings.ts';
import type { TargetCollector } from '../targets/target-collector.ts';
import { plural, safeText } from '../words.ts';

/** A wider network is not to be swept by accident. */
const MOST_HOST_BITS = 16;
const WHERE = '--local';

/** What decides about the networks. */
export type LocalChoice = Pick<SweepOptions, 'includeEdges' | 'allowLarge'> &
  Pick<SweepSettings, 'interface' | 'family'>;

/**
 * Adds them to the targets.
 * @returns a line for each: those that are swept, and those that are too wide
 * @throws EchosweepError TARGET_INVALID if there is none
 */
export async function addLocalNetworks(
  targets: Pick<TargetCollector, 'add'>,
  choice: LocalChoice,
): Promise<string[]> {
  const all = ownNetworks(systemInterfaces(), await loadHostNetwork(), choice.interface);
  const wanted = all.filter(
    ({ family }) => choice.family === undefined || family === choice.family,
  );
  const swept = wanted.filter((network) => isSwept(network, choice));
  // Nearly every interface has a /64, which no sweep can cover: a line about each would hide the others.
  const left = wanted.filter((network) => network.family === 4 && !swept.includes(network));
  if (swept.length === 0) throw noNetwork(choice, left[0]);
  for (const { subnet } of swept) targets.add({ text: subnet, where: WHERE });
  return [
    ...swept.map((network) => localLine(network, choice)),
    ...left.map(
      (network) => `${placeOf(network)}: left out, because it is wider than a /16; --yes adds it`,
    ),
  ];
}

function isSwept({ family, hostBits }: OwnNetwork, { allowLarge }: LocalChoice): boolean {
  return hostBits <= MOST_HOST_BITS || (family === 4 && allowLarge === true);
}

function localLine(network: OwnNetwork, { includeEdges }: LocalChoice): string {
  const addresses = 2 ** network.hostBits;
  const hosts = network.family === 4 && includeEdges !== true ? addresses - 2 : addresses;
  return `${placeOf(network)}: ${plural(hosts, 'host')}`;
}

function placeOf({ subnet, interfaces }: OwnNetwork): string {
  return safeText(`local network ${subnet} on ${interfaces.join(', ')}`);
}

function noNetwork(choice: LocalChoice, wide: OwnNetwork | undefined): EchosweepError {
  if (wide !== undefined) {
    return new EchosweepError(
      'TARGET_INVALID',
      `--local: ${placeOf(wide)} is wider than a /16`,
      'add --yes if you mean that',
    );
  }
  const family = choice.family === undefined ? '' : `IPv${choice.family} `;
  const place = choice.interface === undefined ? 'this host' : choice.interface;
  return new EchosweepError(
    'TARGET_INVALID',
    `--local: ${place} has no ${family}address in a network that can be swept`,
    'name the targets; loopback, point-to-point links, interfaces that are down and IPv6 networks larger than a /112 do not count',
  );
}
