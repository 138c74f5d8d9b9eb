/** `node scripts/options-doc.mjs`: writes docs/options.md and docs/commands.md anew from the tables in the code. */

import { writeFileSync } from 'node:fs';
import { makeReady } from './make-ready.mjs';

await makeReady();
const { optionsDocument } = await import('../dist/src/cli/options-doc.js');
const { commandsDocument } = await import('../dist/src/cli/commands-doc.js');
writeFileSync(new URL('../docs/options.md', import.meta.url), optionsDocument());
writeFileSync(new URL('../docs/commands.md', import.meta.url), commandsDocument());
