/** The version of this package. */

import { readFileSync } from 'node:fs';

/** package.json is one folder above `src`, two above `dist/src`, and three above the bundles in `dist/src/bin`. */
const PLACES = ['../package.json', '../../package.json', '../../../package.json'];

/** Such as `1.2.3`. */
export const PACKAGE_VERSION: string = readVersion();

function readVersion(): string {
  for (const place of PLACES) {
    try {
      const text = readFileSync(new URL(place, import.meta.url), 'utf8');
      const found: { readonly name?: string; readonly version?: string } = JSON.parse(text);
      if (found.name === 'echosweep' && found.version !== undefined) return found.version;
    } catch {
      // Not there: it is in the other place.
    }
  }
  return 'unknown';
}
