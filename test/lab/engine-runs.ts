/** The engines, who runs each of them, and whether this machine has them all. */

import { spawnSync } from 'node:child_process';
import { ROOT } from '../root.ts';
import type { RunOptions } from './run.ts';

export type EngineName = 'raw' | 'dgram' | 'raw-socket' | 'system';

export const WHO: Readonly<Record<EngineName, RunOptions>> = {
  raw: {},
  dgram: { as: 'ordinary-user' },
  'raw-socket': {},
  system: {},
};

export const ENGINE_NAMES = Object.keys(WHO) as EngineName[];

/** The package is optional and needs a compiler. */
const noRawSocket = rawSocketMissing();

/** Why tests of an engine cannot run here; undefined if they can. */
export function missingFor(engine: string): string | undefined {
  return engine === 'raw-socket' ? noRawSocket : undefined;
}

function rawSocketMissing(): string | undefined {
  const load = "process.exit(await import('raw-socket').then(() => 0, () => 1))";
  const done = spawnSync(process.execPath, ['--input-type=module', '-e', load], { cwd: ROOT });
  return done.status === 0 ? undefined : 'the optional package raw-socket is not installed';
}
