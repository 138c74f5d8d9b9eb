/** Bundles the browser's part of each page, of the HTML report and of the web interface: a script and a style sheet that need nothing else. */

import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packagesOf } from './licences.mjs';

/**
 * The pages: their sources, and what is made of them. A release keeps all code in one folder, so no two outputs share a
 * name.
 */
const PAGES = [
  {
    sources: 'src/report/html/page',
    output: 'src/report/html',
    bundles: { 'page.js': 'main.ts', 'page.css': 'page.css' },
    chunks: [],
    copies: {},
  },
  {
    sources: 'src/web/page',
    output: 'src/web',
    bundles: { 'web-page.js': 'main.tsx', 'web-page.css': 'page.css' },
    // What `import()` loads later, and what it shares with the rest.
    chunks: ['web-page-figures.js', 'web-page-chunk.js'],
    copies: { 'web-page.html': 'page.html' },
  },
];
/** Below dist: which files the bundles were made from, and a fingerprint of them. */
export const PAGE_STAMP = '.page-made-from';
/** An HTML parser would end the element there. */
const UNSAFE_INLINE = /<\/(script|style)|<!--/i;

/** Paths of the bundles below dist. */
export const PAGE_OUTPUTS = PAGES.flatMap(({ output, bundles, chunks, copies }) =>
  [...Object.keys({ ...bundles, ...copies }), ...chunks].map((name) => `${output}/${name}`),
);

/** Whether the compiler leaves this source to the bundler. */
export function isPageSource(path) {
  return PAGES.some(({ sources }) => path.startsWith(`${sources}/`));
}

/** Whether the bundles exist and none of the files that they were made from has changed. */
export function isPageBundled(root, dist) {
  try {
    const { inputs, fingerprint } = JSON.parse(readFileSync(join(dist, PAGE_STAMP), 'utf8'));
    return (
      fingerprintOf(root, inputs) === fingerprint &&
      PAGE_OUTPUTS.every((path) => existsSync(join(dist, path)))
    );
  } catch {
    return false;
  }
}

/** Names of the packages in the bundles, once these are there. @returns {string[]} */
export function packagesOfPages(dist) {
  return packagesOf(JSON.parse(readFileSync(join(dist, PAGE_STAMP), 'utf8')).inputs);
}

/** @param {string} root @param {string} dist @throws {Error} if a source is wrong */
export async function bundlePage(root, dist) {
  const inputs = new Set(['package-lock.json', 'scripts/bundle-page.mjs']);
  for (const { sources, output, bundles, chunks, copies } of PAGES) {
    for (const [name, source] of Object.entries(bundles)) {
      const place = join(dist, output);
      const used = await bundle(root, `${sources}/${source}`, place, name, chunks);
      for (const path of used) inputs.add(path);
    }
    for (const [name, source] of Object.entries(copies)) {
      copyFileSync(join(root, sources, source), join(dist, output, name));
      inputs.add(`${sources}/${source}`);
    }
  }
  const files = [...inputs].sort();
  const stamp = { inputs: files, fingerprint: fingerprintOf(root, files) };
  writeFileSync(join(dist, PAGE_STAMP), JSON.stringify(stamp));
}

/**
 * @param {string[]} chunks a script that has them is a module
 * @returns {Promise<string[]>} the files that it was made from
 */
async function bundle(root, source, folder, name, chunks) {
  const { build } = await import('esbuild');
  const isModule = chunks.length > 0 && name.endsWith('.js');
  const stem = name.replace(/[.]\w+$/, '');
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: { [stem]: join(root, source) },
    outdir: folder,
    // Two chunks of one name are an error.
    chunkNames: `${stem}-[name]`,
    splitting: isModule,
    bundle: true,
    minify: true,
    metafile: true,
    format: isModule ? 'esm' : 'iife',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    // The first versions that have all that the page uses: DecompressionStream, light-dark().
    target: ['chrome123', 'firefox120', 'safari17.5'],
    charset: 'utf8',
    legalComments: 'inline',
    logLevel: 'silent',
  });
  const expected = isModule ? [name, ...chunks] : [name];
  const made = Object.keys(metafile.outputs).map((path) => basename(path));
  if (expected.toSorted().join() !== made.toSorted().join()) {
    throw new Error(`${source} became ${made.join(', ')} instead of ${expected.join(', ')}`);
  }
  for (const each of made) {
    if (UNSAFE_INLINE.test(readFileSync(join(folder, each), 'utf8'))) {
      throw new Error(`${source} cannot be put into a page`);
    }
  }
  return Object.keys(metafile.inputs);
}

function fingerprintOf(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(readFileSync(join(root, path)));
  return hash.digest('hex');
}
