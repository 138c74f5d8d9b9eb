/** `node --import …/as-darwin.js`: a thread that says it runs on macOS 15. koffi looks at the platform once, when it loads. */

import 'koffi';
import { syncBuiltinESMExports } from 'node:module';
import os from 'node:os';

Object.defineProperty(process, 'platform', { value: 'darwin' });
os.release = () => '24.6.0';
syncBuiltinESMExports();
