/** Runs programs over the same hosts in rounds (first run of each, second run of each), so anything that slows the machine slows all of them. */

import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Entrant, Race, Run } from './figures.ts';
import { compareWithTruth, countLive } from './found-hosts.ts';
import { measure } from './measure.ts';
import {
  commandText,
  FINE_IF_CROWDED,
  type Job,
  PROGRAMS,
  type Program,
  type ProgramName,
  versionOf,
} from './programs.ts';
import { rangeOf } from './range.ts';
import type { RaceScenario } from './scenarios.ts';

export interface RaceOptions {
  readonly runs: number;
  /** Folder for the programs' reports. */
  readonly folder: string;
  /** A few hosts only, and all programs at once: to check that they run, not how fast. */
  readonly isSmoke: boolean;
  /** Called after each run. */
  readonly onRun: (name: string, run: Run) => void;
}

const DEADLINE_MS = 60_000;
const SMOKE_DEADLINE_MS = 40_000;

interface Starter {
  readonly name: ProgramName;
  readonly version: string;
  readonly program: Program;
  readonly job: Job;
  readonly command: readonly string[];
}

export async function runRace(
  name: string,
  scenario: RaceScenario,
  options: RaceOptions,
): Promise<Race> {
  const range = rangeOf(options.isSmoke ? scenario.smokeRange : scenario.range);
  const starters = scenario.entrants.flatMap((entrant): Starter[] => {
    const program: Program = PROGRAMS[entrant];
    const reportFile = join(options.folder, `${name}.${entrant.replaceAll(/\W/g, '')}.csv`);
    const job: Job = { ...scenario.job, range, reportFile };
    const version = versionOf(entrant);
    const command = program.command(job);
    if (version === undefined || command === undefined) return [];
    return [{ name: entrant, version, program, job, command }];
  });

  const runs = new Map<Starter, Run[]>(starters.map((starter) => [starter, []]));
  const runOnce = async (starter: Starter): Promise<void> => {
    // A program that hung once would take the whole deadline in every round.
    if (runs.get(starter)!.some(({ failure }) => failure !== undefined)) return;
    const run = await runStarter(starter, scenario, options);
    runs.get(starter)!.push(run);
    options.onRun(starter.name, run);
  };
  if (options.isSmoke) await Promise.all(starters.map(runOnce));
  else
    for (let i = 0; i < options.runs; i++) for (const starter of starters) await runOnce(starter);

  const entrants = starters.map(
    (starter): Entrant => ({
      name: starter.name,
      version: starter.version,
      command: commandText(starter.command, starter.job),
      idleMs: starter.program.idleMs?.(starter.job) ?? 0,
      runs: runs.get(starter)!,
    }),
  );
  return { kind: 'race', hosts: range.hosts, live: countLive(range, scenario.isLive), entrants };
}

async function runStarter(
  { program, job, command }: Starter,
  scenario: RaceScenario,
  { isSmoke }: RaceOptions,
): Promise<Run> {
  const outputFile = program.writesTo === 'file' ? `${job.reportFile}.out` : job.reportFile;
  // An old report must not pass for a new one.
  rmSync(job.reportFile, { force: true });
  const { memoryMiB: _, ...cost } = await measure({
    command,
    outputFile,
    deadlineMs: isSmoke ? SMOKE_DEADLINE_MS : DEADLINE_MS,
    fineExitCodes: [...(program.fineExitCodes ?? []), ...(isSmoke ? FINE_IF_CROWDED : [])],
  });
  if (!existsSync(job.reportFile)) return { ...cost, failure: cost.failure ?? 'no report' };
  return {
    ...cost,
    ...(await compareWithTruth(job.reportFile, program, job.range, scenario.isLive)),
  };
}
