/** Makes a stream to a regular file write all that it is given, or fail. */

import { fstatSync, writeFileSync } from 'node:fs';
import type { Writable } from 'node:stream';

/**
 * Node's stream for standard output in a file (SyncWriteStream) ignores how many octets the system wrote. A disk that
 * fills up takes a part of a piece without an error (write(2)): the rest was missing, and the exit code was 0.
 */
export function writeWhole(stream: Writable & { readonly fd: number }): void {
  if (!isRegularFile(stream.fd)) return;
  stream._write = (piece: Uint8Array, _encoding, done) => {
    try {
      // Unlike writeSync, it goes on after a part.
      writeFileSync(stream.fd, piece);
    } catch (error) {
      done(error as Error);
      return;
    }
    done();
  };
}

function isRegularFile(fd: number): boolean {
  try {
    // Other figures of a pipe keep Node 20 from following links to the modules that it loads next.
    return fstatSync(fd, { bigint: true }).isFile();
  } catch {
    // It was never open.
    return false;
  }
}
