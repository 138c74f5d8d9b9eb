/** The places that the hosts of an on-link block hold among the unresolved neighbours, which are capped over all workers. */

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

export class NeighbourPlaces {
  /** Where the cap was reached: when to look again. */
  nextTryNs = 0;
  private readonly cap: NeighbourCap;
  /** By host: 1 where it holds a place. */
  private readonly held: Uint8Array;
  /** Position in the order of first probes of the first host that may still hold a place. */
  private head = 0;

  constructor(hosts: number, cap: NeighbourCap) {
    this.cap = cap;
    this.held = new Uint8Array(hosts);
  }

  /** Takes a place for whoever is asked next. @returns false where the cap is reached */
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

  /** Gives back the places of hosts that the kernel has given up by now. @param first every host's first probe */
  releaseOld(first: ProbeLevel | undefined, nowNs: number): void {
    while (first !== undefined && this.head < first.sentCount) {
      const host = first.sentHosts[this.head]!;
      if (this.held[host] === 1 && first.sentAtNs[host]! + KERNEL_GIVES_UP_NS > nowNs) return;
      this.release(host);
      this.head++;
    }
  }

  releaseAll(): void {
    for (let host = 0; host < this.held.length; host++) this.release(host);
  }

  /** Whether the kernel may still be looking for some of the hosts. */
  isHolding(first: ProbeLevel | undefined): boolean {
    return this.head < (first?.sentCount ?? 0);
  }
}
