/** The places that a block's hosts hold among the unresolved neighbours, which are capped over all workers. */

import type { ProbeLevel } from './probe-level.ts';

/** The kernel gives up on a neighbour after 3 ARP or NDP requests a second apart (arp(7), measured 3.07 s). */
const KERNEL_GIVES_UP_NS = 3_200_000_000;
/** How often to look for a free place. */
const POLL_NS = 2_000_000;

/** The cap, as one block sees it. */
export interface NeighbourCap {
  take(): boolean;
  give(): void;
}

/** What the hosts of a block take up in the system's neighbour table. */
export interface NeighbourPlaces {
  /** When to try again after the cap was reached; 0 before. */
  readonly nextTryNs: number;
  /** Takes a place for the host that is probed next. @returns false if the cap is reached */
  take(nowNs: number): boolean;
  /** The place that was taken last is this host's. */
  hold(host: number): void;
  release(host: number): void;
  /** Returns the places of hosts that the kernel has given up by now. @param first every host's first probe */
  releaseOld(first: ProbeLevel, nowNs: number): void;
  releaseAll(): void;
  /** Whether the kernel may still be looking for some of the hosts. */
  isHolding(first: ProbeLevel): boolean;
}

/** Of hosts that the system does not look for. */
export const NO_PLACES: NeighbourPlaces = {
  nextTryNs: 0,
  take: () => true,
  hold: () => {},
  release: () => {},
  releaseOld: () => {},
  releaseAll: () => {},
  isHolding: () => false,
};

/** Of hosts on a local network whose MAC addresses the system resolves. */
export class CappedPlaces implements NeighbourPlaces {
  nextTryNs = 0;
  private readonly cap: NeighbourCap;
  /** By host: 1 if it holds a place. */
  private readonly held: Uint8Array;
  /** Position in the order of first probes of the first host that may still hold a place. */
  private head = 0;

  constructor(count: number, cap: NeighbourCap) {
    this.cap = cap;
    this.held = new Uint8Array(count);
  }

  take(nowNs: number): boolean {
    if (this.cap.take()) return true;
    this.nextTryNs = nowNs + POLL_NS;
    return false;
  }

  hold(host: number): void {
    this.held[host] = 1;
  }

  release(host: number): void {
    if (this.held[host] === 0) return;
    this.held[host] = 0;
    this.cap.give();
  }

  releaseOld(first: ProbeLevel, nowNs: number): void {
    while (this.head < first.sentCount) {
      const host = first.sentHosts[this.head]!;
      if (this.held[host] === 1 && first.sentAtNs[host]! + KERNEL_GIVES_UP_NS > nowNs) return;
      this.release(host);
      this.head++;
    }
  }

  releaseAll(): void {
    for (let host = 0; host < this.held.length; host++) this.release(host);
  }

  isHolding(first: ProbeLevel): boolean {
    return this.head < first.sentCount;
  }
}
