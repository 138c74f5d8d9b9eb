/** Which hosts of a local network are there at all: probed by ARP or NDP, so that only those need be pinged. */

import type { AnswerBatch } from '../transport/contract.ts';
import type { Evidence } from './evidence.ts';
import { type BlockRules, type FinalHostWatch, HostBlock } from './host-block.ts';
import { NO_PLACES } from './neighbour-places.ts';
import { MARK } from './probe-level.ts';
import { RetryPace } from './retry-pace.ts';
import { PROBES_AFTER_DROPS, type Schedule, sentAfterNs } from './schedule.ts';
import type { FoundHosts, UnprobedHosts } from './unprobed-hosts.ts';

/** RFC 4861 section 10 (`RETRANS_TIMER`): hosts that sleep, or that limit their answers, take no more than one a second. */
const GAP_NS = 1_000_000_000;
/** Before the second request, which then leaves when the last of the kernel's three would: a host that hears nothing for two seconds answers it. */
const FIRST_GAP_NS = 2_000_000_000;
/** What a silent host gets; one more if the second request found another host. */
const USUAL_REQUESTS = 2;

/** The schedule of the requests, made from that of the probes. */
function searchSchedule(pings: Schedule): Schedule {
  const { probes, timeoutNs, stopsWhenAnswered, leastDiscoveryNs } = pings;
  const requests = stopsWhenAnswered ? Math.min(probes, USUAL_REQUESTS) : USUAL_REQUESTS;
  // One more for a link that loses requests.
  const room = requests + 1 + PROBES_AFTER_DROPS;
  const patienceNs = Math.max(timeoutNs[0]!, leastDiscoveryNs);
  const gapNs = new Float64Array(room).fill(GAP_NS);
  gapNs[0] = FIRST_GAP_NS;
  // All requests of a host are waited for until the same moment.
  const waitNs = Float64Array.from({ length: room }, (_, round) => {
    const leftNs = patienceNs - sentAfterNs({ gapNs }, round);
    return Math.max(Math.min(GAP_NS, patienceNs), leftNs);
  });
  return {
    probes: requests,
    patience: undefined,
    room,
    stopsWhenAnswered: true,
    leastDiscoveryNs,
    timeoutNs: waitNs,
    gapNs,
  };
}

export class NeighbourSearch implements FinalHostWatch {
  /** The requests: a block like that of the pings, whose probes are ARP or NDP. */
  readonly block: HostBlock;
  /** Of the hosts, whichever way they are probed. */
  readonly evidence: Evidence;
  private readonly pings: HostBlock;
  private readonly found: FoundHosts;
  private readonly room: number;
  /** Hosts that are pinged while they are searched, and whether their MAC address was configured. */
  private readonly pinged = new Map<number, boolean>();
  /** Whether the options allow a silent host more than one request, apart from those that the system refused. */
  private readonly isRepeated: boolean;
  private hasThirdRequest = false;

  /** @param pings of the hosts that are found here @param found takes them @param order all hosts, in the order of the search */
  constructor(
    pings: HostBlock,
    found: FoundHosts,
    evidence: Evidence,
    rules: BlockRules,
    order: UnprobedHosts,
  ) {
    const schedule = searchSchedule(rules.schedule);
    this.room = schedule.room;
    this.isRepeated = schedule.probes > 1;
    this.pings = pings;
    this.found = found;
    this.evidence = evidence;
    // Nothing is ever noted there: the gap stays as it is, however fast others answer.
    const own = { ...rules, loss: undefined, schedule, retryPace: new RetryPace(schedule) };
    // Only pings are probes of the sweep.
    const setup = { ...pings.setup, liveProbes: undefined };
    this.block = new HostBlock(setup, own, order, NO_PLACES);
    this.block.finalHosts = this;
  }

  /** Our own system's table has the host: it is pinged at once, as the system would. @param isPermanent as it was configured */
  tryKnown(host: number, view: DataView, macAt: number, isPermanent: boolean): void {
    this.evidence.macs.assume(host, view, macAt);
    if (!this.pinged.has(host)) this.found.add(host);
    this.pinged.set(host, isPermanent);
  }

  /** An answer about a host, from slot `slot`. @returns whether there was a request for it */
  recordAnswer(host: number, answers: AnswerBatch, slot: number): boolean {
    const { hosts, levels } = this.block;
    // The latest request that left: after it, the system may have refused others.
    let round = hosts.attempts[host]! - 1;
    while (round >= 0 && levels[round]!.markOf(host) === MARK.unsent) round--;
    if (round < 0) return false;
    // An answer that comes after its host was given up is too late.
    if (hosts.isFinal(host) && !hosts.isAnswered(host)) return true;
    this.evidence.macs.note(host, answers.view, slot * answers.stride + answers.macOffset);
    if (hosts.isFinal(host)) return true;
    const sentAtNs = levels[round]!.sentAtNs[host]!;
    if (round === 1 && this.isRepeated) this.allowThirdRequest();
    // Whenever it is read, the host is there, and no further answer is waited for.
    this.block.recordReply(host, round, sentAtNs, false);
    this.block.conclude(host);
    return true;
  }

  /** A host answered only its second request: the silent ones may have missed both of theirs. */
  private allowThirdRequest(): void {
    if (this.hasThirdRequest) return;
    this.hasThirdRequest = true;
    const { hosts, levels, setup } = this.block;
    for (let host = 0; host < setup.targets.count; host++)
      if (!hosts.isFinal(host)) hosts.allowAnother(host, this.room);
    // The hosts that have had both were passed over as done.
    levels[1]!.nextToFollow = 0;
  }

  /** A host that was found is pinged; one that was not is missing. */
  noteFinal(host: number): void {
    if (this.block.hosts.isAnswered(host)) {
      this.evidence.notePresent(host);
      if (!this.pinged.has(host)) this.found.add(host);
      return;
    }
    const isPermanent = this.pinged.get(host);
    if (isPermanent === undefined) this.recordMissing(host);
    // A host whose MAC address was configured need not answer ARP.
    else if (!isPermanent) this.evidence.noteMissing(host);
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
