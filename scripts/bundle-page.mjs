/** Bundles the browser's part of the HTML report: one script and one style sheet that need nothing else. */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = 'src/report/html/page';
/** The bundles, each with the source that it starts from. */
const BUNDLES = { 'page.js': 'main.ts', 'page.css': 'page.css' };
/** Below dist: which files the bundles were made from, and a fingerprint of them. */
export const PAGE_STAMP = '.page-made-from';
/** An HTML parser would end the element there. */
const UNSAFE_INLINE = /<\/(script|style)|<!--/i;

/** Paths of the bundles below dist. */
export const PAGE_OUTPUTS = Object.keys(BUNDLES).map((name) => `src/report/html/${name}`);

/** Whether the compiler leaves this source to the bundler. */
export function isPageSource(path) {
  return path.startsWith(`${PAGE}/`);
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

/** @param {string} root @param {string} dist @throws {Error} if a source is wrong */
export async function bundlePage(root, dist) {
  const { build } = await import('esbuild');
  const inputs = new Set(['package-lock.json', 'scripts/bundle-page.mjs']);
  for (const [output, source] of Object.entries(BUNDLES)) {
    const outfile = join(dist, 'src/report/html', output);
    const { metafile } = await build({
      absWorkingDir: root,
      entryPoints: [join(root, PAGE, source)],
      outfile,
      bundle: true,
      minify: true,
      metafile: true,
      format: 'iife',
      // The first versions that have all that the page uses: DecompressionStream, light-dark().
      target: ['chrome123', 'firefox120', 'safari17.5'],
      charset: 'utf8',
      legalComments: 'inline',
      logLevel: 'silent',
    });
    if (!existsSync(outfile) || UNSAFE_INLINE.test(readFileSync(outfile, 'utf8'))) {
      throw new Error(`${output} cannot be put into a page`);
    }
    for (const path of Object.keys(metafile.inputs)) inputs.add(path);
  }
  const files = [...inputs].sort();
  const stamp = { inputs: files, fingerprint: fingerprintOf(root, files) };
  writeFileSync(join(dist, PAGE_STAMP), JSON.stringify(stamp));
}

function fingerprintOf(root, paths) {
  const hash = createHash('sha256');
  for (const path of paths) hash.update(readFileSync(join(root, path)));
  return hash.digest('hex');
}
