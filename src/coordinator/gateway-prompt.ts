/** Has the system resolve the gateways that requests are to be sent to past it: they go to a MAC address. */

import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Family, formatAddress } from '../address.ts';
import type { LinkTables } from '../host-network/host-network.ts';
import type { BehindGateway, Gateway } from '../host-network/routes-to-targets.ts';
import { DISCARD_PORT } from '../host-network/source-address.ts';
import { gatewayMac } from './ways-past.ts';

/** The system repeats its request after a second. */
const PATIENCE_MS = 1500;
const POLL_MS = 2;

/** Waits until the gateways without a MAC address are resolved, 1.5 s at most. */
export async function promptGateways(
  behind: ReadonlyMap<Family, BehindGateway>,
  tables: LinkTables,
): Promise<void> {
  await Promise.all(Array.from(behind.values(), ({ hop }) => prompt(hop, tables)));
}

async function prompt(hop: BehindGateway['hop'], tables: LinkTables): Promise<void> {
  if (gatewayMac(hop, tables) !== undefined) return;
  sendNothing(hop.gateway);
  const endMs = performance.now() + PATIENCE_MS;
  while (gatewayMac(hop, tables) === undefined && performance.now() < endMs) await sleep(POLL_MS);
}

/** Sends an empty datagram. What prevents that is found again by the sweep. */
function sendNothing({ family, value, zone }: Gateway): void {
  const address = formatAddress(family, value) + (zone === '' ? '' : `%${zone}`);
  const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
  const close = (): void => {
    socket.close();
  };
  socket.once('error', close);
  socket.send('', DISCARD_PORT, address, close);
}
