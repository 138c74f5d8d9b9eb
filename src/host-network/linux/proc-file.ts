/** Files of /proc and /sys. */

import { readFileSync } from 'node:fs';

/** A full Internet table is not read: it has few connected networks, but a million lines. */
const LONGEST_FILE_OCTETS = 8 << 20;

/** The text of a file; empty if it cannot be read. */
export function readProcFile(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    return text.length > LONGEST_FILE_OCTETS ? '' : text;
  } catch {
    return '';
  }
}
