/** Puts the page together: a fixed skeleton, its policy, the browser's part and the data, all in one file. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import type { PageData } from './page-data.ts';
import { totalsSentence } from './totals-sentence.ts';

/** Made from `page/` by the build: next to this module when it is built, in `dist` when it runs from source. */
const BUNDLE_PLACES: Readonly<Record<string, string>> = {
  '.ts': '../../../dist/src/report/html/',
  '.js': './',
  // The bundled command.
  '.cjs': '../report/html/',
};
const BUNDLE_PLACE = BUNDLE_PLACES[extname(import.meta.url)]!;

/**
 * The whole document. Nothing from the network is in it as markup but the title and the sentence, escaped: host
 * names travel deflated in base64, and the browser's part only ever sets them as text.
 * @param cells octets of single addresses, if the map is of subnets
 */
export function pageDocument(data: PageData, cells: Uint8Array | undefined): string {
  const script = asset('page.js');
  const style = asset('page.css');
  const title = escaped(data.title);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<meta name="generator" content="echosweep">
<title>${title} · echosweep</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<header>
<div>
<h1>${title}</h1>
<p id="when"></p>
</div>
<button type="button" id="theme" hidden></button>
</header>
<main>
<p id="totals">${escaped(totalsSentence(data))}</p>
<noscript><p class="remark">The map, the charts and the table need JavaScript; nothing is loaded from anywhere.</p></noscript>
</main>
<script type="text/plain" id="data">${deflated(Buffer.from(JSON.stringify(data)))}</script>
${cells === undefined ? '' : `<script type="text/plain" id="cells">${deflated(cells)}</script>\n`}<script>${script}</script>
</body>
</html>
`;
}

/** Only this very script and style; nothing is loaded, sent or framed, and no text can become markup. */
function policy(script: string, style: string): string {
  return [
    "default-src 'none'",
    `script-src '${hashOf(script)}'`,
    `style-src '${hashOf(style)}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');
}

/** CSP level 3, section 2.3.1. */
function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

function asset(name: string): string {
  return readFileSync(new URL(BUNDLE_PLACE + name, import.meta.url), 'utf8');
}

function deflated(octets: Uint8Array): string {
  return deflateRawSync(octets).toString('base64');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
