/** Sweeps one chunk as a sweep of its own, within what this machine allows. */

import { optionInvalid } from '../option-value.ts';
import { resolveSettings, type SweepSettings } from '../settings.ts';
import type { runSweep } from '../sweep.ts';
import type { SweepProgress } from '../sweep-job.ts';
import { countAddresses } from '../targets/interval-set.ts';
import type { TargetSet } from '../targets/target-set.ts';
import type { AllowedTargets } from './allowed-targets.ts';
import { ChunkColumns } from './chunk-columns.ts';
import type { ReceivedChunk } from './contract/chunk.ts';
import type { ChunkFindings } from './contract/chunk-result.ts';

/** What this machine allows and can do. */
export interface ChunkSweepRules {
  readonly allowed: AllowedTargets;
  /** Probes a second for one chunk. */
  readonly mostRatePps: number;
}

/**
 * The settings of a chunk, checked as those of a program are.
 * @throws EchosweepError OPTION_INVALID, also for what this machine does not allow
 */
export function settingsOfChunk(
  { settings, ratePps }: ReceivedChunk,
  { allowed, mostRatePps }: ChunkSweepRules,
): SweepSettings {
  const resolved = resolveSettings({ targets: [], ...settings });
  const { canary, dnsServer } = settings;
  for (const [flag, host] of [
    ['--canary', canary],
    ['--dns-server', dnsServer],
  ] as const) {
    if (typeof host !== 'string' || allowed.allowsHost(host)) continue;
    throw optionInvalid(
      `${flag} ${host} is outside what this agent may probe`,
      'allow it with --allow at the agent, or leave the option out',
    );
  }
  const { arpRatePps } = resolved;
  return {
    ...resolved,
    ratePps: Math.min(ratePps, mostRatePps),
    ...(arpRatePps !== undefined && { arpRatePps: Math.min(arpRatePps, mostRatePps) }),
  };
}

/**
 * @throws EchosweepError for what stops a whole sweep
 */
export async function sweepChunk(
  chunk: ReceivedChunk,
  settings: SweepSettings,
  { allowed }: ChunkSweepRules,
  sweep: typeof runSweep,
  watch: {
    readonly signal: AbortSignal;
    readonly onProgress: (progress: SweepProgress) => void;
  },
): Promise<ChunkFindings> {
  const ranges = allowed.of(chunk.ranges);
  const count = Number(countAddresses(ranges));
  const targets: TargetSet = {
    ranges,
    count,
    hostnames: new Map(),
    excluded: allowed.deniedIn(chunk.targets.zone),
    unresolved: [],
    notes: [],
  };
  const columns = new ChunkColumns(chunk.targets);
  const run = await sweep({
    settings,
    targets,
    command: `agent: ${chunk.scan} ${chunk.chunk}`,
    signal: watch.signal,
    onProgress: watch.onProgress,
    onBlock: (results, hostnames) => columns.add(results, hostnames),
    onRows: async () => {},
  });
  return {
    results: columns.results(),
    hostnames: columns.hostnames,
    run: { ...run, endedAt: run.endedAt ?? new Date() },
    denied: chunk.targets.count - count,
  };
}
