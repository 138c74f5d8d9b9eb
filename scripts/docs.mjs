/** `npm run docs`: writes docs/options.md, docs/commands.md, man/, its list in package.json, and the tables of docs/csv.md and docs/notifications.md from the code. */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { makeReady } from './make-ready.mjs';

await makeReady();
const { optionsDocument } = await import('../dist/src/cli/options-doc.js');
const { commandsDocument } = await import('../dist/src/cli/commands-doc.js');
const { notificationsDocument } = await import('../dist/src/cli/notifications-doc.js');
const { reportsDocument } = await import('../dist/src/cli/reports-doc.js');
const { manPages } = await import('../dist/src/cli/man/man-pages.js');
const pageOf = (name) => readFileSync(new URL(`../docs/${name}`, import.meta.url), 'utf8');
const PAGES = {
  'options.md': optionsDocument(),
  'commands.md': await commandsDocument(),
  'csv.md': reportsDocument(pageOf('csv.md')),
  'notifications.md': notificationsDocument(pageOf('notifications.md')),
};
for (const [name, text] of Object.entries(PAGES)) {
  writeFileSync(new URL(`../docs/${name}`, import.meta.url), text);
}

const MAN = new URL('../man/', import.meta.url);
const manual = await manPages();
mkdirSync(MAN, { recursive: true });
for (const name of readdirSync(MAN)) if (!manual.has(name)) rmSync(new URL(name, MAN));
for (const [name, text] of manual) writeFileSync(new URL(name, MAN), text);
// npm links only what is listed.
const PACKAGE = new URL('../package.json', import.meta.url);
const manifest = JSON.parse(readFileSync(PACKAGE, 'utf8'));
manifest.man = [...manual.keys()].sort().map((name) => `./man/${name}`);
writeFileSync(PACKAGE, `${JSON.stringify(manifest, null, 2)}\n`);
