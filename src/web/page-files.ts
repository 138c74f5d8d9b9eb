/** The files of the page, as the build made them: read once, so no path of a request ever reaches the disk. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { extname } from 'node:path';

/** Made from `page/` by the build: next to this module when it is built, in `dist` when it runs from source. */
const BUNDLE_PLACES: Readonly<Record<string, string>> = {
  '.ts': '../../dist/src/web/',
  '.js': './',
  // The bundled command.
  '.cjs': '../web/',
};
const BUNDLE_PLACE = BUNDLE_PLACES[extname(import.meta.url)]!;

export interface PageFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly type: string;
  /** Changes with the content; RFC 9110 section 8.8.3. */
  readonly etag: string;
}

/** The document that all paths of the page share. */
export const DOCUMENT = 'web-page.html';

const TYPES: Readonly<Record<string, string>> = {
  [DOCUMENT]: 'text/html; charset=utf-8',
  'web-page.js': 'text/javascript; charset=utf-8',
  'web-page-chunk.js': 'text/javascript; charset=utf-8',
  'web-page-figures.js': 'text/javascript; charset=utf-8',
  'web-page.css': 'text/css; charset=utf-8',
};

/** By name. */
export function readPageFiles(): ReadonlyMap<string, PageFile> {
  return new Map(
    Object.entries(TYPES).map(([name, type]) => {
      const content = new Uint8Array(readFileSync(new URL(BUNDLE_PLACE + name, import.meta.url)));
      const hash = createHash('sha256').update(content).digest('base64url');
      return [name, { content, type, etag: `"${hash}"` }];
    }),
  );
}
