/** Which hosts of a local network are there at all: probed by ARP or NDP, so that only those need be pinged. */

import type { AnswerBatch } from '../transport/contract.ts';
import type { Evidence } from './evidence.ts';
import { type BlockRules, HostBlock, MARK } from './host-block.ts';
import { NO_PLACES } from './neighbour-places.ts';
import { RetryPace } from './retry-pace.ts';
import type { Schedule } from './schedule.ts';
import type { FoundHosts, UnprobedHosts } from './unprobed-hosts.ts';

/** ARP (arp(7)) and NDP (RFC 4861 section 10) wait a second for an answer, however patient the pings are. */
const TIMEOUT_NS = 1_000_000_000;
/** A link answers in milliseconds, or in a few beacon intervals if a host sleeps. */
const GAP_NS = 400_000_000;
/** As many as the kernel sends (`mcast_solicit`), if the sweep itself does not retry. */
const USUAL_REQUESTS = 3;

/** The schedule of the requests, made from that of the probes. */
function searchSchedule({ probes, timeoutNs, stopsWhenAnswered }: Schedule): Schedule {
  const requests = stopsWhenAnswered ? probes : USUAL_REQUESTS;
  // One more, for a host whose last request may have left late, or whose answer may have been dropped.
  const room = requests + 1;
  const patienceNs = Math.min(timeoutNs[0]!, TIMEOUT_NS);
  return {
    probes: requests,
    room,
    stopsWhenAnswered: true,
    timeoutNs: new Float64Array(room).fill(patienceNs),
    gapNs: new Float64Array(room).fill(Math.min(patienceNs, GAP_NS)),
  };
}

export class NeighbourSearch {
  /** The requests: a block like that of the pings, whose probes are ARP or NDP. */
  readonly block: HostBlock;
  /** Of the hosts, whichever way they are probed. */
  readonly evidence: Evidence;
  private readonly pings: HostBlock;
  private readonly found: FoundHosts;
  private readonly retryPace: RetryPace;

  /** @param pings of the hosts that are found here @param found takes them @param order all hosts, in the order of the search */
  constructor(
    pings: HostBlock,
    found: FoundHosts,
    evidence: Evidence,
    rules: BlockRules,
    order: UnprobedHosts,
  ) {
    const schedule = searchSchedule(rules.schedule);
    this.pings = pings;
    this.found = found;
    this.evidence = evidence;
    this.retryPace = new RetryPace(schedule);
    const own = { ...rules, loss: undefined, schedule, retryPace: this.retryPace };
    this.block = new HostBlock(pings.setup, own, order, NO_PLACES);
    this.block.onFinal = (host) => this.settle(host);
  }

  /** An answer about a host, from slot `slot`. @returns whether there was a request for it */
  recordAnswer(host: number, answers: AnswerBatch, slot: number, nowNs: number): boolean {
    const { hosts, levels } = this.block;
    const round = hosts.attempts[host]! - 1;
    if (round < 0) return false;
    // An answer that comes after its host was given up is too late.
    if (hosts.isFinal(host) && !hosts.isAnswered(host)) return true;
    this.evidence.macs.note(host, answers.view, slot * answers.stride + answers.macOffset);
    if (hosts.isFinal(host)) return true;
    const sentAtNs = levels[round]!.sentAtNs[host]!;
    this.retryPace.note(nowNs - sentAtNs);
    // Whenever it is read, the host is there, and no further answer is waited for.
    this.block.recordReply(host, round, sentAtNs, false);
    this.block.conclude(host);
    return true;
  }

  private settle(host: number): void {
    if (this.block.hosts.isAnswered(host)) this.found.add(host);
    else this.recordMissing(host);
  }

  /** The requests that nothing answered count as the probes of a host that is not pinged. */
  private recordMissing(host: number): void {
    const { block, pings } = this;
    this.found.addMissing();
    for (let round = 0; round < block.hosts.attempts[host]!; round++) {
      const level = block.levels[round]!;
      const sentAtNs = level.sentAtNs[host]!;
      if (level.markOf(host) === MARK.unsent) pings.recordUnsent(host, sentAtNs);
      else pings.recordSent(host, sentAtNs);
    }
    if (pings.hosts.sentTo(host) > 0) pings.giveUp(host);
    else pings.conclude(host);
  }
}
