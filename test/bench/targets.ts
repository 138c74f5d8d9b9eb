/** The performance targets, and whether the figures meet them. */

import {
  type Entrant,
  type Figures,
  median,
  type Observation,
  type Race,
  type Run,
} from './figures.ts';
import { isOurs } from './programs.ts';

export interface Verdict {
  readonly target: string;
  /** What was measured, in words. */
  readonly measured: string;
  readonly isMet: boolean;
}

type Judge = (
  figures: Figures,
) => { readonly measured: string; readonly isMet: boolean } | undefined;

const TARGETS: Readonly<Record<string, Judge>> = {
  'A live /12 over loopback at 88 % of the bare loop’s probes/s or more': (figures) =>
    speedRatio(figures, 'loopback-12', 'bare loop', 0.88),
  'A live /12 over two routed hops at the bare loop’s probes/s or more': (figures) =>
    speedRatio(figures, 'live-12', 'bare loop', 1),
  'A live /12, routed, at 2.8 times fping’s or more': (figures) =>
    speedRatio(figures, 'live-12', 'fping', 2.8),
  'A live /12, routed, at 1.45 times zmap’s or more': (figures) =>
    speedRatio(figures, 'live-12', 'zmap', 1.45),
  'User time at most 15 % of the CPU time for a live /12': (figures) => {
    const shares = runsOf(figures, 'live-12', 'echosweep')?.map(userShare);
    return shares && atMost(median(shares), 0.15, percent);
  },
  'CPU time of a million probes against a responder that costs nothing at most 8 s': (figures) =>
    observed(figures, 'free-responder', 'echosweep', 8, seconds),
  'The same with `--send raw`': (figures) =>
    observed(figures, 'free-responder', 'echosweep --send raw', 8, seconds),
  'A live /16, including start-up, in two thirds of fping’s time or less': (figures) =>
    timeRatio(figures, 'live-16', 'fping', 2 / 3),
  'Peak memory at most 110 MiB for a /16': (figures) => {
    const peak = peakMiB(figures, 'live-16');
    return peak === undefined ? undefined : atMost(peak, 110, mebibytes);
  },
  'Peak memory for a /12 within 10 % of a /16’s': (figures) => {
    const [small, large] = [peakMiB(figures, 'live-16'), peakMiB(figures, 'live-12')];
    if (small === undefined || large === undefined) return undefined;
    return atMost(Math.abs(large / small - 1), 0.1, percent);
  },
  'A single address in twice the time of `node -e 0` or less': (figures) =>
    timeRatio(figures, 'single', 'node -e 0', 2),
  'A /24 with a third silent, at defaults, in 0.53 times fping’s time or less': (figures) =>
    timeRatio(figures, 'third-silent-24', 'fping', 0.53),
  'The same with `--patience quick` in nmap -sn’s time or less': (figures) =>
    timeRatio(figures, 'third-silent-24', 'nmap', 1, 'echosweep --patience quick'),
  'No live host missed in any run of any race': (figures) => {
    const runs = Object.keys(figures.scenarios).flatMap((name) =>
      (raceOf(figures, name)?.entrants ?? [])
        .filter((entrant) => isOurs(entrant.name))
        .flatMap((entrant) => entrant.runs),
    );
    if (runs.length === 0) return undefined;
    const worst = runs.reduce((sum, { missed = 0, invented = 0 }) => sum + missed + invented, 0);
    return { measured: `${worst} in ${runs.length} runs`, isMet: worst === 0 };
  },
  'A sparse connected /21 in nmap -sn’s time or less': (figures) =>
    timeRatio(figures, 'lan-21', 'nmap', 1),
  'The same with `--arp-rate 5000` in 0.45 times nmap -sn’s time or less': (figures) =>
    timeRatio(figures, 'lan-21', 'nmap', 0.45, 'echosweep --arp-rate 5000'),
  '300,000 networks from a file: user time up to the first probe at most 2 s': (figures) =>
    observed(figures, 'large-files', 'networks user', 2, seconds),
  'A CSV of a million hosts, read back by `map` in 3 s or less': (figures) =>
    observed(figures, 'large-files', 'map wall', 3, seconds),
  'The same by `render` in 3 s or less': (figures) =>
    observed(figures, 'large-files', 'render wall', 3, seconds),
  'Two of them, compared by `diff`, in 6 s or less': (figures) =>
    observed(figures, 'large-files', 'diff wall', 6, seconds),
  'Below max, the rate held within 1 % over a sweep': (figures) =>
    observed(figures, 'steadiness', 'worstMean', 0.01),
  'Below max, the rate held within 10 % over any 100 ms': (figures) =>
    observed(figures, 'steadiness', 'worstWindow', 0.1),
  'Round-trip times at 1,000 probes/s: median error at most 10 µs': (figures) =>
    observed(figures, 'accuracy', 'echosweep at 1,000 probes/s median', 10, microseconds),
  'Round-trip times at 1,000 probes/s: 99 % within 100 µs': (figures) =>
    observed(figures, 'accuracy', 'echosweep at 1,000 probes/s p99', 100, microseconds),
  'Round-trip times at 1,000 probes/s: median error no larger than fping’s': (figures) =>
    errorAgainst(figures, 'fping'),
  'Round-trip times at 1,000 probes/s: median error no larger than ping’s': (figures) =>
    errorAgainst(figures, 'ping'),
  'Round-trip times at full speed: median error at most 0.5 µs': (figures) =>
    observed(figures, 'accuracy', 'echosweep at full speed median', 0.5, microseconds),
  'Round-trip times at full speed: 99 % within 2 µs': (figures) =>
    observed(figures, 'accuracy', 'echosweep at full speed p99', 2, microseconds),
  'Round-trip times at full speed: none negative': (figures) =>
    observed(figures, 'accuracy', 'echosweep at full speed negative', 0, String),
  'A live /8, no row missing or duplicated': (figures) => {
    const missing = observation(figures, 'slash8')?.values['missing'];
    return missing === undefined
      ? undefined
      : { measured: `${missing} rows wrong`, isMet: missing === 0 };
  },
  'Constant memory over a /8: the second half within 10 % of the first': (figures) =>
    observed(figures, 'slash8', 'growth', 0.1),
};

/** The verdict on every target that has figures. */
export function judge(figures: Figures): Verdict[] {
  return Object.entries(TARGETS).flatMap(([target, of]) => {
    const verdict = of(figures);
    return verdict === undefined ? [] : [{ target, ...verdict }];
  });
}

/** Probes per second of a whole process, excluding the wait that its command line requests. */
export function probesPerSecond(race: Race, { idleMs }: Entrant, run: Run): number {
  return race.hosts / ((run.wallMs - idleMs) / 1000);
}

export function userShare({ userMs, systemMs }: Run): number {
  return userMs / (userMs + systemMs);
}

/** The median of the ratios of each round, in which both ran on the same machine in the same minute. */
function ratioTo(
  figures: Figures,
  scenario: string,
  rival: string,
  measureOf: (race: Race, entrant: Entrant, run: Run) => number,
  own = 'echosweep',
): number | undefined {
  const race = raceOf(figures, scenario);
  const [ours, theirs] = [own, rival].map((name) => entrantOf(race, name));
  if (race === undefined || ours === undefined || theirs === undefined) return undefined;
  const rounds = ours.runs.flatMap((run, i) => {
    const other = theirs.runs[i];
    if (other === undefined || run.failure !== undefined || other.failure !== undefined) return [];
    return measureOf(race, ours, run) / measureOf(race, theirs, other);
  });
  return rounds.length === 0 ? undefined : median(rounds);
}

function speedRatio(figures: Figures, scenario: string, other: string, least: number) {
  const ratio = ratioTo(figures, scenario, other, probesPerSecond);
  if (ratio === undefined) return undefined;
  return { measured: `${ratio.toFixed(2)} times`, isMet: ratio >= least };
}

function timeRatio(figures: Figures, scenario: string, other: string, most: number, own?: string) {
  const ratio = ratioTo(figures, scenario, other, (_race, _entrant, { wallMs }) => wallMs, own);
  return ratio === undefined
    ? undefined
    : atMost(ratio, most, (value) => `${value.toFixed(2)} times`);
}

function errorAgainst(figures: Figures, rival: string) {
  const values = observation(figures, 'accuracy')?.values;
  const [ours, theirs] = ['echosweep', rival].map(
    (program) => values?.[`${program} at 1,000 probes/s median`],
  );
  if (ours === undefined || theirs === undefined) return undefined;
  return {
    measured: `${microseconds(ours)} against ${microseconds(theirs)}`,
    isMet: ours <= theirs,
  };
}

function observed(
  figures: Figures,
  scenario: string,
  key: string,
  most: number,
  words: (value: number) => string = percent,
) {
  const value = observation(figures, scenario)?.values[key];
  return value === undefined ? undefined : atMost(value, most, words);
}

function atMost(value: number, most: number, words: (value: number) => string) {
  return { measured: words(value), isMet: value <= most };
}

function peakMiB(figures: Figures, scenario: string): number | undefined {
  const peaks = runsOf(figures, scenario, 'echosweep')?.flatMap((run) => run.peakMiB ?? []);
  return peaks === undefined ? undefined : median(peaks);
}

function runsOf(figures: Figures, scenario: string, name: string): readonly Run[] | undefined {
  return entrantOf(raceOf(figures, scenario), name)?.runs;
}

function entrantOf(race: Race | undefined, name: string): Entrant | undefined {
  return race?.entrants.find((entrant) => entrant.name === name);
}

function raceOf(figures: Figures, name: string): Race | undefined {
  const found = figures.scenarios[name];
  return found?.kind === 'race' ? found : undefined;
}

function observation(figures: Figures, name: string): Observation | undefined {
  const found = figures.scenarios[name];
  return found?.kind === 'observation' ? found : undefined;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}

function microseconds(value: number): string {
  return `${value.toFixed(1)} µs`;
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function mebibytes(value: number): string {
  return `${value.toFixed(0)} MiB`;
}
