/** Hosts behind gateways that answer no ARP or NDP: they are errors of the network in between, not hosts that are down. */

import { type Family, parseAddress } from '../address.ts';
import type { Gateway, RoutesToTargets } from '../host-network/routes-to-targets.ts';
import { type BlockResults, emptyResults } from '../results/block-results.ts';
import { addressText } from '../results/block-targets.ts';
import { cellCodeOfOutcome } from '../results/cell-code.ts';
import { InternedTexts } from '../results/interned-texts.ts';
import { outcomeNumber, reasonNumber, statusNumber } from '../results/outcome.ts';
import type { PlannedBlock } from './block-engine.ts';
import { addressOf } from './single-host.ts';

const ERROR = statusNumber('error');
const DOWN = statusNumber('down');
const UP = statusNumber('up');
const UNREACHABLE = statusNumber('unreachable');
const CUT_OFF = outcomeNumber('error', 'gateway-unresolved');
const GATEWAY_UNRESOLVED = reasonNumber('gateway-unresolved');
const ARP_FAILED = reasonNumber('arp-failed');

export class CutOffHosts {
  private readonly routes: RoutesToTargets;
  private readonly ruled: readonly Family[];
  private readonly found = new Set<string>();

  /** @param ruled families whose routes depend on more than the destination, so that the gateways are not known */
  constructor(routes: RoutesToTargets, ruled: readonly Family[]) {
    this.routes = routes;
    this.ruled = ruled;
  }

  /** The gateways that could not be resolved, in the order in which that was found. */
  get gateways(): readonly string[] {
    return [...this.found];
  }

  /** The results of a block that is not probed. */
  unprobed({ targets, liveCells }: PlannedBlock): BlockResults {
    const responders = new InternedTexts();
    const results = { ...emptyResults(targets, 1), responders: responders.texts };
    for (let host = 0; host < targets.count; host++) {
      const gateway = this.gatewayOf(results, host);
      this.cutOff(results, host, addressOf(gateway!), responders);
    }
    liveCells?.fill(cellCodeOfOutcome(CUT_OFF));
    return results;
  }

  /** Whether `correct` may still make an error of a host, once more is known about its gateway. */
  mayCorrect(results: BlockResults, host: number): boolean {
    return (
      results.status[host] === DOWN &&
      this.knowsGateways(results) &&
      this.gatewayOf(results, host) !== undefined
    );
  }

  /**
   * Finds the gateways that our own system could not resolve during the sweep: it says so of some of the hosts behind them
   * (as of one on a local network), and the others stay silent. @returns the results with those hosts as errors
   */
  correct(results: BlockResults): BlockResults {
    const { targets, status, reason } = results;
    if (!this.knowsGateways(results)) return results;
    const isAnyFailed = reason.some((each, host) => isFailed(status[host]!, each));
    if (!isAnyFailed && this.found.size === 0) return results;
    const gateways = Array.from({ length: targets.count }, (_, host) => {
      const gateway = this.gatewayOf(results, host);
      return gateway === undefined ? undefined : addressOf(gateway);
    });
    const alive = new Set<string>();
    const failed = new Set(this.found);
    gateways.forEach((gateway, host) => {
      if (gateway === undefined) return;
      if (isFailed(status[host]!, reason[host]!)) failed.add(gateway);
      else if (status[host] === UP || status[host] === UNREACHABLE) alive.add(gateway);
    });
    const responders = new InternedTexts();
    for (const text of results.responders) responders.indexOf(text);
    const corrected = { ...results, responders: responders.texts };
    gateways.forEach((gateway, host) => {
      if (gateway === undefined || !failed.has(gateway) || status[host] !== DOWN) return;
      if (reason[host] === ARP_FAILED || !alive.has(gateway))
        this.cutOff(corrected, host, gateway, responders);
    });
    return corrected;
  }

  private cutOff(
    results: BlockResults,
    host: number,
    gateway: string,
    responders: InternedTexts,
  ): void {
    this.found.add(gateway);
    results.status[host] = ERROR;
    results.reason[host] = GATEWAY_UNRESOLVED;
    results.icmpType[host] = 0;
    results.icmpCode[host] = 0;
    results.responder[host] = 1 + responders.indexOf(gateway);
  }

  private knowsGateways({ targets }: BlockResults): boolean {
    return targets.zone === '' && !this.ruled.includes(targets.family);
  }

  private gatewayOf({ targets }: BlockResults, host: number): Gateway | undefined {
    const { family, value } = parseAddress(addressText(targets, host))!;
    return this.routes.gatewayTo(family, value);
  }
}

function isFailed(status: number, reason: number): boolean {
  return status === DOWN && reason === ARP_FAILED;
}
