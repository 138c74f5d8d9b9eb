/** The story of a network's scan: lock → targets → sweep → remember → compare → notify. */

import { EchosweepError } from './errors.ts';
import type { InventoryChange } from './inventory/change-list.ts';
import type { NetworkConfig } from './inventory/config/config.ts';
import type { ConfigFile } from './inventory/config/config-file.ts';
import type { FileOwner } from './inventory/database.ts';
import type { HostChange } from './inventory/diff.ts';
import { lockNetwork } from './inventory/network-lock.ts';
import { runChangeCommand } from './inventory/notify/change-command.ts';
import { changeMessage } from './inventory/notify/change-message.ts';
import { type LabelsByAddress, labelsOf } from './inventory/notify/host-labels.ts';
import { messagesAbout, type ScanNews, wantedChanges } from './inventory/notify/messages.ts';
import { queue } from './inventory/notify/outbox.ts';
import type { Receivers } from './inventory/notify/receivers.ts';
import { writeScanInSteps } from './inventory/scan-writer.ts';
import type { Store } from './inventory/store.ts';
import { SweptHosts } from './inventory/swept-hosts.ts';
import { randomUint32 } from './random-octets.ts';
import type { AddressRange } from './results/block-targets.ts';
import type { RunRecord } from './results/run-record.ts';
import { runSweep } from './sweep.ts';
import type { SweepProgress } from './sweep-job.ts';
import { targetsOf } from './sweep-targets.ts';
import { lookedUp, type UnresolvedName } from './targets/target-names.ts';
import type { TargetSet } from './targets/target-set.ts';
import { safeText } from './words.ts';

/** What to scan, and what to do on the way. */
export interface ScanJob {
  readonly store: Store;
  readonly network: NetworkConfig;
  /** Messages to them are queued together with the scan; delivering them is not part of it. */
  readonly receivers: Receivers;
  /** The owner of the lock file; undefined for the user of this process. */
  readonly owner?: FileOwner | undefined;
  /** Ends the sweep early; what is known by then is kept. */
  readonly signal: AbortSignal;
  /** Called once the sockets are open and before any thread is started: the moment to give privileges up. */
  readonly afterSocketsOpen?: (() => void | Promise<void>) | undefined;
  /** Called before the sweep, if names of targets could not be resolved. */
  readonly onUnresolved?: ((names: readonly UnresolvedName[]) => void) | undefined;
  /** About five times a second. */
  readonly onProgress?: ((progress: ScanProgress) => void) | undefined;
  /**
   * Called before the sweep with its targets, in address order. What it returns is shared memory for the state of each
   * (`cellCode`).
   */
  readonly liveCells?:
    | ((ranges: readonly AddressRange[], count: number) => Uint8Array | undefined)
    | undefined;
}

/** What a finished scan of one network found. */
export interface ScanResult {
  readonly changes: readonly InventoryChange[];
  /** Whether the next scans are compared with this one, since no earlier one covered the whole network. */
  readonly isFirst: boolean;
  /** What people have noted about the hosts that changed; undefined for nothing. */
  readonly labels?: LabelsByAddress | undefined;
  /** Undelivered messages that were dropped because the queue is full. */
  readonly droppedMessages: number;
  /** Undefined if no name of the network could be resolved, so that nothing was swept. */
  readonly run: RunRecord | undefined;
  readonly hasUnresolvedNames: boolean;
}

/** How far a scan's sweep is. */
export type ScanProgress = SweepProgress;

/** What a scan needs from outside; a test replaces it. */
export interface ScanTools {
  readonly sweep: typeof runSweep;
  /** All addresses of a name; rejects if there is none. Undefined for the system's look-up. */
  readonly resolve?: (name: string) => Promise<readonly string[]>;
}

const REAL_TOOLS: ScanTools = { sweep: runSweep };

/**
 * Scans one network. A scan is kept whole or not at all.
 * @throws EchosweepError INVENTORY_BUSY while the network is being scanned already; and whatever ends a whole sweep or
 * keeps the scan from being written: then nothing of it is kept
 */
export async function scanNetwork(
  job: ScanJob,
  tools: ScanTools = REAL_TOOLS,
): Promise<ScanResult> {
  const { store, network } = job;
  const lock = await lockNetwork(store.path, network.name, job.owner);
  try {
    const targets = await targetsOfNetwork(network, tools.resolve, job.signal);
    const unresolved = lookedUp(targets.unresolved);
    if (unresolved.length > 0) job.onUnresolved?.(unresolved);
    const hasUnresolvedNames = targets.unresolved.length > 0;
    if (targets.count === 0) return { ...NOTHING_SWEPT, hasUnresolvedNames };
    const { run, hosts } = await sweepNetwork(job, targets, tools.sweep);
    return {
      ...(await rememberScan(job, run, hosts, hasUnresolvedNames)),
      run,
      hasUnresolvedNames,
    };
  } finally {
    lock.release();
  }
}

const NOTHING_SWEPT = { changes: [], isFirst: false, droppedMessages: 0, run: undefined } as const;

/**
 * The addresses of a network now.
 * @throws EchosweepError TARGET_INVALID
 */
function targetsOfNetwork(
  { name, targets, selection, settings }: NetworkConfig,
  resolve?: ScanTools['resolve'],
  signal?: AbortSignal,
): Promise<TargetSet> {
  const texts = { ...targets, configuredAt: `networks.${name}` };
  return targetsOf(texts, selection, settings, resolve, signal);
}

/** The limited broadcast address: a name that has it alone has nothing to sweep, and excludes nothing. */
const NO_HOST = ['255.255.255.255'];

/**
 * Refuses a configuration with targets that are wrong whatever their names resolve to. No name is looked up.
 * @throws EchosweepError TARGET_INVALID
 */
export async function refuseWrongTargets({ config, path }: ConfigFile): Promise<void> {
  for (const network of config.networks) {
    await configuredTargets(path, network, async () => NO_HOST);
  }
}

/**
 * The addresses of a network now, for a person who checks its configuration.
 * @param path of the configuration, which begins the message as it does for other fields
 * @throws EchosweepError TARGET_INVALID
 */
export async function configuredTargets(
  path: string,
  network: NetworkConfig,
  resolve?: ScanTools['resolve'],
): Promise<TargetSet> {
  try {
    return await targetsOfNetwork(network, resolve);
  } catch (error) {
    if (!(error instanceof EchosweepError)) throw error;
    const { code, problem, advice } = error;
    throw new EchosweepError(code, `${path}: ${problem}`, advice, { cause: error });
  }
}

const rangesOfNetworks = new WeakMap<NetworkConfig, Promise<readonly AddressRange[]>>();

/** The addresses of a network as far as the configuration says by itself, without looking up names: in address order. */
export function configuredRanges(network: NetworkConfig): Promise<readonly AddressRange[]> {
  const kept = rangesOfNetworks.get(network);
  if (kept !== undefined) return kept;
  const ranges = targetsOfNetwork(network, () => Promise.reject(new Error('not looked up'))).then(
    (targets) => targets.ranges,
    () => [],
  );
  rangesOfNetworks.set(network, ranges);
  return ranges;
}

async function sweepNetwork(
  { network, signal, afterSocketsOpen, onProgress, liveCells }: ScanJob,
  targets: TargetSet,
  sweep: typeof runSweep,
): Promise<{ readonly run: RunRecord; readonly hosts: SweptHosts }> {
  const hosts = new SweptHosts();
  const cells = liveCells?.(targets.ranges, targets.count);
  const run = await sweep({
    // A seed of the configuration replaces this one.
    settings: { seed: randomUint32(), ...network.settings },
    // A name without an address is reported as such; it has no host to remember.
    targets: { ...targets, unresolved: [] },
    command: `inventory scan ${network.name}`,
    signal,
    ...(afterSocketsOpen !== undefined && { afterSocketsOpen }),
    onRows: async (rows) => hosts.add(rows),
    ...(onProgress !== undefined && { onProgress }),
    ...(cells !== undefined && { liveCells: cells }),
  });
  return { run, hosts };
}

/** Writes the scan, compares it with what is remembered, and queues the messages about it: all in one transaction. */
async function rememberScan(
  { store, network, receivers }: ScanJob,
  run: RunRecord,
  hosts: SweptHosts,
  hasUnresolvedNames: boolean,
): Promise<Pick<ScanResult, 'changes' | 'isFirst' | 'droppedMessages' | 'labels'>> {
  let droppedMessages = 0;
  let labels: LabelsByAddress | undefined;
  const { changes, isFirst } = await writeScanInSteps(store, {
    network: network.name,
    record: {
      ...run,
      endedAt: run.endedAt ?? new Date(),
      source: 'scan',
      // What the agents of a site do not allow has no row, and stays as it was.
      hasAllTargets: !hasUnresolvedNames && targetsWithoutRow(run) === 0,
      hasDoubtsByHost: run.sites !== undefined,
    },
    hosts: hosts.hosts(run),
    rules: network.rules,
    alongside: (own: Store, found: readonly HostChange[]) => {
      const now = new Date();
      labels = labelsOf(own, network.name);
      const news = newsOf(network, run, found, labels, now);
      droppedMessages = queue(own, messagesAbout(receivers, news), now);
    },
  });
  return {
    changes: changes.map((change) => ({ ...change, network: network.name })),
    isFirst,
    droppedMessages,
    labels,
  };
}

/** Of a run at a site; 0 for any other, which has a row of each unless it is partial. */
export function targetsWithoutRow({ sites = [] }: RunRecord): number {
  return sites.reduce((sum, { missing }) => sum + missing, 0);
}

function newsOf(
  network: NetworkConfig,
  { startedAt }: RunRecord,
  changes: readonly HostChange[],
  labels: LabelsByAddress = new Map(),
  now = new Date(),
): ScanNews {
  return { network, scannedAt: startedAt, changes, labels, now };
}

/**
 * Runs the program that the configuration wants to run on changes. It is a step of its own because a command gives its
 * privileges up and writes its report first.
 * @param folder of the configuration, where the program runs
 * @returns what went wrong with it, in a line; undefined if it succeeded or had nothing to do
 */
export async function notifyProgram(
  { onChange }: Receivers,
  network: NetworkConfig,
  { changes, run, labels }: ScanResult,
  folder: string,
): Promise<string | undefined> {
  if (onChange === undefined || run === undefined) return undefined;
  const news = newsOf(network, run, changes, labels);
  const wanted = wantedChanges(onChange.filter, news);
  if (wanted.length === 0) return undefined;
  const message = changeMessage(network, run.startedAt, wanted);
  const problem = await runChangeCommand(onChange, message, folder);
  return problem === undefined ? undefined : `${network.name}: on-change: ${safeText(problem)}`;
}
