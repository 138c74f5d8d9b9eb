/** Stand-ins for a command's surroundings: terminals, pipes that close, and signals sent by hand. */

import { EventEmitter } from 'node:events';
import { PassThrough, Readable, Writable } from 'node:stream';
import type { Surroundings, TerminalStream } from '../../../src/cli/terminal.ts';

/** Keeps what is written to it. */
export class KeptStream extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor({ isTTY = false, columns = 80 } = {}) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  // cli-progress moves the cursor by readline, which asks for no more than `write`.
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** A pipe whose reader is gone: every write fails as the system says it. */
export class ClosedPipe extends Writable {
  override _write(_chunk: Buffer, _encoding: string, done: (error: Error) => void): void {
    done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  }
}

/** A file on a disk that is full, or will be after so many writes. */
export class FullDisk extends Writable {
  #writesLeft: number;

  constructor(writesLeft = 0) {
    super();
    this.#writesLeft = writesLeft;
  }

  override _write(_chunk: Buffer, _encoding: string, done: (error?: Error) => void): void {
    if (this.#writesLeft-- > 0) done();
    else done(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }));
  }
}

export interface FakeSurroundings extends Surroundings {
  readonly stderr: KeptStream;
  readonly signals: EventEmitter;
  /** Codes that the command wanted to end the process with at once. */
  readonly exits: number[];
}

export function fakeSurroundings({
  stdin = '',
  stdout = new KeptStream() as TerminalStream,
  stderr = new KeptStream(),
  env = {} as Record<string, string>,
} = {}): FakeSurroundings {
  const exits: number[] = [];
  return {
    stdin: stdin === '' ? new PassThrough().end() : Readable.from([Buffer.from(stdin)]),
    stdout,
    stderr,
    env,
    signals: new EventEmitter(),
    exits,
    exit: (code) => exits.push(code),
  };
}
