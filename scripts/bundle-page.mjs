/** Bundles the browser's part of the HTML report: one script and one style sheet that need nothing else. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = 'src/report/html/page';
/** What is made, by the sources that it begins with. */
const BUNDLES = { 'page.js': 'main.ts', 'page.css': 'page.css' };
/** An HTML parser would end the element there. */
const UNSAFE_INLINE = /<\/(script|style)|<!--/i;

/** Where the bundles stand below dist. */
export const PAGE_OUTPUTS = Object.keys(BUNDLES).map((name) => `src/report/html/${name}`);

/** Whether the compiler leaves this source to the bundler. */
export function isPageSource(path) {
  return path.startsWith(`${PAGE}/`);
}

/** @param {string} root @param {string} dist @throws {Error} where a source is wrong */
export async function bundlePage(root, dist) {
  const { build } = await import('esbuild');
  for (const [output, source] of Object.entries(BUNDLES)) {
    const outfile = join(dist, 'src/report/html', output);
    await build({
      entryPoints: [join(root, PAGE, source)],
      outfile,
      bundle: true,
      minify: true,
      format: 'iife',
      // Of the time when browsers had all that the page uses: DecompressionStream, light-dark().
      target: ['chrome123', 'firefox120', 'safari17.5'],
      charset: 'utf8',
      legalComments: 'inline',
      logLevel: 'silent',
    });
    if (!existsSync(outfile) || UNSAFE_INLINE.test(readFileSync(outfile, 'utf8'))) {
      throw new Error(`${output} cannot stand in a page`);
    }
  }
}
