/** `npm run build`: installs what is missing and builds what is stale. */

import { makeReady } from './make-ready.mjs';

await makeReady();
