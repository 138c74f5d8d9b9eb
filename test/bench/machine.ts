/** Describes the machine that figures are measured on, in general terms. */

import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os';

export function describeMachine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  // The suffix of a distribution or provider is of no use to a reader.
  const kernel = `${type()} ${release().split('-', 1)[0]}`;
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  const cores = availableParallelism();
  return `${cores} ${cores === 1 ? 'core' : 'cores'} (${model}, ${arch()}), ${gibibytes} GiB, ${kernel}, Node ${process.versions.node}`;
}
