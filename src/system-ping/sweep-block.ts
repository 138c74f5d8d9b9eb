/** Probes the hosts of a block through the system's ping, several processes at once. */

import { type BlockResults, emptyResults, NOT_COVERED } from '../results/block-results.ts';
import { addressText, type BlockTargets } from '../results/block-targets.ts';
import { cellCode } from '../results/cell-code.ts';
import { type OnFinalHosts, pickedResults } from '../results/final-hosts.ts';
import { InternedTexts } from '../results/interned-texts.ts';
import { REASONS, STATUSES } from '../results/outcome.ts';
import type { PingDialect, PingRequest } from './dialect.ts';
import { HostFacts } from './host-facts.ts';
import { type PingOutput, runPing } from './ping-process.ts';
import { isUnread, type PingReport, shownOutput } from './ping-report.ts';
import type { ProcessTurns } from './process-turns.ts';

export interface SystemPingSettings {
  readonly count: number;
  readonly retries: number;
  readonly timeoutMs: number;
  readonly backoff: number;
  readonly periodMs: number;
  readonly ratePps: number;
  readonly payloadBytes: number;
  readonly ttl?: number;
  readonly tos?: number;
  readonly dontFragment: boolean;
  readonly source4?: string;
  readonly source6?: string;
  readonly interface?: string;
}

/** What was learned since the last call. */
export interface SystemPingProgress {
  readonly sent: number;
  readonly received: number;
  readonly duplicates: number;
  readonly errors: number;
  readonly hostsDone: number;
  readonly hostsUp: number;
}

export interface SystemPingTask {
  readonly targets: BlockTargets;
  readonly dialect: PingDialect;
  readonly settings: SystemPingSettings;
  /** The host to probe at each position of the order. */
  readonly hostAt: (position: number) => number;
  /** An error from one of these comes from our own kernel. */
  readonly ownAddresses: ReadonlySet<string>;
  /** Shared by all blocks. */
  readonly turns: ProcessTurns;
  /** Whether its processes start before those of all other blocks. */
  readonly isUrgent?: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: SystemPingProgress) => void;
  /** Memory that shows each host's outcome as soon as it is known (`cellCode`); undefined if it is not displayed. */
  readonly liveCells?: Uint8Array | undefined;
  /** Takes hosts as they become final, one call after the other. */
  readonly onFinal?: OnFinalHosts | undefined;
}

/** The most processes that one block ever has. */
const HOSTS_AT_ONCE = 128;
/** How much longer than its own timeouts a process may take before it is killed. */
const GRACE_MS = 1000;
/** How much later than planned each of its probes may leave: iputils' take 5 ms longer each time on a host with nothing to do. */
const LATE_MS = 50;

/**
 * Probes every host. A host is probed again, by a process of its own, until it answers or its retries are used up.
 * @throws EchosweepError as `runPing`
 */
export async function sweepBlockBySystemPing(task: SystemPingTask): Promise<BlockResults> {
  const { targets, settings } = task;
  const probesPerHost = settings.count > 1 ? settings.count : 1 + settings.retries;
  const responders = new InternedTexts();
  const errnos = new InternedTexts();
  const results: BlockResults = {
    ...emptyResults(targets, probesPerHost),
    responders: responders.texts,
    errnos: errnos.texts,
  };
  results.status.fill(NOT_COVERED);
  const passOn = task.onFinal && passingOn(results, task.onFinal);
  let position = 0;
  const probeSome = async (): Promise<void> => {
    while (position < targets.count && !task.signal.aborted) {
      const host = task.hostAt(position++);
      const facts = await probeHost(task, host, probesPerHost);
      if (facts === undefined) continue;
      facts.writeTo(results, host, responders, errnos);
      if (task.liveCells !== undefined) task.liveCells[host] = codeOf(results, host);
      passOn?.(host);
    }
  };
  await Promise.all(Array.from({ length: Math.min(HOSTS_AT_ONCE, targets.count) }, probeSome));
  return results;
}

/** Hosts that become final while others are being taken wait together. */
function passingOn(results: BlockResults, onFinal: OnFinalHosts): (host: number) => void {
  let waiting: number[] = [];
  let isReady = true;
  const passOn = async (): Promise<void> => {
    isReady = false;
    while (waiting.length > 0) {
      const hosts = Uint32Array.from(waiting);
      waiting = [];
      await onFinal({ hosts, results: pickedResults(results, hosts) });
    }
    isReady = true;
  };
  return (host) => {
    waiting.push(host);
    if (isReady) void passOn();
  };
}

function codeOf(results: BlockResults, host: number): number {
  const first = host * results.probesPerHost;
  const rttsNs = results.rttNs.subarray(first, first + results.probesPerHost);
  const rttNs = rttsNs.find((each) => !Number.isNaN(each));
  return cellCode(
    STATUSES[results.status[host]!]!,
    REASONS[results.reason[host]!]!,
    rttNs === undefined ? null : rttNs / 1e6,
  );
}

/** @returns undefined if the sweep was stopped before the host was final */
async function probeHost(
  task: SystemPingTask,
  host: number,
  probesPerHost: number,
): Promise<HostFacts | undefined> {
  const { settings, signal, targets } = task;
  const facts = new HostFacts(
    targets.family,
    addressText({ ...targets, zone: '' }, host),
    task.ownAddresses,
  );
  const rounds = settings.count > 1 ? 1 : probesPerHost;
  for (let round = 0; round < rounds && !facts.isFinal; round++) {
    const request = requestFor(task, host, settings.timeoutMs * settings.backoff ** round);
    const pauseMs = task.dialect.longestPauseMs(request) + LATE_MS;
    const deadlineMs = request.timeoutMs + (request.count - 1) * pauseMs + GRACE_MS;
    let startedAtMs = 0;
    const output = await task.turns.run(async () => {
      startedAtMs = Date.now();
      const command = task.dialect.command(targets.family);
      const args = task.dialect.arguments(request);
      return runPing(command, args, request.count, deadlineMs, signal);
    }, task.isUrgent);
    if (signal.aborted && output.text === '') break;
    const before = facts.counts;
    const report = reportOf(task.dialect, request, output);
    facts.add(report, output.isCutShort ? probesIn(report, request) : request.count, startedAtMs);
    task.onProgress({ ...difference(facts.counts, before), hostsDone: 0, hostsUp: 0 });
  }
  if (signal.aborted && !facts.isUp) return undefined;
  task.onProgress({
    sent: 0,
    received: 0,
    duplicates: 0,
    errors: 0,
    hostsDone: 1,
    hostsUp: facts.isUp ? 1 : 0,
  });
  return facts;
}

/** What a process reported; a result that cannot be read is a refusal and never silence. */
function reportOf(
  { parse }: PingDialect,
  { address }: PingRequest,
  { text, isWhole, failure }: PingOutput,
): PingReport {
  const report = parse(text);
  if (failure !== undefined) return { ...report, refusal: report.refusal ?? failure };
  if (!isWhole || !isUnread(report, text)) return report;
  // Without the address, so that the hosts of a block share one text.
  const refusal = `ping printed ${shownOutput(text.replaceAll(address, 'ADDRESS'))}`;
  return { ...report, refusal };
}

/** Up to the last one that the report says something about; one at least. */
function probesIn({ events }: PingReport, { count }: PingRequest): number {
  return Math.min(count, 1 + events.reduce((last, { probe }) => Math.max(last, probe), 0));
}

function requestFor(
  { targets, settings }: SystemPingTask,
  host: number,
  timeoutMs: number,
): PingRequest {
  const { ttl, tos, dontFragment, payloadBytes, count, periodMs } = settings;
  const source = targets.family === 4 ? settings.source4 : settings.source6;
  return {
    family: targets.family,
    address: addressText(targets, host),
    count,
    timeoutMs,
    periodMs,
    payloadBytes,
    dontFragment,
    ...(ttl !== undefined && { ttl }),
    ...(tos !== undefined && { tos }),
    ...(source !== undefined && { source }),
    ...(settings.interface !== undefined && { interface: settings.interface }),
  };
}

function difference(now: HostFacts['counts'], before: HostFacts['counts']): HostFacts['counts'] {
  return {
    sent: now.sent - before.sent,
    received: now.received - before.received,
    duplicates: now.duplicates - before.duplicates,
    errors: now.errors - before.errors,
  };
}
