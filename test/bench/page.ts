/** The generated part of docs/performance.md: the targets, then one table per scenario. The text around it is written by hand. */

import {
  type Entrant,
  type Figures,
  median,
  type Observation,
  type Race,
  type Run,
} from './figures.ts';
import { OBSERVATIONS } from './observations.ts';
import { isOurs } from './programs.ts';
import { RACES } from './scenarios.ts';
import { judge, probesPerSecond, userShare } from './targets.ts';

const BEGIN = '<!-- figures: begin; made by npm run bench -- --write -->';
const END = '<!-- figures: end -->';
const SCENARIOS = { ...RACES, ...OBSERVATIONS };
const COLUMNS = [
  'Program',
  'Time',
  'Probes/s',
  'User CPU',
  'System CPU',
  'User share',
  'Peak memory',
  'Missed',
];

/** @returns the page with its figures replaced @throws Error if the page has no place for them */
export function withFigures(page: string, figures: Figures): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`the page lacks "${BEGIN}" or "${END}"`);
  return `${page.slice(0, begin)}${BEGIN}\n\n${figuresText(figures)}\n\n${page.slice(end)}`;
}

function figuresText(figures: Figures): string {
  const verdicts = judge(figures).map(({ target, measured, isMet }) => [
    target,
    measured,
    isMet ? 'yes' : 'no',
  ]);
  return [
    `Measured on ${figures.machine}.`,
    '## Targets',
    table(['Target', 'Measured', 'Met'], verdicts),
    ...Object.keys(SCENARIOS).flatMap((name) => scenarioText(name, figures.scenarios[name])),
  ].join('\n\n');
}

/** A scenario's heading, introduction and table; nothing if there are no figures. */
export function scenarioText(name: string, found: Race | Observation | undefined): string[] {
  if (found === undefined) return [];
  const { title, about } = SCENARIOS[name as keyof typeof SCENARIOS];
  const heading = [`## ${title}`, about];
  if (found.kind === 'observation') return [...heading, table(found.columns, found.rows)];
  const runs = Math.max(...found.entrants.map((entrant) => entrant.runs.length));
  const hosts = `${counted(found.hosts, 'host')}, ${grouped(found.live)} live; ${counted(runs, 'run')} of each, in turn.`;
  const rows = found.entrants.map((entrant) => entrantRow(found, entrant));
  const commands = found.entrants.map(({ command }) => command).join('\n');
  return [...heading, hosts, table(COLUMNS, rows), `\`\`\`text\n${commands}\n\`\`\``];
}

function entrantRow(race: Race, entrant: Entrant): string[] {
  const { name, version, runs } = entrant;
  const done = runs.filter(({ failure }) => failure === undefined);
  const label = isOurs(name) ? `**${name}**` : `${name} ${version}`.trim();
  if (done.length === 0) {
    const nothing = COLUMNS.slice(3).map(() => '');
    return [label, runs[0]!.failure!, ...nothing, missedText(runs)];
  }
  const of = (value: (run: Run) => number): number[] => done.map(value);
  const peaks = done.flatMap((run) => run.peakMiB ?? []);
  const seconds = spread(of(({ wallMs }) => wallMs / 1000));
  const failed = runs.find(({ failure }) => failure !== undefined);
  return [
    label,
    `${seconds} s${failed === undefined ? '' : `, then ${failed.failure}`}`,
    grouped(Math.round(median(of((run) => probesPerSecond(race, entrant, run))))),
    `${median(of(({ userMs }) => userMs / 1000)).toFixed(2)} s`,
    `${median(of(({ systemMs }) => systemMs / 1000)).toFixed(2)} s`,
    `${(median(of(userShare)) * 100).toFixed(0)} %`,
    peaks.length === 0 ? '' : `${median(peaks).toFixed(0)} MiB`,
    missedText(done),
  ];
}

/** The median, with the minimum and maximum. */
function spread(values: readonly number[]): string {
  const [least, middle, most] = [Math.min(...values), median(values), Math.max(...values)];
  const text = [least, middle, most].map((value) => value.toFixed(value < 10 ? 3 : 1));
  return values.length === 1 ? text[1]! : `${text[1]} (${text[0]}–${text[2]})`;
}

function missedText(runs: readonly Run[]): string {
  const missed = runs.flatMap((run) => run.missed ?? []);
  if (missed.length === 0) return '';
  const invented = Math.max(...runs.map((run) => run.invented ?? 0));
  const [least, most] = [Math.min(...missed), Math.max(...missed)];
  const text = least === most ? grouped(most) : `${grouped(least)}–${grouped(most)}`;
  return invented === 0 ? text : `${text}, invented ${grouped(invented)}`;
}

function table(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [columns, columns.map(() => '---'), ...rows].map(line).join('\n');
}

function counted(count: number, what: string): string {
  return `${grouped(count)} ${what}${count === 1 ? '' : 's'}`;
}

function grouped(value: number): string {
  return value.toLocaleString('en');
}
