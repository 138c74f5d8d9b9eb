/** What one sweep after another of the same targets can share: routes, sockets, threads and shared memory. */

import type { BlockEngine, OpenedEngine } from './coordinator/block-engine.ts';
import { openFor } from './coordinator/engine-for-targets.ts';
import { promptGateways } from './coordinator/gateway-prompt.ts';
import { lookAround, type Outlook, resolveZones, scopeIdOfCanary } from './coordinator/outlook.ts';
import { maySendPast } from './coordinator/ways-past.ts';
import type { HostNetwork } from './host-network/host-network.ts';
import { loadHostNetwork } from './host-network/load-host-network.ts';
import type { ZoneInterfaces } from './host-network/zone-interface.ts';
import { prepareSharedState, SharedState } from './probe/shared-state.ts';
import type { SweepSettings } from './settings.ts';
import type { TargetSet } from './targets/target-set.ts';
import { monotonicNs } from './transport/monotonic-clock.ts';

/** What is swept and how; the same in every sweep of a base. */
export interface SweepBasis {
  readonly settings: SweepSettings;
  readonly targets: TargetSet;
}

export class SweepBase {
  readonly host: HostNetwork;
  readonly outlook: Outlook;
  /** The interfaces that the targets' zones mean. */
  readonly zones: ZoneInterfaces;
  /** Interface index of the canary's zone, else 0. */
  readonly canaryScopeId: number;
  readonly opened: OpenedEngine;
  readonly shared: SharedState;
  /** Whether a gateway did not answer in the last sweep, so that the routes may have changed since. */
  hasLostGateways = false;
  private readonly memory: SharedArrayBuffer;
  private engine: BlockEngine | undefined;

  private constructor(
    host: HostNetwork,
    outlook: Outlook,
    zones: ZoneInterfaces,
    canaryScopeId: number,
    opened: OpenedEngine,
    memory: SharedArrayBuffer,
  ) {
    this.host = host;
    this.outlook = outlook;
    this.zones = zones;
    this.canaryScopeId = canaryScopeId;
    this.opened = opened;
    this.memory = memory;
    this.shared = new SharedState(memory);
  }

  /**
   * Reads the routes and opens the sockets. No thread is started yet.
   * @throws EchosweepError for what stops a whole sweep
   */
  static async open({ settings, targets }: SweepBasis): Promise<SweepBase> {
    const host = await loadHostNetwork();
    const zones = await resolveZones(host, targets.ranges);
    const memory = prepareSharedState({
      ratePps: settings.ratePps,
      ...(settings.arpRatePps !== undefined && { requestRatePps: settings.arpRatePps }),
      neighbourCap: host.neighbourLimit(),
      nowNs: monotonicNs(),
    });
    const outlook = lookAround(host, settings, targets, zones);
    const { canaryHost, networks, gatewayNetworks } = outlook;
    const scopeId = await scopeIdOfCanary(host, canaryHost);
    if (maySendPast(settings) && settings.canary !== undefined)
      await promptGateways(outlook, settings, await host.loadLinkTables());
    const opened = await openFor(settings, targets, canaryHost, {
      links: networks.links,
      gatewayLinks: gatewayNetworks.links,
      heardOn: outlook.heardOn,
      behind: outlook.behind,
    });
    return new SweepBase(host, outlook, zones, scopeId, opened, memory);
  }

  /** Starts the threads of the engine, unless they run since an earlier sweep. */
  async start(): Promise<BlockEngine> {
    this.engine ??= await this.opened.start(this.memory, this.shared);
    return this.engine;
  }

  /** Makes ready for another sweep, after one that has ended. */
  async rest(): Promise<void> {
    // Nothing but the stop flag says to this engine that a sweep has ended, and it heeds that for good.
    if (!this.opened.canGoOn) await this.endEngine();
    this.shared.beginAgain();
  }

  /** Ends threads and sockets; to be called once, after the last sweep. */
  async close(): Promise<void> {
    try {
      await this.endEngine();
    } finally {
      await this.opened.close();
    }
  }

  private async endEngine(): Promise<void> {
    const { engine } = this;
    this.engine = undefined;
    await engine?.close();
  }
}
