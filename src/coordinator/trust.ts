/** Says whether a run can be trusted, and why not: the one place that weighs what was counted. */

import type { Counts } from '../probe/shared-state.ts';
import { errnoInWords } from '../results/errno-words.ts';
import type { CanaryRecord, CanarySilence, MacConflict, RunRecord } from '../results/run-record.ts';
import { duration, plural } from '../words.ts';
import { HIDDEN_ERRNO } from './hidden-hosts.ts';
import type { SameAnswer } from './same-answers.ts';

/** What there is to weigh. */
export interface RunFacts {
  readonly clock: RunRecord['clock'];
  readonly counts: Readonly<Counts>;
  readonly worstDelayMs: number;
  readonly canary: CanaryRecord | null;
  /** Interfaces on the way to the targets that were away for a while. */
  readonly lostInterfaces: readonly string[];
  /** Interfaces on the way to the targets that had no carrier at the beginning or at the end. */
  readonly withoutCarrier: readonly string[];
  /** Gateways on the way to the targets that answered neither ARP nor NDP. */
  readonly lostGateways: readonly string[];
  /** Addresses of this host on the way to the targets that it was without for a while. */
  readonly lostAddresses: readonly string[];
  /** Hosts that did not answer. */
  readonly silentHosts: number;
  /** Addresses for which two MAC addresses answered, with these. */
  readonly macConflicts: readonly MacConflict[];
  /** Hosts that are `send-failed`, by the system's name for why. */
  readonly sendFailures: ReadonlyMap<string, number>;
  /** MAC addresses of routers that answer ARP or NDP for others. */
  readonly proxies: readonly string[];
  /** Targets that are broadcast addresses of this host's networks. */
  readonly broadcasts: readonly string[];
  /** TCP connections that this system could not try, by its name for why. */
  readonly tcpFailures: ReadonlyMap<string, number>;
  /** Hosts of local networks that the system may keep from this program. */
  readonly hiddenHosts: number;
  /** Hosts whose name servers did not say whether they have a name. */
  readonly unansweredNames: number;
  /** Subnets in which nearly all hosts that were tried by TCP answered alike. */
  readonly sameAnswers: readonly SameAnswer[];
}

/** A delay worth a word: what a scheduler does to a busy machine stays far below. */
const NOTABLE_DELAY_MS = 100;
/**
 * The delay from which a run is doubtful, by the source of its receive times. With the kernel's, reading late changes
 * nothing: timeouts are compared with the time of arrival, and a host is probed again if that is not possible. Without
 * them a reply is as late as its reading. No host is down because of that, since it is probed again, but its time is
 * wrong, and from a quarter of a second on our own delay looks like a slow host. A `ping` that is a second overdue by
 * our clock is ended, and what it was about to print is lost (sweep-block.ts).
 */
const DOUBTFUL_DELAY_MS: Readonly<Record<RunRecord['clock'], number>> = {
  kernel: Number.POSITIVE_INFINITY,
  process: 250,
  ping: 1000,
};
/** Late replies of silent hosts that any sweep may have. */
const MOST_LATE_REPLIES = 8;
/** Different reasons for failed sending that a run notes. */
const MOST_SEND_FAILURES = 5;
/** One probe unanswered may have been lost like any other. */
const CANARY_PROBES = 2;

/** More of them would hide everything else. */
const MOST_CONFLICTS_NOTED = 8;
const MOST_SUBNETS_NOTED = 8;

/** Why the run should not be trusted, one sentence each. */
export function doubtsAbout(facts: RunFacts): string[] {
  const doubts = explainedDoubts(facts);
  // What is known to have failed explains late replies as well.
  return doubts.length > 0 ? doubts : lateDoubts(facts);
}

function explainedDoubts(facts: RunFacts): string[] {
  return [
    ...unheardHosts(facts),
    ...clockDoubts(facts),
    ...delayDoubts(facts),
    ...carrierDoubts(facts),
    ...interfaceDoubts(facts),
    ...hiddenHostDoubts(facts),
    ...(addressDoubt(facts) ?? uplinkDoubts(facts)),
  ];
}

/** One reason is enough: a canary that was heard knows from when to when, and else the gateway explains its silence. */
function uplinkDoubts(facts: RunFacts): string[] {
  const [byCanary, byGateway] = [canaryDoubts(facts.canary), gatewayDoubts(facts)];
  const isHeard = facts.canary !== null && facts.canary.received > 0;
  if (byGateway.length === 0 || (isHeard && byCanary.length > 0)) return byCanary;
  return byGateway;
}

/** What a person should know but need not doubt, one sentence each. */
export function notesAbout(facts: RunFacts): string[] {
  const { dropped, doubtful, sendWaits, sendWaitNs, retriedUp, lossSlowDowns, refusalsOvercome } =
    facts.counts;
  const notes: string[] = [];
  if (dropped > 0 && doubtful === 0) {
    notes.push(
      `our own sockets dropped ${plural(dropped, 'packet')}; the rate came down and the hosts were probed again`,
    );
  }
  const isExplained =
    doubtful > 0 ||
    facts.counts.partlyRefused > 0 ||
    facts.lostInterfaces.length > 0 ||
    addressDoubt(facts) !== undefined;
  if (refusalsOvercome > 0 && !isExplained) {
    notes.push(
      `the system refused probes now and then, as a firewall that limits them does; ${plural(refusalsOvercome, 'probe')} left at a later try`,
    );
  }
  if (lossSlowDowns > 0 && retriedUp > 0) {
    notes.push(
      `packets get lost on the path: ${plural(retriedUp, 'host')} answered only a retry; the rate was lowered and silent hosts were probed again`,
    );
  }
  if (sendWaits > 0) {
    notes.push(
      `the system was out of buffers ${plural(sendWaits, 'time')}; the probes waited ${duration(sendWaitNs / 1e6)} in all and were sent`,
    );
  }
  const { clock, worstDelayMs } = facts;
  if (worstDelayMs >= NOTABLE_DELAY_MS && worstDelayMs < DOUBTFUL_DELAY_MS[clock]) {
    notes.push(
      `the process was held up for ${duration(worstDelayMs)} at worst; ${HELD_UP_NOTE[clock]}`,
    );
  }
  for (const { address, macs } of facts.macConflicts.slice(0, MOST_CONFLICTS_NOTED)) {
    notes.push(
      `two MAC addresses answer for ${address}: ${macs.join(' and ')}: two hosts may use it`,
    );
  }
  for (const address of facts.broadcasts)
    notes.push(
      `${address} is the broadcast address of a network of this host: no host can have it, and it is not pinged`,
    );
  for (const mac of facts.proxies)
    notes.push(
      `${mac} answers ARP or NDP for many addresses that do not answer pings: it is a router (proxy ARP), and these hosts are reported as down`,
    );
  return [
    ...notes,
    ...tcpNotes(facts),
    ...sendFailureNotes(facts),
    ...nameNotes(facts),
    ...canaryNotes(facts),
  ];
}

function nameNotes({ unansweredNames }: RunFacts): string[] {
  if (unansweredNames === 0) return [];
  return [
    `name servers did not answer for ${plural(unansweredNames, 'host')}, whose names may be missing; --rdns-timeout waits longer for slow ones`,
  ];
}

function tcpNotes({ tcpFailures, sameAnswers }: RunFacts): string[] {
  const subnets = new Map<string, string[]>();
  for (const { subnet, answer, port } of sameAnswers) {
    const what = `${answer === 'open' ? 'accept' : 'refuse'} TCP connections to port ${port}`;
    const alike = subnets.get(what) ?? [];
    alike.push(subnet);
    subnets.set(what, alike);
  }
  return [
    ...[...tcpFailures].map(
      ([errno, count]) =>
        `${plural(count, 'TCP connection')} could not be tried: ${errnoInWords(errno)}`,
    ),
    ...[...subnets].map(
      ([what, alike]) =>
        `nearly all hosts of ${someOf(alike)} that do not reply ${what}: a firewall or a proxy may answer for all of them`,
    ),
  ];
}

/** `192.0.2.0/24, 198.51.100.0/24 and 3 more subnets` */
function someOf(subnets: readonly string[]): string {
  const shown = subnets.slice(0, MOST_SUBNETS_NOTED);
  const more = subnets.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${plural(more, 'more subnet')}` : '');
}

/** Most frequent first. */
function sendFailureNotes({ sendFailures }: RunFacts): string[] {
  return [...sendFailures]
    .sort(([, a], [, b]) => b - a)
    .slice(0, MOST_SEND_FAILURES)
    .map(([errno, hosts]) => `send-failed: ${errnoInWords(errno)} (${plural(hosts, 'host')})`);
}

const HELD_UP_NOTE: Readonly<Record<RunRecord['clock'], string>> = {
  kernel:
    'replies count by the time at which the kernel received them, so that no timeout was cut short',
  process: 'hosts whose time was over meanwhile were probed again',
  ping: 'each `ping` kept its own time meanwhile',
};

function unheardHosts(facts: RunFacts): string[] {
  const { doubtful, partlyRefused } = facts.counts;
  const unheard = doubtful + partlyRefused;
  // They are silent, and an interface that was down is the reason.
  if (unheard === 0 || interfaceDoubts(facts).length > 0) return [];
  return [`${plural(unheard, 'host')} may have answered without being heard: ${whyUnheard(facts)}`];
}

function whyUnheard({ counts, worstDelayMs }: RunFacts): string {
  const { dropped, retriedUp, refusalsOvercome, partlyRefused } = counts;
  if (dropped > 0) {
    return `our own sockets dropped ${plural(dropped, 'packet')}; lower --rate or raise net.core.rmem_max`;
  }
  if (refusalsOvercome > 0 || partlyRefused > 0) {
    return 'the system refused probes now and then, as a firewall that limits them does; sweep again with a lower --rate';
  }
  if (retriedUp > 0) {
    return `${plural(retriedUp, 'host')} answered only a retry, so packets get lost on the path; sweep again with a lower --rate`;
  }
  return `the process was held up again and again, for ${duration(worstDelayMs)} at worst; sweep again when the machine has time`;
}

function clockDoubts({ counts: { clockSteps } }: RunFacts): string[] {
  if (clockSteps === 0) return [];
  return [
    `the wall clock stepped ${plural(clockSteps, 'time')}: times of day are off, and some round-trip times include our own delay`,
  ];
}

function delayDoubts({ clock, worstDelayMs }: RunFacts): string[] {
  if (worstDelayMs < DOUBTFUL_DELAY_MS[clock]) return [];
  const what =
    clock === 'process'
      ? 'this engine knows only when it read a reply, so that round-trip times may be too long by as much'
      : 'a `ping` that was about to answer may have been ended';
  return [
    `the process was held up for ${duration(worstDelayMs)}: ${what}; sweep again, with --engine raw or dgram where they work`,
  ];
}

/** A few hosts that wake up slowly cast no doubt on the others. */
function lateDoubts({ counts: { lateToSilent }, silentHosts }: RunFacts): string[] {
  if (lateToSilent <= Math.max(MOST_LATE_REPLIES, silentHosts / 100)) return [];
  return [
    `${plural(lateToSilent, 'reply', 'replies')} came after the last timeout of a host that is reported as silent: sweep again with a longer --timeout or a lower --rate`,
  ];
}

function carrierDoubts({ withoutCarrier, silentHosts }: RunFacts): string[] {
  if (withoutCarrier.length === 0 || silentHosts === 0) return [];
  return [
    `no carrier on ${withoutCarrier.join(', ')}: hosts that did not answer may be up; check the cable and sweep again`,
  ];
}

function gatewayDoubts({ lostGateways }: RunFacts): string[] {
  if (lostGateways.length === 0) return [];
  const them = lostGateways.length === 1 ? 'the hosts behind it' : 'the hosts behind them';
  return [
    `no ARP or NDP reply from the gateway ${lostGateways.join(', ')}: ${them} could not be probed; check the gateway and sweep again`,
  ];
}

const SWEEP_AGAIN = 'hosts that were probed meanwhile may be up; sweep again';

function interfaceDoubts({ lostInterfaces, silentHosts }: RunFacts): string[] {
  if (lostInterfaces.length === 0 || silentHosts === 0) return [];
  return [`${lostInterfaces.join(', ')} was down for a while: ${SWEEP_AGAIN}`];
}

function hiddenHostDoubts({ hiddenHosts }: RunFacts): string[] {
  if (hiddenHosts === 0) return [];
  return [
    `macOS refused to send to ${plural(hiddenHosts, 'host')} of local networks (${HIDDEN_ERRNO}), perhaps for lack of a permission; \`echosweep doctor\` shows whether`,
  ];
}

/** One probe that is refused says little of the others, and its host is probed again. */
const FEWEST_ROUTE_REFUSALS = 2;

/** One doubt for an address or routes that this host lost, and not a second one because the canary noticed too. */
function addressDoubt(facts: RunFacts): [string] | undefined {
  const { lostInterfaces, withoutCarrier, lostAddresses, silentHosts, counts } = facts;
  if (silentHosts === 0 || lostInterfaces.length + withoutCarrier.length > 0) return undefined;
  if (lostAddresses.length > 0)
    return [`this host was without its address ${lostAddresses.join(', ')}: ${SWEEP_AGAIN}`];
  if (counts.routesLost >= FEWEST_ROUTE_REFUSALS)
    return [`this host lost routes to the targets during the sweep: ${SWEEP_AGAIN}`];
  return undefined;
}

function canaryDoubts(canary: CanaryRecord | null): string[] {
  if (canary === null) return [];
  if (canary.received === 0 && canary.choice === 'named' && canary.sent >= CANARY_PROBES) {
    return [
      `${nameOf(canary)} answered none of ${plural(canary.sent, 'probe')}: the uplink may have been down throughout; name a canary that answers`,
    ];
  }
  if (canary.received === 0) return [];
  return canary.silences
    .filter((silence) => meansOutage(canary, silence))
    .map(
      ({ from, to, hosts }) =>
        `${nameOf(canary)} did not answer from ${timeOfDay(from)} to ${timeOfDay(to)} UTC: the uplink may have been down, and with it ${plural(hosts, 'host')} probed meanwhile; sweep again`,
    );
}

function canaryNotes({ canary, lostGateways }: RunFacts): string[] {
  if (canary === null || lostGateways.includes(canary.address)) return [];
  if (canary.received === 0) {
    if (canary.choice === 'named' || canary.sent === 0) return [];
    return [
      `${nameOf(canary)} does not answer pings, so it cannot distinguish a failed uplink from hosts that are down; name a host that does with --canary`,
    ];
  }
  return canary.silences
    .filter((silence) => !meansOutage(canary, silence))
    .map(
      ({ from, to, answered }) =>
        `${nameOf(canary)} did not answer from ${timeOfDay(from)} to ${timeOfDay(to)} UTC, ${answered > 0 ? `while ${plural(answered, 'host')} did` : 'when no host was waited for'}`,
    );
}

/** Where hosts behind the gateway answered while it was silent itself, it was busy and not cut off. */
function meansOutage(canary: CanaryRecord, { hosts, answered }: CanarySilence): boolean {
  return hosts > 0 && (canary.choice === 'named' || answered === 0);
}

function nameOf({ choice, address }: CanaryRecord): string {
  return `the ${choice === 'named' ? 'canary' : 'gateway'} ${address}`;
}

function timeOfDay(time: Date): string {
  return time.toISOString().slice(11, 21);
}
