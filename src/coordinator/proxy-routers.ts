/** Routers that answer ARP or NDP for addresses of others (proxy ARP, RFC 1027): what they answer for is not present. */

import { type BlockResults, MAC_OCTETS, macText } from '../results/block-results.ts';
import {
  outcomeOfPresence,
  reasonNumber,
  reasonOfOutcome,
  statusNumber,
} from '../results/outcome.ts';

/** A host may have a few addresses; so many that answer no ping are a router's. */
const PROXY_ADDRESSES = 8;

const DOWN = statusNumber('down');
const UP = statusNumber('up');
const NO_RESPONSE = reasonNumber('no-response');

export class ProxyRouters {
  /** By MAC address: how many addresses it has answered for that did not answer pings. */
  private readonly addresses = new Map<string, number>();
  private readonly known = new Set<string>();

  /** Of the routers found so far, in the order in which they were found. */
  get macs(): readonly string[] {
    return [...this.known];
  }

  /** Whether `withdraw` may still call a host down, once more is known about what answered for it. */
  mayWithdraw(results: BlockResults, host: number): boolean {
    return results.macs.length > 0 && isOnlyPresent(results, host);
  }

  /** Calls the hosts down for which only a router answered, by what the sweep has seen up to this block. */
  withdraw(results: BlockResults): void {
    const { targets, status, reason, icmpType, icmpCode, macs } = results;
    if (macs.length === 0) return;
    const present: { readonly host: number; readonly mac: string }[] = [];
    for (let host = 0; host < targets.count; host++) {
      if (!isOnlyPresent(results, host)) continue;
      const mac = macText(macs, host * MAC_OCTETS);
      if (mac === null) continue;
      present.push({ host, mac });
      const count = (this.addresses.get(mac) ?? 0) + 1;
      this.addresses.set(mac, count);
      if (count >= PROXY_ADDRESSES) this.known.add(mac);
    }
    for (const { host, mac } of present) {
      if (!this.known.has(mac)) continue;
      status[host] = DOWN;
      reason[host] = NO_RESPONSE;
      icmpType[host] = 0;
      icmpCode[host] = 0;
    }
  }
}

function isOnlyPresent({ targets, status, reason }: BlockResults, host: number): boolean {
  const presence = reasonOfOutcome(outcomeOfPresence(targets.family));
  return status[host] === UP && reason[host] === presence;
}
