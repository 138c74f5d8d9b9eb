/** What kernels of the lab have learned of neighbours and paths, and how they forget it. */

import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';

const PLACES = '/run/netns';

/** Empties the neighbour tables of the client and of every place of the lab. */
export function forgetNeighbours(): void {
  const flush = ['ip', 'neigh', 'flush', 'all'];
  run(flush);
  for (const place of readdirSync(PLACES)) run(['nsenter', `--net=${PLACES}/${place}`, ...flush]);
}

/** Path MTUs of which routers have told the client: with them it sends nothing that is too large. */
export function forgetPathMtus(): void {
  for (const family of ['-4', '-6']) run(['ip', family, 'route', 'flush', 'cache']);
}

function run([file, ...args]: string[]): void {
  const done = spawnSync(file!, args, { encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`${args.join(' ')}: ${done.error ?? done.stderr}`);
}
