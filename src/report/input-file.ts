/** A file as a stream that does not keep the process from its end. */

import { constants, createReadStream, openSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { platform } from 'node:os';
import type { Readable } from 'node:stream';

/** What is read from. */
export type InputFile = Readable & {
  /** Lets the process end although not everything has been read; absent where it may anyway. */
  unref?(): unknown;
};

/**
 * Opens a file. What the system says against it is an error of the stream.
 *
 * A pipe is not read by a thread: one that waits inside `open` or `read` for its writer would keep the process from
 * ending. Linux waits in `poll` for the first writer of a pipe that had none; other systems report an end.
 */
export function inputFile(path: string): InputFile {
  return (platform() === 'linux' ? pipeAt(path) : undefined) ?? createReadStream(path);
}

/** @returns undefined for another kind of file, and for a pipe that cannot be opened: a stream of it says why */
function pipeAt(path: string): InputFile | undefined {
  try {
    if (!statSync(path).isFIFO()) return undefined;
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return new Socket({ fd, readable: true, writable: false });
  } catch {
    return undefined;
  }
}
