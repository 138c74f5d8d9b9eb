/** The first file of the installed program: has what is compiled kept, then loads the command. */

import module, { createRequire } from 'node:module';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { codeFolder, thisCaller } from './code-folder.ts';
import { requireKept } from './kept-code.ts';

/** From Node 22.8. It returns what happened, and never throws. */
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };

// Without a listener Node takes SIGUSR1 for the wish to be debugged, which any user of this machine could then do.
process.on('SIGUSR1', () => {});
const command = fileURLToPath(new URL('command.cjs', import.meta.url));
const folder = codeFolder(thisCaller());
if (folder) {
  enableCompileCache?.(folder);
  requireKept(command, folder);
} else {
  createRequire(command)(command);
}
