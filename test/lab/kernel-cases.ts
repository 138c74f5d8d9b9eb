/** What the kernels' network does and the simulator can be told to do as well. */

import type { Family } from '../../src/address.ts';
import { LAB } from './address-plan.ts';
import type { RequestFields } from './packet-fields.ts';
import type { HostRule } from './simulator/rules.ts';

/** An echo reply and a refusal by the routing table come from one hop away; a router's own packets do not pass it. */
const ONE_HOP_AWAY = 63;

/** A host of the kernels' network, and how the simulator is told to do the same. */
interface KernelCase {
  readonly name: string;
  readonly kernel: Readonly<Record<Family, string>>;
  readonly rule: Readonly<Record<Family, Omit<HostRule, 'name' | 'net'>>>;
  readonly request?: Partial<RequestFields>;
}

const reply = { ttl: ONE_HOP_AWAY };
function error(type: number, code: number, more: object = {}): Omit<HostRule, 'name' | 'net'> {
  return { answers: [{ error: { type, code, from: 'gateway', ...more } }] };
}

const REFUSALS: readonly Omit<KernelCase, 'request'>[] = [
  {
    name: 'a refusal by an unreachable route',
    kernel: { 4: LAB.routeUnreachable4, 6: LAB.routeUnreachable6 },
    rule: { 4: error(3, 1), 6: error(1, 0) },
  },
  {
    name: 'a refusal by a prohibited route',
    kernel: { 4: LAB.routeProhibited4, 6: LAB.routeProhibited6 },
    rule: { 4: error(3, 13), 6: error(1, 1) },
  },
  {
    name: 'a refusal for want of a route',
    kernel: { 4: LAB.routeThrow4, 6: LAB.routeThrow6 },
    rule: { 4: error(3, 0), 6: error(1, 0) },
  },
];

export const KERNEL_CASES: readonly KernelCase[] = [
  ...[0, 24, 57, 1400].map((dataOctets) => ({
    name: `a reply with ${dataOctets} octets`,
    kernel: { 4: LAB.live4, 6: LAB.live6 },
    rule: { 4: reply, 6: reply },
    request: { dataOctets },
  })),
  {
    name: 'a reply to a request of another class of traffic that must not be cut',
    kernel: { 4: LAB.live4, 6: LAB.live6 },
    rule: { 4: reply, 6: reply },
    request: { trafficClass: 0x28, dontFragment: true },
  },
  ...REFUSALS.flatMap((refusal) =>
    [24, 1400].map((dataOctets) => ({
      ...refusal,
      name: `${refusal.name} of ${dataOctets} octets`,
      request: { dataOctets },
    })),
  ),
  {
    name: 'a refusal of a request of another class of traffic',
    kernel: { 4: LAB.routeProhibited4, 6: LAB.routeProhibited6 },
    rule: { 4: error(3, 13), 6: error(1, 1) },
    request: { trafficClass: 0x28 },
  },
  {
    name: 'the end of a hop limit',
    kernel: { 4: LAB.far4, 6: LAB.far6 },
    rule: { 4: error(11, 0), 6: error(3, 0) },
    request: { hopLimit: 1 },
  },
  {
    name: 'a packet that is too big',
    kernel: { 4: LAB.lowMtu4, 6: LAB.lowMtu6 },
    rule: { 4: error(3, 4, { mtu: 1280 }), 6: error(2, 0, { mtu: 1280 }) },
    request: { dataOctets: 1400, dontFragment: true },
  },
];
