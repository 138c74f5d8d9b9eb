/** Hosts behind gateways that answer no ARP or NDP: they are errors of the network in between, not hosts that are down. */

import { type Family, formatZonedAddress, parseAddress } from '../address.ts';
import type { Gateway, RoutesToTargets } from '../host-network/routes-to-targets.ts';
import { type BlockResults, emptyResults } from '../results/block-results.ts';
import { addressText } from '../results/block-targets.ts';
import { cellCodeOfOutcome } from '../results/cell-code.ts';
import { InternedTexts } from '../results/interned-texts.ts';
import { outcomeNumber, reasonNumber, statusNumber } from '../results/outcome.ts';
import type { PlannedBlock } from './block-engine.ts';
import type { GatewayNow } from './gateway-now.ts';

const ERROR = statusNumber('error');
const DOWN = statusNumber('down');
const UP = statusNumber('up');
const UNREACHABLE = statusNumber('unreachable');
const CUT_OFF = outcomeNumber('error', 'gateway-unresolved');
const GATEWAY_UNRESOLVED = reasonNumber('gateway-unresolved');
const ARP_FAILED = reasonNumber('arp-failed');

export class CutOffHosts {
  private readonly routes: RoutesToTargets;
  private readonly hidden: readonly Family[];
  private readonly gatewayNow: GatewayNow;
  private readonly found = new Set<string>();
  /** Those of them behind which no host has answered since. */
  private readonly failing = new Set<string>();
  private isUnknownFound = false;

  /**
   * @param hidden families of which `routes` are not the whole picture
   * @param gatewayNow what the system says of a single host of these families
   */
  constructor(
    routes: RoutesToTargets,
    hidden: readonly Family[],
    gatewayNow: GatewayNow = () => undefined,
  ) {
    this.routes = routes;
    this.hidden = hidden;
    this.gatewayNow = gatewayNow;
  }

  /** The gateways that could not be resolved, in the order in which that was found; `to ADDRESS` for one without a name. */
  get gateways(): readonly string[] {
    return [...this.found];
  }

  /** The results of a block that is not probed. */
  unprobed({ targets, liveCells }: PlannedBlock): BlockResults {
    const responders = new InternedTexts();
    const results = { ...emptyResults(targets, 1), responders: responders.texts };
    for (let host = 0; host < targets.count; host++) {
      const gateway = this.gatewayOf(results, host);
      this.cutOff(results, host, formatZonedAddress(gateway!), responders);
    }
    liveCells?.fill(cellCodeOfOutcome(CUT_OFF));
    return results;
  }

  /** Whether `correct` may still make an error of a host, once more is known about its gateway. */
  mayCorrect(results: BlockResults, host: number): boolean {
    if (results.status[host] !== DOWN || results.targets.zone !== '') return false;
    return this.isHidden(results)
      ? results.reason[host] === ARP_FAILED
      : this.gatewayOf(results, host) !== undefined;
  }

  /**
   * Finds the gateways that our own system could not resolve during the sweep: it says so of some of the hosts behind them
   * (as of one on a local network), and the others stay silent. @returns the results with those hosts as errors
   */
  correct(results: BlockResults): BlockResults {
    const { targets, status, reason } = results;
    if (targets.zone !== '') return results;
    const isAnyFailed = reason.some((each, host) => isFailed(status[host]!, each));
    if (this.isHidden(results)) return isAnyFailed ? this.correctOneByOne(results) : results;
    if (!isAnyFailed && this.failing.size === 0) return results;
    const gateways = Array.from({ length: targets.count }, (_, host) => {
      const gateway = this.gatewayOf(results, host);
      return gateway === undefined ? undefined : formatZonedAddress(gateway);
    });
    const alive = new Set<string>();
    const failed = new Set(this.failing);
    gateways.forEach((gateway, host) => {
      if (gateway === undefined) return;
      if (isFailed(status[host]!, reason[host]!)) failed.add(gateway);
      else if (status[host] === UP || status[host] === UNREACHABLE) alive.add(gateway);
    });
    for (const gateway of failed) this.failing.add(gateway);
    for (const gateway of alive) this.failing.delete(gateway);
    const [corrected, responders] = withRoom(results);
    gateways.forEach((gateway, host) => {
      if (gateway === undefined || !failed.has(gateway) || status[host] !== DOWN) return;
      if (reason[host] === ARP_FAILED || !alive.has(gateway))
        this.cutOff(corrected, host, gateway, responders);
    });
    return corrected;
  }

  /** Hosts that only the system knows the way to: those that are silent may be on another way than those that failed. */
  private correctOneByOne(results: BlockResults): BlockResults {
    const { targets, status, reason } = results;
    const { family } = targets;
    const [corrected, responders] = withRoom(results);
    for (let host = 0; host < targets.count; host++) {
      if (!isFailed(status[host]!, reason[host]!)) continue;
      const address = addressText(targets, host);
      const gateway = this.gatewayNow(family, parseAddress(address)!.value);
      if (gateway === undefined) continue;
      if (gateway !== 'unknown')
        this.cutOff(corrected, host, formatZonedAddress(gateway), responders);
      else this.cutOffBehindUnknown(corrected, host, address);
    }
    return corrected;
  }

  private cutOff(
    results: BlockResults,
    host: number,
    gateway: string,
    responders: InternedTexts,
  ): void {
    this.found.add(gateway);
    noteCutOff(results, host);
    results.responder[host] = 1 + responders.indexOf(gateway);
  }

  private cutOffBehindUnknown(results: BlockResults, host: number, address: string): void {
    // One host is enough to say which gateway is meant.
    if (!this.isUnknownFound) this.found.add(`to ${address}`);
    this.isUnknownFound = true;
    noteCutOff(results, host);
  }

  private isHidden({ targets }: BlockResults): boolean {
    return this.hidden.includes(targets.family);
  }

  private gatewayOf({ targets }: BlockResults, host: number): Gateway | undefined {
    const { family, value } = parseAddress(addressText(targets, host))!;
    return this.routes.gatewayTo(family, value);
  }
}

function isFailed(status: number, reason: number): boolean {
  return status === DOWN && reason === ARP_FAILED;
}

function noteCutOff(results: BlockResults, host: number): void {
  results.status[host] = ERROR;
  results.reason[host] = GATEWAY_UNRESOLVED;
}

/** The results with responders that more can be added to. */
function withRoom(results: BlockResults): [BlockResults, InternedTexts] {
  const responders = new InternedTexts();
  for (const text of results.responders) responders.indexOf(text);
  return [{ ...results, responders: responders.texts }, responders];
}
