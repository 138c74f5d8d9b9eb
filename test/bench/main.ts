/**
 * `npm run bench -- [SCENARIO…] [--runs N] [--write] [--smoke]`, inside namespaces of its own: builds the network, runs
 * the scenarios and prints their tables; `--write` also saves the figures and regenerates the page.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../root.ts';
import type { Figures, Observation, Race, Run } from './figures.ts';
import { describeMachine } from './machine.ts';
import { endWithUs } from './measure.ts';
import { buildBenchNetwork, startStrayPackets } from './network.ts';
import { OBSERVATIONS, type ObservationScenario } from './observations.ts';
import { scenarioText, withFigures } from './page.ts';
import { runRace } from './race.ts';
import { RACES, type RaceScenario } from './scenarios.ts';
import { complaintsAbout } from './smoke.ts';
import { judge } from './targets.ts';

const FIGURES = `${ROOT}test/bench/figures.json`;
const PAGE = `${ROOT}docs/performance.md`;
const USAGE_EXIT = 3;
const DEFAULT_RUNS = '5';

const SCENARIOS: Readonly<Record<string, RaceScenario | ObservationScenario>> = {
  ...RACES,
  ...OBSERVATIONS,
};

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: DEFAULT_RUNS },
    write: { type: 'boolean', default: false },
    smoke: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const runs = Number(options.runs);
const unknown = positionals.filter((name) => SCENARIOS[name] === undefined);
if (options.help || unknown.length > 0 || !Number.isInteger(runs) || runs < 1) {
  process.stderr.write(usage(unknown));
  process.exit(options.help ? 0 : USAGE_EXIT);
}

buildBenchNetwork();
const strayPackets = startStrayPackets();
endWithUs(strayPackets);
const folder = mkdtempSync(join(tmpdir(), 'echosweep-bench-'));
try {
  if (options.smoke) smoke(await runAtOnce());
  else publish({ machine: describeMachine(), scenarios: await runInTurn() });
} finally {
  rmSync(folder, { recursive: true, force: true });
  strayPackets.kill();
}

function publish(figures: Figures): void {
  for (const [name, found] of Object.entries(figures.scenarios))
    say(`${scenarioText(name, found).join('\n\n')}\n`);
  for (const { target, measured, isMet } of judge(figures))
    say(`${isMet ? 'met    ' : 'not met'} ${target}: ${measured}`);
  if (options.write) write(figures);
}

/** The times mean nothing here, only the hosts found. */
function smoke(found: Readonly<Record<string, Race | Observation>>): void {
  for (const [name, each] of Object.entries(found)) {
    const entrants = each.kind === 'race' ? each.entrants.map((entrant) => entrant.name) : [];
    say(`${name.padEnd(16)} ${entrants.join(', ') || 'observed'}`);
  }
  const complaints = complaintsAbout(found);
  for (const complaint of complaints) say(complaint);
  if (complaints.length > 0) process.exitCode = 1;
}

async function runInTurn(): Promise<Record<string, Race | Observation>> {
  const found: Record<string, Race | Observation> = {};
  for (const name of chosen()) found[name] = await runScenario(name);
  return found;
}

/** Nothing is measured, so everything may run at the same time. */
async function runAtOnce(): Promise<Record<string, Race | Observation>> {
  const pairs = chosen().map(async (name) => [name, await runScenario(name)] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

function chosen(): readonly string[] {
  if (positionals.length > 0) return positionals;
  const names = Object.keys(SCENARIOS);
  return options.smoke ? names : names.filter((name) => !isNightly(SCENARIOS[name]!));
}

function isNightly(scenario: RaceScenario | ObservationScenario): boolean {
  return 'isNightly' in scenario && scenario.isNightly === true;
}

function runScenario(name: string): Promise<Race | Observation> {
  const scenario = SCENARIOS[name]!;
  if ('observe' in scenario) return scenario.observe(folder, options.smoke);
  const onRun = (program: string, run: Run): void => {
    const seconds = (run.wallMs / 1000).toFixed(3);
    process.stderr.write(
      `${name} ${program}: ${seconds} s, missed ${run.missed ?? '-'} ${run.failure ?? ''}\n`,
    );
  };
  return runRace(name, scenario, { runs, folder, isSmoke: options.smoke, onRun });
}

/** Figures of scenarios that did not run are kept, but never mixed with those of another machine. */
function write(figures: Figures): void {
  const kept = JSON.parse(readFileSync(FIGURES, 'utf8')) as Figures;
  const older = kept.machine === figures.machine ? kept.scenarios : {};
  const all: Figures = { ...figures, scenarios: { ...older, ...figures.scenarios } };
  writeFileSync(FIGURES, `${JSON.stringify(all, null, 1)}\n`);
  writeFileSync(PAGE, withFigures(readFileSync(PAGE, 'utf8'), all));
}

function usage(unknown: readonly string[]): string {
  const complaint = unknown.length === 0 ? '' : `unknown scenario: ${unknown.join(', ')}\n`;
  const lines = Object.entries(SCENARIOS).map(([name, scenario]) => {
    const nightly = isNightly(scenario) ? ' (only if named)' : '';
    return `  ${name.padEnd(16)} ${scenario.title}${nightly}`;
  });
  return `${complaint}usage: npm run bench -- [SCENARIO…] [--runs N] [--write] [--smoke]\n${lines.join('\n')}\n`;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
