/** `node --import …/as-darwin.js`: a thread that says it runs on macOS. koffi looks at the platform once, when it loads. */

import 'koffi';

Object.defineProperty(process, 'platform', { value: 'darwin' });
