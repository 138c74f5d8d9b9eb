/** The settings of a sweep as chunks carry them: by the names of the options, so that an agent checks them as a program's. */

import { formatAddress } from '../address.ts';
import { optionInvalid } from '../option-value.ts';
import type { SweepSettings } from '../settings.ts';
import type { ChunkSettings } from './contract/chunk.ts';

/**
 * What `resolveSettings` makes the same settings of, but for the rate, which every chunk has its share of, and the family,
 * which the targets have already.
 * @throws EchosweepError OPTION_INVALID for settings that mean something on one machine only
 */
export function chunkSettingsOf(settings: SweepSettings): ChunkSettings {
  refuseOwnMachine(settings);
  const { count, retries, timeoutMs, backoff, patience, periodMs, tcpPorts } = settings;
  const { payloadBytes, ttl, tos, dontFragment, arp, engine, order, seed } = settings;
  const { canary, rdnsTimeoutMs, dnsServer } = settings;
  return {
    count,
    ...(count === 1 && { retries }),
    ...(patience === undefined ? { timeoutMs, backoff } : { patience: String(patience) }),
    periodMs,
    ...(tcpPorts !== undefined && { tcp: tcpPorts }),
    payloadBytes,
    ...(ttl !== undefined && { ttl }),
    ...(tos !== undefined && { tos }),
    dontFragment,
    arp,
    engine,
    order,
    seed,
    ...canaryOption(canary),
    ...(rdnsTimeoutMs !== undefined && { rdns: true, rdnsTimeoutMs }),
    ...(dnsServer !== undefined && { dnsServer }),
  };
}

function canaryOption(canary: SweepSettings['canary']): Pick<ChunkSettings, 'canary'> {
  if (canary === undefined) return { canary: false };
  if (canary === 'gateway') return {};
  const { family, value, zone } = canary;
  const address = formatAddress(family, value);
  return { canary: zone === '' ? address : `${address}%${zone}` };
}

function refuseOwnMachine(settings: SweepSettings): void {
  const { source4, source6, interface: interfaceName, send, workers } = settings;
  const given = [
    source4 === undefined && source6 === undefined ? '' : '--source',
    interfaceName === undefined ? '' : '--interface',
    send === 'raw' ? '' : '--send',
    workers === undefined ? '' : '--workers',
  ].find((flag) => flag !== '');
  if (given === undefined) return;
  throw optionInvalid(`${given} is about this machine, and agents are to sweep`, 'leave it out');
}
