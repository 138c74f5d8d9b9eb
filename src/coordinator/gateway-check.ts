/** Resolves the gateways on the way to the targets before they are probed: nothing gets past one that is not there. */

import { setTimeout as sleep, setImmediate as turn } from 'node:timers/promises';
import { formatAddressBytes } from '../address.ts';
import type { ConnectedNetworks } from '../host-network/connected-networks.ts';
import {
  type Ethernet,
  type LinkTables,
  NEIGHBOUR,
  type NeighbourState,
} from '../host-network/host-network.ts';
import type { NextHop } from '../host-network/routes-to-targets.ts';
import type { SharedState } from '../probe/shared-state.ts';
import {
  addressText,
  type BlockTargets,
  blockOfRanges,
  indexOfAddress,
  writeAddress,
} from '../results/block-targets.ts';
import type { NeighbourSocket, Transport } from '../transport/contract.ts';
import type { BlockEngine } from './block-engine.ts';
import { countPackets, noPackets } from './canary.ts';
import { isIn, rangeOfHost } from './single-host.ts';

/** Each costs a request; no host has so many uplinks. */
const MOST_GATEWAYS = 16;
/** As often and as long as the kernel tries to resolve a neighbour (arp(7), measured 3.07 s). */
const REQUESTS = 3;
const REQUEST_EVERY_MS = 1000;
const KERNEL_GIVES_UP_MS = 3300;
const POLL_MS = 2;
/** For this long it looks at every turn of the event loop: most gateways answer at once, and a small sweep waits for that. */
const AT_ONCE_MS = 1;

export class GatewayCheck {
  /** What was sent to have the system resolve gateways. */
  readonly packets = noPackets();
  private readonly tables: LinkTables;
  private readonly ethernets: ReadonlyMap<string, Ethernet>;
  private readonly networks: ConnectedNetworks;
  private readonly shared: SharedState;
  private readonly mayPing: boolean;
  private readonly pings: Promise<void>[] = [];
  private readonly asked: {
    readonly gateway: NextHop;
    readonly answered: Promise<boolean | undefined>;
  }[] = [];
  /** Links and addresses of all hosts that answer there. */
  private readonly heard = new Set<string>();

  /** @param ethernets of the tables @param networks those of the gateways @param mayPing whether anything but the targets may be pinged */
  constructor(
    tables: LinkTables,
    ethernets: ReadonlyMap<string, Ethernet>,
    networks: ConnectedNetworks,
    shared: SharedState,
    mayPing: boolean,
  ) {
    this.tables = tables;
    this.ethernets = ethernets;
    this.networks = networks;
    this.shared = shared;
    this.mayPing = mayPing;
  }

  /**
   * Sends ARP and NDP requests to the gateways for whose links there are sockets; once, before `unresolved`.
   * @param sockets undefined if the system has to resolve all
   * @returns when each has answered, or has not for 3 s; never rejects
   */
  async ask(gateways: readonly NextHop[], sockets: Transport | undefined): Promise<void> {
    for (const gateway of gateways.slice(0, MOST_GATEWAYS))
      this.asked.push({ gateway, answered: this.answersUs(gateway, sockets) });
    await Promise.allSettled(this.asked.map(({ answered }) => answered));
  }

  /**
   * Those of the gateways that answer neither ARP nor NDP. Takes no longer than the last answer, or 3.3 s.
   * @param engine has the system resolve those that we have no socket for
   */
  async unresolved(engine: BlockEngine): Promise<NextHop[]> {
    const verdicts = await Promise.all(
      this.asked.map(
        async ({ gateway, answered }) =>
          (await answered) ?? (await this.answersSystem(gateway, engine)),
      ),
    );
    return this.asked.filter((_, i) => !verdicts[i]).map(({ gateway }) => gateway);
  }

  /** Those of the gateways that the system has tried to resolve in vain. Sends nothing; takes a second if there are any. */
  async failed(gateways: readonly NextHop[]): Promise<NextHop[]> {
    const verdicts = await Promise.all(
      gateways.slice(0, MOST_GATEWAYS).map((gateway) => {
        const { state } = this.entryOf(gateway);
        // One that is being resolved at this moment answers in time.
        return this.comesTrue(() => state() !== NEIGHBOUR.unresolved, REQUEST_EVERY_MS);
      }),
    );
    return gateways.filter((_, i) => verdicts[i] === false);
  }

  /** Waits for the pings that are under way, and counts them. */
  async settle(): Promise<void> {
    await Promise.all(this.pings);
  }

  /** @returns undefined without a socket for its link */
  private async answersUs(
    nextHop: NextHop,
    sockets: Transport | undefined,
  ): Promise<boolean | undefined> {
    const { gateway, interface: name } = nextHop;
    const link = this.networks.ranges.find(
      (range) => range.interface === name && isIn([range], gateway),
    )?.link;
    const socket = sockets?.neighbourSockets?.find(({ linkIndex }) => linkIndex === link?.index);
    if (link === undefined || socket === undefined) return undefined;
    const { targets, interfaceIndex, state } = this.entryOf(nextHop);
    if (interfaceIndex === undefined || state() === NEIGHBOUR.permanent) return true;
    return this.answers(socket, targets);
  }

  private async answersSystem(nextHop: NextHop, engine: BlockEngine): Promise<boolean> {
    const { targets, interfaceIndex, state } = this.entryOf(nextHop);
    // Without ARP, such as on a tunnel, there is nothing to resolve.
    if (interfaceIndex === undefined) return true;
    const isResolved = (): boolean => (state() ?? NEIGHBOUR.unresolved) !== NEIGHBOUR.unresolved;
    if (isResolved() || !this.mayPing) return true;
    this.ping(engine, targets, nextHop.gateway.zone === '' ? 0 : interfaceIndex);
    if (await this.comesTrue(isResolved, KERNEL_GIVES_UP_MS)) return true;
    // No entry at all: the system never tried to resolve it.
    return state() === undefined;
  }

  /** The gateway among the neighbours of the system. */
  private entryOf({ gateway, interface: name }: NextHop): {
    readonly targets: BlockTargets;
    /** undefined on an interface without ARP. */
    readonly interfaceIndex: number | undefined;
    readonly state: () => NeighbourState | undefined;
  } {
    const { tables, ethernets } = this;
    const targets = blockOfRanges([rangeOfHost(gateway)]);
    const interfaceIndex = ethernets.get(name)?.interfaceIndex;
    const state = (): NeighbourState | undefined =>
      interfaceIndex === undefined ? undefined : stateOf(targets, interfaceIndex, tables);
    return { targets, interfaceIndex, state };
  }

  /** Whether the gateway answers a request of ours. */
  private async answers(socket: NeighbourSocket, targets: BlockTargets): Promise<boolean> {
    const { tx, family, answers } = socket;
    const key = `${socket.linkIndex} ${addressText({ ...targets, zone: '' }, 0)}`;
    const hasAnswered = (): boolean => {
      // Several gateways may be on this link: each check reads the replies of all of them.
      for (let count = socket.receive(); count > 0; count = socket.receive()) {
        for (let slot = 0; slot < count; slot++) {
          const address = formatAddressBytes(family, answers.view, slot * answers.stride);
          this.heard.add(`${socket.linkIndex} ${address}`);
        }
      }
      return this.heard.has(key);
    };
    for (let request = 0; request < REQUESTS; request++) {
      writeAddress(targets, 0, tx.addressView, tx.addressOffset);
      // What prevents sending, such as an interface without a carrier, is reported elsewhere.
      if (socket.send(0, 1) !== 1) return true;
      if (await this.comesTrue(hasAnswered, REQUEST_EVERY_MS)) return true;
    }
    return false;
  }

  /** Whether the condition comes true in time, or the sweep is stopped meanwhile. */
  private async comesTrue(condition: () => boolean, withinMs: number): Promise<boolean> {
    const startMs = performance.now();
    while (!condition() && !this.shared.stopped) {
      const waitedMs = performance.now() - startMs;
      if (waitedMs > withinMs) return false;
      await (waitedMs < AT_ONCE_MS ? turn() : sleep(POLL_MS));
    }
    return true;
  }

  /** Has the system resolve a gateway. */
  private ping(engine: BlockEngine, targets: BlockTargets, scopeId: number): void {
    const probed = engine.probe({ targets, scopeId, reach: 'routed', isCanary: true });
    const counted = probed.then(
      (results) => results && countPackets(this.packets, results),
      // What prevents this block from being probed also affects the sweep's own blocks, and is reported there.
      () => {},
    );
    this.pings.push(counted);
  }
}

/**
 * What the system knows about a gateway; undefined if nothing.
 * @param interfaceIndex undefined for any interface: resolved on one of them counts
 */
export function stateOf(
  targets: BlockTargets,
  interfaceIndex: number | undefined,
  tables: LinkTables,
): NeighbourState | undefined {
  let found: NeighbourState | undefined;
  tables.visitNeighbours(targets.family, (view, offset, index, state) => {
    const isOnInterface = interfaceIndex === undefined || index === interfaceIndex;
    if (isOnInterface && indexOfAddress(targets, view, offset) === 0) found = state;
  });
  return found;
}
