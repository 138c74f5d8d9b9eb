/** `npm start -- …`: installs and builds if necessary, then becomes the echosweep command. */

import { pathToFileURL } from 'node:url';
import { MAIN } from './ensure.mjs';
import { makeReady } from './make-ready.mjs';

await makeReady();

// npm runs scripts in the package's folder; relative paths refer to the caller's current folder.
if (process.env.npm_lifecycle_event === 'start' && process.env.INIT_CWD) {
  process.chdir(process.env.INIT_CWD);
}
process.argv[1] = MAIN;
await import(pathToFileURL(MAIN).href);
