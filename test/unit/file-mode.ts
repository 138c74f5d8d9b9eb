/** The permissions of a file, on systems whose files have some. */

import assert from 'node:assert/strict';
import { statSync } from 'node:fs';

/** Why a test of permissions cannot run here; false if it can. */
export const NO_MODES =
  process.platform === 'win32' && 'tests permissions, which files of Windows do not have';

/** Fails unless the file's owner alone may read and write it. On Windows, Node makes a mode up. */
export function assertPrivate(path: string): void {
  if (NO_MODES === false) assert.equal(statSync(path).mode & 0o077, 0, path);
}
