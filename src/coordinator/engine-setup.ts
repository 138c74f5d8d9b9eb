/** What the settings of a sweep mean to probers and sockets, whichever engine they belong to. */

import { ownAddresses } from '../host-network/own-addresses.ts';
import { nothingUnread } from '../option-spec.ts';
import type { ProberSetup } from '../probe/active-block.ts';
import { longestTimeoutMs } from '../probe/retry-pace.ts';
import { makeSchedule } from '../probe/schedule.ts';
import { randomOctets } from '../random-octets.ts';
import type { PacketSettings, SweepSettings } from '../settings.ts';
import type { SocketOptions } from '../transport/contract.ts';

/** The same for every prober of a sweep, with new random keys: no reply to another sweep counts. */
export function proberSetup(settings: SweepSettings): Omit<ProberSetup, 'worker'> {
  const random = randomOctets(12);
  return {
    schedule: makeSchedule(settings),
    orderSeed: settings.order === 'random' ? settings.seed : undefined,
    key: [random.readUInt32LE(0), random.readUInt32LE(4), random.readUInt32LE(8)],
    ownAddresses: ownAddresses().map(({ text }) => text),
  };
}

export function socketOptions(settings: SweepSettings): SocketOptions {
  return {
    ...packetOptions(settings),
    longestTimeoutMs: longestTimeoutMs(makeSchedule(settings)),
  };
}

function packetOptions(settings: PacketSettings): Omit<SocketOptions, 'longestTimeoutMs'> {
  const {
    payloadBytes,
    ttl,
    tos,
    dontFragment,
    source4,
    source6,
    interface: name,
    ...unread
  } = settings;
  nothingUnread(unread);
  return {
    payloadBytes,
    dontFragment,
    ...(ttl !== undefined && { ttl }),
    ...(tos !== undefined && { tos }),
    ...(source4 !== undefined && { source4 }),
    ...(source6 !== undefined && { source6 }),
    ...(name !== undefined && { interface: name }),
  };
}
