/** Files of /proc and /sys. */

import { closeSync, openSync, readSync } from 'node:fs';

/** A router's table of the whole Internet is left out: a million lines, of which few are connected networks. */
const LONGEST_FILE_OCTETS = 8 << 20;
const PIECE_OCTETS = 64 << 10;

/** The text of a file; empty if it cannot be read, or is too long. @param longestOctets replaced in tests */
export function readProcFile(path: string, longestOctets = LONGEST_FILE_OCTETS): string {
  try {
    return readFile(path, longestOctets);
  } catch {
    return '';
  }
}

/** Whether a file says anything; so too if it is there and cannot be read. */
export function mayHaveText(path: string): boolean {
  try {
    return readFile(path, LONGEST_FILE_OCTETS).trim() !== '';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ENOENT';
  }
}

function readFile(path: string, longestOctets: number): string {
  const file = openSync(path, 'r');
  try {
    return readUpTo(file, longestOctets);
  } finally {
    closeSync(file);
  }
}

/** These files have no size that could be known before they are read. */
function readUpTo(file: number, longestOctets: number): string {
  const pieces: Buffer[] = [];
  for (let length = 0; ; ) {
    const piece = Buffer.allocUnsafe(PIECE_OCTETS);
    const octets = readSync(file, piece);
    if (octets === 0) return Buffer.concat(pieces).toString();
    length += octets;
    if (length > longestOctets) return '';
    pieces.push(piece.subarray(0, octets));
  }
}
