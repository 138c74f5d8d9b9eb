/** What a sweep would do. */

import { formatZonedAddress } from './address.ts';
import { canProbe, openFor } from './coordinator/engine-for-targets.ts';
import { lookAround, resolveZones, scopeIdOfCanary } from './coordinator/outlook.ts';
import { maySendPast } from './coordinator/ways-past.ts';
import { loadHostNetwork } from './host-network/load-host-network.ts';
import type { LocalLink } from './host-network/local-link.ts';
import type { Engine } from './options.ts';
import { makeSchedule, sentAfterNs } from './probe/schedule.ts';
import type { CanaryRecord } from './results/run-record.ts';
import type { SweepSettings } from './settings.ts';
import type { TargetSet } from './targets/target-set.ts';

export interface SweepPlan {
  readonly targets: number;
  /** If every host replies at once, and if none does. */
  readonly probesMin: number;
  readonly probesMax: number;
  readonly secondsMin: number;
  readonly secondsMax: number;
  readonly engine: Engine;
  readonly engineReason: string;
  readonly workers: number;
  /** Where hosts would be resolved by ARP and NDP before they are pinged; empty if that is left to the system. */
  readonly links: readonly LocalLink[];
  /** For people: by which way requests would leave; empty if only that through the system is wanted. */
  readonly sending: readonly string[];
  /** The host that would be probed alongside the targets; undefined if there is none. */
  readonly canary: Pick<CanaryRecord, 'address' | 'choice'> | undefined;
}

/**
 * Opens sockets to see which engine works, and sends nothing.
 * @throws EchosweepError for what would stop the sweep before its first probe
 */
export async function planSweep(settings: SweepSettings, targets: TargetSet): Promise<SweepPlan> {
  const host = await loadHostNetwork();
  const zones = await resolveZones(host, targets.ranges);
  const { canaryHost, networks, heardOn, behind } = lookAround(host, settings, targets, zones);
  await scopeIdOfCanary(host, canaryHost);
  const engine = await openFor(settings, targets, canaryHost, {
    links: networks.links,
    ...(maySendPast(settings) && { heardOn, behind }),
  });
  await engine.close();
  const schedule = makeSchedule(settings);
  const { probes, timeoutNs, stopsWhenAnswered } = schedule;
  const probesMax = targets.count * probes;
  const probesMin = stopsWhenAnswered ? targets.count : probesMax;
  const waitNs = sentAfterNs(schedule, probes - 1);
  const { tcpPorts = [], ratePps, timeoutMs } = settings;
  const tcpSeconds =
    tcpPorts.length === 0 ? 0 : (targets.count * tcpPorts.length) / ratePps + timeoutMs / 1000;
  return {
    targets: targets.count,
    probesMin,
    probesMax,
    // A resumed report may lack nothing.
    ...(targets.count === 0
      ? { secondsMin: 0, secondsMax: 0 }
      : {
          secondsMin: probesMin / ratePps + (stopsWhenAnswered ? 0 : waitNs / 1e9),
          secondsMax: probesMax / ratePps + (waitNs + timeoutNs[probes - 1]!) / 1e9 + tcpSeconds,
        }),
    engine: engine.engine,
    engineReason: engine.reason,
    workers: engine.workers,
    links: engine.links,
    sending: engine.sending ?? [],
    canary: canProbe(engine, canaryHost)
      ? { address: formatZonedAddress(canaryHost), choice: canaryHost.choice }
      : undefined,
  };
}
