/** The end of this process whatever its threads do (_exit(2)), on systems other than Windows. */

import koffi from 'koffi';

export const exitNow = koffi.load(null).func('void _exit(int status)');
