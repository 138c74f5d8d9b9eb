/** A report written straight to a stream: standard output, a pipe or a device. */

import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { outputFailed, type Piece, type ReportOutput } from './output.ts';

/** Standard output, say: stays open for what is written to it next. */
export function borrowedStream(stream: Writable, place: string): ReportOutput {
  catchErrorEvents(stream);
  return {
    write: (piece) => writeThrough(stream, place, piece),
    commit: async () => {},
    discard: async () => {},
  };
}

/** A stream opened for this report alone: closed with it. */
export function ownedStream(stream: Writable, place: string): ReportOutput {
  catchErrorEvents(stream);
  return {
    write: (piece) => writeThrough(stream, place, piece),
    async commit() {
      try {
        stream.end();
        await finished(stream, { readable: false });
      } catch (error) {
        throw outputFailed(place, stream.errored ?? error);
      }
    },
    async discard() {
      stream.destroy();
    },
  };
}

/** Waits until the stream has handed the piece on, not just taken it: a slow reader slows the sweep, never fills memory. */
function writeThrough(stream: Writable, place: string, piece: Piece): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(piece, (error) => {
      if (error) reject(outputFailed(place, stream.errored ?? error));
      else resolve();
    });
  });
}

/** A failed write is reported by its callback; without a listener the following `error` event would end the process. */
function catchErrorEvents(stream: Writable): void {
  if (!stream.listeners('error').includes(errorIsTold)) stream.on('error', errorIsTold);
}

function errorIsTold(): void {}
