/** `node scripts/options-doc.mjs`: writes docs/options.md, docs/commands.md and the tables of docs/csv.md from the code. */

import { readFileSync, writeFileSync } from 'node:fs';
import { makeReady } from './make-ready.mjs';

await makeReady();
const { optionsDocument } = await import('../dist/src/cli/options-doc.js');
const { commandsDocument } = await import('../dist/src/cli/commands-doc.js');
const { reportsDocument } = await import('../dist/src/cli/reports-doc.js');
const [options, commands, reports] = ['options', 'commands', 'csv'].map(
  (name) => new URL(`../docs/${name}.md`, import.meta.url),
);
writeFileSync(options, optionsDocument());
writeFileSync(commands, commandsDocument());
writeFileSync(reports, reportsDocument(readFileSync(reports, 'utf8')));
