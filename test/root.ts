/** Where the project's files are, whether a test runs from its source or built. */

import { extname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** `.ts` if the tests run from source, `.js` if they are built. */
const EXTENSION = extname(import.meta.url);

/** The folder of package.json, with a slash at the end. */
export const ROOT: string = pathTo(EXTENSION === '.ts' ? '../' : '../../');

/**
 * The file to start for a module of ours: its source, or what was built from it.
 * @param source path from the root, such as `src/cli/main.ts`
 */
export function modulePath(source: string): string {
  return pathTo(`../${source.replace(/\.ts$/, EXTENSION)}`);
}

/** What `import()` takes for a script, on Windows too. @param path from the root */
export function scriptUrl(path: string): string {
  return pathToFileURL(`${ROOT}${path}`).href;
}

function pathTo(place: string): string {
  return fileURLToPath(new URL(place, import.meta.url));
}
