/** What each script does first: install and build, or exit with one line that says why not. */

import { ensureBuilt, ensureInstalled, SetupError } from './ensure.mjs';

/** The exit code for "the system refused". */
const EXIT_SYSTEM = 4;

/** Of package.json's `engines`. */
const OLDEST_NODE = [20, 19];

/** @param {() => Promise<void>} build what the script needs once the dependencies are installed */
export async function makeReady(build = ensureBuilt) {
  try {
    requireNode();
    await ensureInstalled();
    await build();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`echosweep: ${error.message}\n`);
    process.exit(EXIT_SYSTEM);
  }
}

function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1])) return;
  throw new SetupError(
    `this is Node ${process.versions.node}: install Node ${OLDEST_NODE.join('.')} or later`,
  );
}
