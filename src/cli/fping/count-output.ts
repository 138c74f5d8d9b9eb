/** What count mode prints, whichever form it has. */

import type { HostTally, RttTotals } from './host-tally.ts';

/** A target as lines show it, and what is known about it. */
export interface ShownHost {
  readonly name: string;
  readonly shown: string;
  readonly tally: HostTally;
}

/** Numbers for `-s`, counted over all targets. */
export interface Statistics {
  readonly targets: number;
  readonly alive: number;
  readonly unknownAddresses: number;
  readonly timeouts: number;
  readonly sent: number;
  readonly received: number;
  readonly otherIcmp: number;
  readonly rtts: RttTotals;
  readonly elapsedMs: number;
}

/** What count mode prints, as text or as JSON. */
export interface CountOutput {
  /** Where summaries, interim results and statistics go; lines about a probe always go to standard output. */
  readonly summaryStream: 'stdout' | 'stderr';
  /** @param atMs since 1970, for `-D` */
  reply(host: ShownHost, probe: number, rttNs: number, atMs: number): string;
  timeout(host: ShownHost, probe: number, atMs: number): string;
  /** Whole lines, in fping's order. */
  summary(hosts: readonly ShownHost[]): string;
  interim(hosts: readonly ShownHost[], at: Date): string;
  statistics(statistics: Statistics): string;
}

/** What the lines depend on. */
export interface OutputStyle {
  /** Columns of the longest target. */
  readonly width: number;
  /** Octets of a reply. */
  readonly replyOctets: number;
  readonly timestamps: boolean;
  readonly isQuiet: boolean;
  readonly listsRtts: boolean;
  /** For `-o`; undefined if it is not given. */
  readonly outagePeriodMs: number | undefined;
  readonly isCumulative: boolean;
}

/** Milliseconds with three significant digits, three decimals at most. */
export function rttText(rttNs: number): string {
  const ms = rttNs / 1e6;
  if (ms < 1) return ms.toFixed(3);
  if (ms < 10) return ms.toFixed(2);
  return ms < 100 ? ms.toFixed(1) : ms.toFixed(0);
}
