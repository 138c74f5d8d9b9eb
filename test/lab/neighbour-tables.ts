/** Empties the neighbour tables of the client and of every place of the lab. */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const PLACES = '/run/netns';

export function forgetNeighbours(): void {
  const flush = ['ip', 'neigh', 'flush', 'all'];
  run(flush);
  for (const place of readdirSync(PLACES)) run(['nsenter', `--net=${PLACES}/${place}`, ...flush]);
}

function run([file, ...args]: string[]): void {
  const done = spawnSync(file!, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.error ?? done.stderr}`);
}
