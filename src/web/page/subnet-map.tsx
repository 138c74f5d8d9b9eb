/** The map of a network of more addresses than can be drawn one by one: a cell for each of its subnets. */

import { useMemo } from 'preact/hooks';
import { AddressIndex } from '../../report/html/page/address-index.ts';
import type { MapModel } from '../../report/html/page/map-model.ts';
import { type Paint, rampPaint, statusPaint } from '../../report/html/page/scale.ts';
import type { Network, Subnet } from './answers.ts';
import { go, href } from './route.ts';
import { useMapView } from './use-map-view.ts';
import { countText, percentText, plural } from './words.ts';

/** Addresses of a cell: a /24, or an IPv6 /64. */
const HOST_BITS_4 = 8;
const HOST_BITS_6 = 64;

export function SubnetMap({ network: { name, subnets = [] } }: { readonly network: Network }) {
  const ofIPv4 = subnets.filter(isIPv4);
  const drawn = ofIPv4.length > 0 ? ofIPv4 : subnets;
  const model = useMemo(() => subnetMap(drawn), [subnets]);
  const choose = (member: number): void => go(hostsOf(name, drawn[member]!));
  const { place } = useMapView(() => model, choose, [model, name]);
  const others = subnets.length - drawn.length;
  return (
    <>
      <p class="legend">
        <span class="key">
          Share in use <span class="end">few</span>
          <i class="ramp" />
          <span class="end">all</span>
        </span>
        <span class="key">
          <i class="swatch down" />
          Free
        </span>
      </p>
      <div ref={place} class="map-place" />
      <p class="muted">
        Each cell is one of {plural(drawn.length, 'subnet')}
        {others > 0 && `; ${countText(others)} of IPv6 are among the hosts`}.
      </p>
    </>
  );
}

/** A subnet is as dark as the share of its addresses that is in use. */
function subnetMap(subnets: readonly Subnet[]): MapModel {
  const hostBits = subnets.some(isIPv4) ? HOST_BITS_4 : HOST_BITS_6;
  const index = new AddressIndex(runsOf(subnets), hostBits);
  return {
    index,
    paints: Uint8Array.from(subnets, paintOf),
    noun: 'subnet',
    title: (member) => subnets[member]!.subnet,
    lines: (member) => linesOf(subnets[member]!),
  };
}

/** Each is a run of its own: the index joins them in groups. */
function runsOf(subnets: readonly Subnet[]): [string, number][] {
  return subnets.map(({ subnet }) => [subnet.split('/')[0]!, 1]);
}

function paintOf({ total, present, missing, gone }: Subnet): Paint {
  if (present > 0) return rampPaint(present / total);
  if (missing > 0) return statusPaint('unreachable');
  return statusPaint(gone > 0 ? 'error' : 'down');
}

function linesOf({ total, present, missing, gone, free }: Subnet): string[] {
  const rest = [
    ...(missing > 0 ? [`${countText(missing)} missing`] : []),
    ...(gone > 0 ? [`${countText(gone)} gone`] : []),
    `${countText(free)} free`,
  ];
  const share = percentText((100 * present) / total);
  return [`${countText(present)} of ${countText(total)} up (${share})`, rest.join(', ')];
}

function isIPv4({ subnet }: Subnet): boolean {
  return !subnet.includes(':');
}

function hostsOf(network: string, subnet: Subnet): string {
  const prefix = subnet.subnet.replace(/\.0\/24$/, '.');
  return href(['network', network, 'hosts'], isIPv4(subnet) ? { q: prefix } : {});
}
