/** Whether a smoke run shows that every part of the benchmark still works. */

import type { Observation, Race } from './figures.ts';
import { isOurs } from './programs.ts';

/** On a busy machine it ends before any reply arrives, in runs this short. */
const FICKLE: readonly string[] = ['masscan'];

/** @returns the problems, one per entry; empty if all is well */
export function complaintsAbout(found: Readonly<Record<string, Race | Observation>>): string[] {
  const races = Object.entries(found).flatMap(([name, each]) =>
    each.kind === 'race' ? [{ name, race: each }] : [],
  );
  const runs = races.flatMap(({ name, race }) =>
    race.entrants.flatMap((entrant) =>
      entrant.runs.map((run) => ({ name, live: race.live, entrant: entrant.name, run })),
    ),
  );
  const ownFaults = runs
    .filter(({ entrant }) => isOurs(entrant))
    .filter(({ run }) => run.failure !== undefined || run.missed !== 0 || run.invented !== 0)
    .map(({ name, entrant, run }) => `${name}: ${entrant}: ${JSON.stringify(run)}`);
  // A peer may miss hosts or hang. One that finds no host anywhere is called or parsed wrongly.
  const counting = runs.filter(({ run }) => run.missed !== undefined);
  const blind = new Set(counting.map(({ entrant }) => entrant));
  for (const { entrant, live, run } of counting) if (run.missed! < live) blind.delete(entrant);
  for (const entrant of FICKLE) blind.delete(entrant);
  const wrongRows = Object.entries(found).filter(
    ([, each]) => each.kind === 'observation' && (each.values['missing'] ?? 0) !== 0,
  );
  return [
    ...ownFaults,
    ...[...blind].map((entrant) => `${entrant} found no host in any race`),
    ...wrongRows.map(([name]) => `${name}: rows are wrong`),
  ];
}
