/** `node scripts/options-doc.mjs`: writes docs/options.md anew from the table of options. */

import { writeFileSync } from 'node:fs';
import { makeReady } from './make-ready.mjs';

await makeReady();
const { optionsDocument } = await import('../dist/src/cli/options-doc.js');
writeFileSync(new URL('../docs/options.md', import.meta.url), optionsDocument());
