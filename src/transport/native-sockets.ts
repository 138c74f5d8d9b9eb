/** The system's own sockets through koffi, opened by one thread and used by others: what each system's folder provides. */

import type { Family } from '../address.ts';
import type { Ethernet } from '../host-network/host-network.ts';
import type { LocalLink } from '../host-network/local-link.ts';
import { echoPacketOctets } from '../wire/ip-header.ts';
import type { SocketOptions, Transport } from './contract.ts';
import type { IcmpHandle, LinkHandle, SocketKind, ThreadSockets, WayPast } from './handles.ts';

/** What a system's folder provides. Every function that opens a socket throws an EchosweepError if the system refuses. */
export interface NativeSockets {
  /** Whether the system counts the packets that a socket's buffer dropped. */
  readonly countsDrops: boolean;
  /** More workers would not help; absent if they may. */
  readonly mostWorkers?: number;
  /**
   * @param heardOn name of the only interface on the way to the targets, if a ring may show what passes it
   * @param past how to send past the system, where a ring shows what leaves
   * @throws EchosweepError `NO_ENGINE` if the system does not allow it, `OPTION_INVALID` if an option cannot be met
   */
  openIcmpSocket(
    kind: SocketKind,
    family: Family,
    options: SocketOptions,
    heardOn?: string,
    past?: WayPast,
  ): IcmpHandle;
  /** Whether link sockets can be opened at all: some containers forbid them even where raw sockets work. */
  mayOpenLinkSockets(): boolean;
  /** Opens a socket that pings resolved hosts. @throws EchosweepError `SOCKET_FAILED` */
  openLinkSocket(link: LocalLink, ethernet: Ethernet, options: SocketOptions): LinkHandle;
  /** Opens a socket that resolves hosts by ARP or NDP. @throws EchosweepError `SOCKET_FAILED` */
  openNeighbourSocket(link: LocalLink, ethernet: Ethernet): LinkHandle;
  /** Closes any of them, at once. */
  closeSocket(handle: IcmpHandle | LinkHandle): void;
  /**
   * Closes them side by side, on other threads; absent if that gains nothing. To be called once privileges are given up:
   * such a thread would keep them.
   */
  closeAside?(handles: readonly (IcmpHandle | LinkHandle)[]): Promise<void>;
  /**
   * The calling thread's transport. Its `close` frees memory and leaves the descriptors open.
   * @param options those that the sockets were opened with
   */
  transportOver(sockets: ThreadSockets, options: SocketOptions): Transport;
}

/** Whether an echo request fits into one frame: no router on this way would fragment it. */
export function fitsIntoFrame(family: Family, payloadOctets: number, { mtu }: Ethernet): boolean {
  return echoPacketOctets(family, payloadOctets) <= mtu;
}

/** It runs files that its user unpacked and can change: a capability of its own would be one for any code. */
function isSingleExecutable(): boolean {
  return process.getBuiltinModule?.('node:sea')?.isSea() === true;
}

const WITH_KOFFI = [
  'npm install -g echosweep   (without --omit=optional: the engine needs koffi)',
] as const;

/** By engine and system: lines any one of which may make it work. */
export const NATIVE_REMEDIES: Readonly<
  Record<SocketKind, Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>>>
> = {
  raw: {
    linux: [
      'sudo echosweep …   (root is given up as soon as the sockets are open)',
      ...(isSingleExecutable()
        ? []
        : [
            `sudo setcap cap_net_raw+ep ${process.execPath}   (for every script that this node runs)`,
          ]),
      'AmbientCapabilities=CAP_NET_RAW   (in the [Service] section of a systemd unit)',
    ],
  },
  dgram: {
    linux: [
      'sudo sysctl -w net.ipv4.ping_group_range="0 2147483647"',
      "echo 'net.ipv4.ping_group_range = 0 2147483647' | sudo tee /etc/sysctl.d/60-ping.conf   (to keep it)",
    ],
    darwin: WITH_KOFFI,
  },
  icmp: { win32: WITH_KOFFI },
};
