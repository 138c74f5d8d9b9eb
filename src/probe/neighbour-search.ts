/** Who of an on-link block is there at all: asked by ARP or NDP, so that only those who are need be pinged. */

import type { AnswerBatch } from '../transport/contract.ts';
import type { Evidence } from './evidence.ts';
import { type BlockRules, HostBlock } from './host-block.ts';
import { RetryPace } from './retry-pace.ts';
import type { Schedule } from './schedule.ts';

/** ARP (arp(7)) and NDP (RFC 4861 section 10) wait a second for an answer, however patient the pings are. */
const TIMEOUT_NS = 1_000_000_000;
/** A link answers in milliseconds, or in a few beacon intervals where a host sleeps. */
const GAP_NS = 400_000_000;
/** As many as the kernel sends (`mcast_solicit`), where the sweep itself retries nobody. */
const USUAL_REQUESTS = 3;

/** The schedule of the requests, made from that of the probes. */
function searchSchedule({ probes, timeoutNs, stopsWhenAnswered }: Schedule): Schedule {
  const requests = stopsWhenAnswered ? probes : USUAL_REQUESTS;
  // One more, for a host whose last request may have left late or whose answer may have been dropped.
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
  /** The requests: a block like any other, whose probes are ARP or NDP. */
  readonly block: HostBlock;
  readonly evidence: Evidence;
  private readonly hosts: HostBlock;
  private readonly retryPace: RetryPace;

  /** @param hosts whose probing begins with what is found here @param evidence of theirs */
  constructor(hosts: HostBlock, evidence: Evidence, rules: BlockRules) {
    const schedule = searchSchedule(hosts.schedule);
    const { searchedOn: _searched, ...setup } = hosts.setup;
    this.hosts = hosts;
    this.evidence = evidence;
    this.retryPace = new RetryPace(schedule);
    this.block = new HostBlock(
      { ...setup, onLink: false },
      { ...rules, schedule, retryPace: this.retryPace },
    );
    this.block.onFinal = (host) => this.settle(host);
  }

  /** An answer about a host, from slot `slot`. @returns whether anybody had asked for it */
  recordAnswer(host: number, answers: AnswerBatch, slot: number, nowNs: number): boolean {
    const { block } = this;
    const level = block.attempts[host]! - 1;
    if (level < 0) return false;
    // Whoever answers after having been given up is not there in time.
    if (block.isFinal(host) && !block.isAnswered(host)) return true;
    this.evidence.noteMac(host, answers.view, slot * answers.stride + answers.macOffset);
    if (block.isFinal(host)) return true;
    const { sentAtNs } = block.levels[level]!;
    this.retryPace.note(nowNs - sentAtNs[host]!);
    // Whenever it is read: who answers is there, and no further answer is waited for.
    block.recordReply(host, level, sentAtNs[host]!, false);
    block.conclude(host);
    return true;
  }

  private settle(host: number): void {
    if (this.block.isAnswered(host)) this.hosts.find(host);
    else this.hosts.recordMissing(host, this.block);
  }
}
