/** `npm run docs`: writes the generated pages, docs/options.md, docs/commands.md and the tables of docs/csv.md, from the tables in the code. */

import { readFileSync, writeFileSync } from 'node:fs';
import { makeReady } from './make-ready.mjs';

await makeReady();
const { optionsDocument } = await import('../dist/src/cli/options-doc.js');
const { commandsDocument } = await import('../dist/src/cli/commands-doc.js');
const { reportsDocument } = await import('../dist/src/cli/reports-doc.js');
const csvPage = readFileSync(new URL('../docs/csv.md', import.meta.url), 'utf8');
const PAGES = {
  'options.md': optionsDocument(),
  'commands.md': await commandsDocument(),
  'csv.md': reportsDocument(csvPage),
};
for (const [name, text] of Object.entries(PAGES)) {
  writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);
}
