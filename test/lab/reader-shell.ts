/** Runs the commands of a page in the lab as a reader would. */

import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { type Finished, freshFolder, start } from './run.ts';

/** A shell for which `echosweep`, `node` and `npm` are what a reader has: the command installed, npm run in the project. */
export function shell(
  script: string,
  cwd = freshFolder(),
  env: Record<string, string> = {},
): Promise<Finished> {
  const bin = freshFolder();
  const commands = {
    echosweep: `exec ${LAB_NODE} ${LAB_PACKAGE}/dist/src/bin/echosweep.cjs "$@"`,
    node: `exec ${LAB_NODE} "$@"`,
    npm: `PATH=\${PATH#*:} exec npm --prefix ${LAB_PACKAGE} "$@"`,
  };
  for (const [name, command] of Object.entries(commands)) {
    const file = join(bin, name);
    writeFileSync(file, `#!/bin/sh\n${command}\n`);
    chmodSync(file, 0o755);
  }
  const path = `${bin}:${process.env['PATH']}`;
  return start(['sh', '-ec', script], { cwd, env: { ...env, PATH: path } }).finished;
}
