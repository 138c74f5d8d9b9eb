/** Has the system resolve the gateways that requests are to be sent to past it: they go to a MAC address. */

import { createSocket } from 'node:dgram';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Family, formatZonedAddress } from '../address.ts';
import type { LinkTables } from '../host-network/host-network.ts';
import { type BehindGateway, type Gateway, keyOf } from '../host-network/routes-to-targets.ts';
import { DISCARD_PORT } from '../host-network/source-address.ts';
import type { SweepSettings } from '../settings.ts';
import type { Outlook } from './outlook.ts';
import { gatewayMac, prevents } from './ways-past.ts';

/** The system repeats its request after a second. */
const PATIENCE_MS = 1500;
const POLL_MS = 2;

/**
 * Waits until the gateways without a MAC address are resolved, 1.5 s at most.
 * @param heardOn families of which a ring may show what leaves: only these are sent past the system
 * @param gateways those that are not excluded: no packet goes to the others
 */
export async function promptGateways(
  { behind, heardOn, gateways }: Pick<Outlook, 'behind' | 'heardOn' | 'gateways'>,
  settings: SweepSettings,
  tables: LinkTables,
): Promise<void> {
  const allowed = new Set(gateways.map(keyOf));
  const wanted = [...behind].filter(
    ([family, { hop }]) => heardOn.has(family) && allowed.has(keyOf(hop)),
  );
  await Promise.all(wanted.map(([family, them]) => prompt(family, them, settings, tables)));
}

async function prompt(
  family: Family,
  { hop: { gateway, interface: name }, ranges }: BehindGateway,
  settings: SweepSettings,
  tables: LinkTables,
): Promise<void> {
  const ethernet = tables.ethernets().get(name);
  if (ethernet === undefined) return;
  const isResolved = (): boolean =>
    gatewayMac(gateway, ethernet.interfaceIndex, tables) !== undefined;
  if (isResolved() || prevents(family, ranges, settings, tables) !== undefined) return;
  sendNothing(gateway);
  const endMs = performance.now() + PATIENCE_MS;
  while (!isResolved() && performance.now() < endMs) await sleep(POLL_MS);
}

/** Sends an empty datagram. What prevents that is found again by the sweep. */
function sendNothing(gateway: Gateway): void {
  const socket = createSocket(gateway.family === 4 ? 'udp4' : 'udp6');
  const close = (): void => {
    socket.close();
  };
  socket.once('error', close);
  socket.send('', DISCARD_PORT, formatZonedAddress(gateway), close);
}
