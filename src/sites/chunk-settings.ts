/** The settings of a sweep as chunks carry them: by the names of the options, so that an agent checks them as a program's. */

import { formatZonedAddress } from '../address.ts';
import { optionInvalid } from '../option-value.ts';
import { RATE_PPS } from '../options.ts';
import type { SweepSettings } from '../settings.ts';
import type { ChunkSettings } from './contract/chunk.ts';

/**
 * What `resolveSettings` makes the same settings of, but for the rate, which every chunk has its share of, and the family,
 * which the targets have already.
 * @throws EchosweepError OPTION_INVALID for settings that mean something on one machine only
 */
export function chunkSettingsOf(settings: SweepSettings): ChunkSettings {
  refuseOwnMachine(settings);
  const { source4, source6, interface: _, send, workers, ratePps, family, ...portable } = settings;
  const { retries, timeoutMs, backoff, patience, tcpPorts, arpRatePps, canary, ...others } =
    portable;
  return {
    ...others,
    ...(others.count === 1 && { retries }),
    ...(patience === undefined ? { timeoutMs, backoff } : { patience: String(patience) }),
    ...(tcpPorts !== undefined && { tcp: tcpPorts }),
    // JSON has no number for no limit.
    ...(arpRatePps !== undefined && { arpRatePps: Math.min(arpRatePps, RATE_PPS.to) }),
    ...canaryOption(canary),
    ...(others.rdnsTimeoutMs !== undefined && { rdns: true }),
  };
}

/** The share that one of so many chunks at once has of what all of a site may send. */
export function shareOf(settings: ChunkSettings, slots: number): ChunkSettings {
  const { arpRatePps } = settings;
  if (arpRatePps === undefined) return settings;
  return { ...settings, arpRatePps: Math.max(arpRatePps / slots, RATE_PPS.from) };
}

function canaryOption(canary: SweepSettings['canary']): Pick<ChunkSettings, 'canary'> {
  if (canary === undefined) return { canary: false };
  if (canary === 'gateway') return {};
  return { canary: formatZonedAddress(canary) };
}

function refuseOwnMachine(settings: SweepSettings): void {
  const { source4, source6, interface: interfaceName, send, workers } = settings;
  const given = [
    source4 === undefined && source6 === undefined ? '' : '--source',
    interfaceName === undefined ? '' : '--interface',
    send === 'auto' ? '' : '--send',
    workers === undefined ? '' : '--workers',
  ].find((flag) => flag !== '');
  if (given === undefined) return;
  throw optionInvalid(`${given} is about this machine, and agents are to sweep`, 'leave it out');
}
