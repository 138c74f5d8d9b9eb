/** `npm run docs`: writes the generated pages, docs/options.md and docs/commands.md, from the tables in the code. */

import { writeFileSync } from 'node:fs';
import { makeReady } from './make-ready.mjs';

await makeReady();
const { optionsDocument } = await import('../dist/src/cli/options-doc.js');
const { commandsDocument } = await import('../dist/src/cli/commands-doc.js');
const PAGES = {
  'options.md': optionsDocument(),
  'commands.md': await commandsDocument(),
};
for (const [name, text] of Object.entries(PAGES)) {
  writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);
}
