/** What the journal keeps of a job, so that another process can go on with it. */

import { resolveSettings } from '../settings.ts';
import type { SweepJob } from '../sweep-job.ts';
import type { UnresolvedName } from '../targets/target-names.ts';
import { chunkSettingsOf } from './chunk-settings.ts';
import type { ChunkSettings } from './contract/chunk.ts';
import type { ScanSite } from './coordination.ts';
import type { JournalScan } from './journal-tables.ts';

export interface KeptFacts {
  readonly settings: ChunkSettings;
  readonly seed: number;
  readonly rates: Readonly<Record<string, number | null>>;
  readonly hostnames: readonly (readonly [address: string, name: string])[];
  readonly unresolved: readonly UnresolvedName[];
  readonly notes: readonly string[];
}

/** @throws EchosweepError OPTION_INVALID for settings that mean something on one machine only */
export function factsOf({ settings, targets }: SweepJob, sites: readonly ScanSite[]): KeptFacts {
  return {
    settings: chunkSettingsOf(settings),
    seed: settings.seed,
    rates: Object.fromEntries(sites.map((each) => [each.site, each.ratePps])),
    hostnames: [...targets.hostnames],
    unresolved: targets.unresolved,
    notes: targets.notes,
  };
}

/** Those of a scan in the journal. */
export function keptFacts({ facts }: JournalScan): KeptFacts {
  return facts as KeptFacts;
}

/** The sites of a scan that is in the journal, as it used them. */
export function sitesOfScan(scan: JournalScan, slots: number): ScanSite[] {
  const { rates } = keptFacts(scan);
  // JSON has no number for no limit.
  return scan.sites.map((site) => {
    return { site, slots, ratePps: rates[site] ?? Number.POSITIVE_INFINITY };
  });
}

/** The job of a scan that is in the journal; its ranges are those of its chunks. */
export function jobOfScan(scan: JournalScan): Pick<SweepJob, 'settings' | 'targets' | 'command'> {
  const { settings, hostnames, unresolved, notes } = keptFacts(scan);
  return {
    settings: resolveSettings({ targets: [], ...settings }),
    targets: {
      ranges: [],
      count: scan.hosts,
      hostnames: new Map(hostnames),
      excluded: [],
      unresolved,
      notes,
    },
    command: scan.command,
  };
}
