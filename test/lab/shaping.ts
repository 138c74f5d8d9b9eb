/** Makes interfaces slow, where the system can. */

import { spawnSync } from 'node:child_process';

/** Why it cannot here; undefined if it can. tc is a package of its own on some systems, and tbf a module that some kernels lack. */
export const noShaping = shapingMissing();

function shapingMissing(): string | undefined {
  if (process.env['LAB_SKIP'] !== undefined) return undefined;
  const refusal = tc('add dev lo root tbf rate 8mbit burst 4kb limit 10kb');
  if (refusal === '') tc('del dev lo root');
  return refusal === '' ? undefined : `tc cannot make an interface slow here: ${refusal}`;
}

/**
 * @param command of `tc qdisc`
 * @param network in which the interface is; undefined for the lab's client
 * @returns why it failed; '' if it did not
 */
export function tc(command: string, network?: string): string {
  const there = network === undefined ? [] : ['-n', network];
  const done = spawnSync('tc', [...there, 'qdisc', ...command.split(' ')], { encoding: 'utf8' });
  return done.status === 0 ? '' : (done.error?.message ?? done.stderr.trim());
}
