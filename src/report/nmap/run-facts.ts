/** What nmap's formats say of a run as a whole. */

import { elapsedMs, type RunLimits, type RunRecord } from '../../results/run-record.ts';

interface HostCounts {
  readonly up: number;
  readonly down: number;
  readonly total: number;
}

/** Addresses that were swept; to nmap, all that are not up are down. Names without an address do not count. */
export function hostCounts({ statuses, outcomes }: RunRecord): HostCounts {
  const { up, unreachable, down, error } = statuses;
  const unresolved = outcomes.error?.['name-unresolved'] ?? 0;
  const silent = unreachable + down + error - unresolved;
  return { up, down: silent, total: up + silent };
}

/** `256 IP addresses (7 hosts up) scanned in 3.21 seconds`, which scripts look for. */
export function runTotals(run: RunRecord): string {
  const { up, total } = hostCounts(run);
  const addresses = total === 1 ? '1 IP address' : `${total} IP addresses`;
  const hosts = up === 1 ? '1 host up' : `${up} hosts up`;
  return `${addresses} (${hosts}) scanned in ${elapsedText(run)} seconds`;
}

/** Seconds with two decimals. */
export function elapsedText(run: RunRecord): string {
  return (elapsedMs(run) / 1000).toFixed(2);
}

/** Local time as ctime(3) has it: `Sat Nov 28 09:22:31 2026`, the day of the month padded with a blank. */
export function ctimeText(time: Date): string {
  const [weekday, month, day, year, clock] = time.toString().split(' ');
  return `${weekday} ${month} ${day!.replace(/^0/, ' ')} ${clock} ${year}`;
}

export function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

const INTERRUPTED = 'the sweep was interrupted';
const BETWEEN = '; ';

/** Why a reader should not take the report for the whole truth; undefined if it may. */
export function runProblem({ failure, partial, doubts }: RunRecord): string | undefined {
  const problems = [
    ...(failure === null ? [] : [failure]),
    ...(partial ? [INTERRUPTED] : []),
    ...doubts,
  ];
  return problems.length === 0 ? undefined : problems.join(BETWEEN);
}

/** What `runProblem` was made from, as far as its words show. */
export function limitsFrom(problem: string): Omit<RunLimits, 'endedAt'> {
  const words = problem.split(BETWEEN);
  const at = words.indexOf(INTERRUPTED);
  const text = (from: number, to?: number): string[] => {
    const part = words.slice(from, to).join(BETWEEN);
    return part === '' ? [] : [part];
  };
  const [failure = null] = text(0, Math.max(0, at));
  return { failure, partial: at >= 0, doubts: text(at + 1) };
}
