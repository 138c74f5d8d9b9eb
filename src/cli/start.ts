/** The first file of the installed program: has what is compiled kept, then loads the command. */

import module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { codeFolder, thisCaller } from './code-folder.ts';
import { requireKept } from './kept-code.ts';

/** From Node 22.8. It returns what happened, and never throws. */
const { enableCompileCache } = module as { enableCompileCache?: (folder: string) => unknown };

const command = fileURLToPath(new URL('command.cjs', import.meta.url));
const folder = codeFolder(thisCaller());
if (folder) {
  enableCompileCache?.(folder);
  requireKept(command, folder);
} else {
  createRequire(command)(command);
}
