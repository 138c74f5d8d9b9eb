/** The machine that figures are measured on, in words that name nobody. */

import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  // A distribution's or a provider's own suffix says nothing that a reader could use.
  const kernel = `${type()} ${release().split('-', 1)[0]}`;
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const cores = availableParallelism();
  return `${cores} ${cores === 1 ? 'core' : 'cores'} (${model}, ${arch()}), ${gibibytes} GiB, ${kernel}, Node ${process.versions.node}`;
}
