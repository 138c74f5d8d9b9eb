/** One network of an inventory scanned: locked, swept, written down. */

import { readAddress } from '../address.ts';
import { plural } from '../coordinator/trust.ts';
import type { InventoryChange } from '../inventory/change-list.ts';
import type { NetworkConfig } from '../inventory/config.ts';
import type { ScannedHost } from '../inventory/host-writer.ts';
import { lockNetwork } from '../inventory/network-lock.ts';
import { writeScanInSteps } from '../inventory/scan-writer.ts';
import type { Store } from '../inventory/store.ts';
import { runChangeCommand } from '../inventory/telling/change-command.ts';
import { changeMessage } from '../inventory/telling/change-message.ts';
import { changeTotals } from '../inventory/telling/change-totals.ts';
import { safeText } from '../report/terminal-text.ts';
import type { HostResult } from '../results/host-result.ts';
import type { RunRecord } from '../results/run-record.ts';
import { resolveRdnsTimeoutMs } from '../settings.ts';
import { runSweep, type SweepProgress } from '../sweep.ts';
import { dropPrivileges } from '../transport/privileges.ts';
import { settingsOf, targetsOf } from './inventory-check.ts';
import { type ConfigFile, ownerOfFiles } from './inventory-files.ts';
import { grouped } from './progress.ts';
import { sweepOptionsOf } from './sweep-option-schema.ts';
import { messagesAbout } from './telling.ts';
import { errorLine } from './terminal.ts';

/** What came of the scan of one network. */
export interface ScanResult {
  readonly changes: readonly InventoryChange[];
  /** Whether it is the scan that all others are compared with. */
  readonly isFirst: boolean;
  /** Messages to receivers that have been down for too long. */
  readonly lostMessages: number;
  /** Undefined where no name of the network could be resolved. */
  readonly run: RunRecord | undefined;
  readonly hasUnresolvedNames: boolean;
}

export interface ScanManner {
  readonly signal: AbortSignal;
  /** Whether nothing after this scan needs sockets. */
  readonly dropsPrivileges: boolean;
  /** Told of names that are left out, a line each. */
  readonly onUnresolved: (lines: readonly string[]) => void;
  readonly onProgress?: (progress: SweepProgress) => void;
}

/** @throws EchosweepError INVENTORY_BUSY, and for what keeps the scan from its end; then nothing of it is kept */
export async function scanNetwork(
  store: Store,
  { config }: ConfigFile,
  network: NetworkConfig,
  manner: ScanManner,
): Promise<ScanResult> {
  const { name, rules } = network;
  const targets = await targetsOf(network);
  const hasUnresolvedNames = targets.unresolved.length > 0;
  if (hasUnresolvedNames) {
    manner.onUnresolved(
      targets.unresolved.map((target) =>
        errorLine(`${name}: ${target.name} ${target.reason}; skipped`),
      ),
    );
  }
  if (targets.count === 0)
    return { changes: [], isFirst: false, lostMessages: 0, run: undefined, hasUnresolvedNames };
  const rdnsTimeoutMs = resolveRdnsTimeoutMs({
    ...sweepOptionsOf(network.sweep),
    targets: network.targets,
  });
  const lock = await lockNetwork(store.path, name, ownerOfFiles());
  try {
    const hosts: ScannedHost[] = [];
    const run = await runSweep({
      settings: settingsOf(network),
      targets,
      command: `inventory scan ${name}`,
      ...(rdnsTimeoutMs === undefined ? {} : { rdnsTimeoutMs }),
      signal: manner.signal,
      afterSocketsOpen: async () => {
        if (manner.dropsPrivileges) await dropPrivileges();
      },
      onRows: async (rows) => {
        for (const row of rows) hosts.push(scannedHost(row));
      },
      ...(manner.onProgress === undefined ? {} : { onProgress: manner.onProgress }),
    });
    const record = {
      ...run,
      endedAt: run.endedAt ?? new Date(),
      source: 'scan' as const,
      hasAllTargets: !hasUnresolvedNames,
    };
    const { changes, isFirst, lostMessages } = await writeScanInSteps(store, {
      network: name,
      record,
      hosts,
      rules,
      messagesAbout: (told) => messagesAbout(config, network, run.startedAt, told),
    });
    return {
      changes: changes.map((change) => ({ ...change, network: name })),
      isFirst,
      lostMessages,
      run,
      hasUnresolvedNames,
    };
  } finally {
    lock.release();
  }
}

/** What is kept of a row, which is the sweep's own and may change after the call. */
function scannedHost(row: HostResult): ScannedHost {
  return {
    ...readAddress(row.address)!,
    hostname: row.hostname,
    status: row.status,
    reason: row.reason,
    rttAvgMs: row.rttAvgMs,
    mac: row.mac,
    startedAt: row.startedAt,
  };
}

/**
 * Runs what the configuration wants to be run on changes.
 * @returns what went wrong with it, in a line; undefined where all is well or there is nothing to tell
 */
export async function tellChanges(
  file: ConfigFile,
  network: NetworkConfig,
  { changes, run }: ScanResult,
): Promise<string | undefined> {
  const { onChange } = file.config;
  const told = changes.filter(({ kind }) => onChange?.kinds.includes(kind));
  if (onChange === undefined || run === undefined || told.length === 0) return undefined;
  const message = changeMessage(network, run.startedAt, told);
  const problem = await runChangeCommand(onChange, message, file.resolve('.'));
  return problem === undefined ? undefined : `${network.name}: on-change: ${safeText(problem)}`;
}

/** A scan in a line, and further ones for what a person should know. */
export function scanSummary(
  name: string,
  { run, isFirst, changes, lostMessages }: ScanResult,
): string[] {
  if (run === undefined) return [];
  const seconds = ((run.endedAt?.getTime() ?? 0) - run.startedAt.getTime()) / 1000;
  const told = isFirst
    ? 'the first whole scan, which the next are compared with'
    : changeTotals(changes);
  return [
    `${name}: ${grouped(run.statuses.up)} of ${grouped(run.targets)} up in ${seconds.toFixed(1)} s; ${told}`,
    ...(lostMessages === 0
      ? []
      : [
          `${name}: ${plural(lostMessages, 'old message')} that nobody took made room for new ones`,
        ]),
    ...(run.partial ? [`${name}: stopped early; hosts that were not asked stay as they were`] : []),
    ...[...run.doubts, ...(run.failure === null ? [] : [run.failure])].map(
      (doubt) => `${name}: nobody was called gone: ${doubt}`,
    ),
  ];
}
