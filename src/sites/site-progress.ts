/** How far a sweep on several sites is, and why targets are missing at its end. */

import type { SweepProgress } from '../sweep-job.ts';
import type { Coordination } from './coordination.ts';
import type { Coordinator } from './coordinator.ts';
import { type Journal, MOST_REFUSALS } from './journal.ts';
import type { JournalProgress, JournalScan } from './journal-tables.ts';

export function progressOf(
  { journal, sites }: Pick<Coordination, 'journal' | 'sites'>,
  scan: JournalScan,
  { agents }: Coordinator,
  { nowMs, elapsedMs }: { readonly nowMs: number; readonly elapsedMs: number },
): SweepProgress {
  const kept = journal.progress(scan.id);
  const bySite = sites.map(({ site }) => {
    const out = journal.offeredAt(scan.id, site);
    const underWay = agents.underWay(scan.messageName, site, out, nowMs);
    const own = kept.find((each) => each.site === site);
    return {
      site,
      targets: own?.hosts ?? 0,
      done: (own?.done ?? 0) + underWay.done,
      up: (own?.up ?? 0) + underWay.up,
      isHeard: agents.isHeard(site, nowMs),
    };
  });
  const sum = (value: (part: JournalProgress) => number): number =>
    kept.reduce((total, part) => total + value(part), 0);
  const shared = kept.find(({ site }) => site === '');
  const sent = sum((part) => part.sent);
  return {
    targets: scan.hosts,
    done: bySite.reduce((total, { done }) => total + done, shared?.done ?? 0),
    up: bySite.reduce((total, { up }) => total + up, shared?.up ?? 0),
    sent,
    received: sum((part) => part.received),
    elapsedMs,
    ratePps: elapsedMs === 0 ? 0 : (sent * 1000) / elapsedMs,
    ...(!scan.isSpread && { sites: bySite }),
  };
}

/** Why targets are missing, and what to do about it. @param site '' for any */
export function whyMissing(
  journal: Journal,
  scan: JournalScan,
  { agents, refusals, keyRefusal }: Coordinator,
  site: string,
): string {
  const sites = site === '' ? scan.sites : [site];
  const resume = `\`echosweep scans resume ${scan.id}\` goes on with them`;
  if (keyRefusal !== undefined) return `${keyRefusal.problem}; ${resume}`;
  const own = journal.progress(scan.id).find((each) => each.site === site);
  const refused = sites.flatMap((each) => refusals.get(each) ?? []);
  if (own !== undefined && own.givenUp > 0 && refused.length > 0) {
    const what = `${own.givenUp} of them were given up after at least ${MOST_REFUSALS} refused results each`;
    return `${what}, the last: ${refused.join('; ')}; ${resume}`;
  }
  const silent = sites.filter((each) => agents.of(each).length === 0);
  if (silent.length > 0) {
    return `no agent of ${silent.join(', ')} was heard of; start one, and ${resume}`;
  }
  const names = sites.flatMap((each) =>
    agents.of(each).map(({ agent, status: { problem } }) => {
      return `${each}/${agent}${problem === null ? '' : ` (${problem})`}`;
    }),
  );
  return `${names.join(', ')} did not report them in time; ${resume}`;
}
