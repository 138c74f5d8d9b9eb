/** The streams that a command reads and writes, and what is known of the terminal behind them. */

import type { Readable, Writable } from 'node:stream';
import { errorCode } from '../file-errors.ts';
import { outputFailed } from '../report/output.ts';
import { safeText } from '../words.ts';
import type { SignalSource } from './signals.ts';

/** A stream that may be a terminal, as Node describes one. */
export type TerminalStream = Writable & {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

/** What a command reads and writes. */
export interface Streams {
  readonly stdin: Readable;
  /** Data. */
  readonly stdout: TerminalStream;
  /** Words. */
  readonly stderr: TerminalStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** All that a command may touch of its process. */
export interface Surroundings extends Streams {
  readonly signals: SignalSource;
  /** Ends the process at once. */
  readonly exit: (code: number) => void;
}

/** The assumed size of a terminal that does not report its own. */
const USUAL_WIDTH = 80;
const USUAL_HEIGHT = 24;

/** Columns of the terminal; Infinity if the stream is not a terminal. */
export function widthOf(stream: TerminalStream): number {
  return stream.isTTY === true ? stream.columns || USUAL_WIDTH : Number.POSITIVE_INFINITY;
}

/** Lines of help are no longer, however wide the terminal. */
const WIDEST_HELP = 100;

/** Columns for a help text. */
export function helpWidthOf(stream: TerminalStream): number {
  return Math.min(WIDEST_HELP, widthOf(stream));
}

/** Lines of the terminal. */
export function heightOf(stream: TerminalStream): number {
  return stream.rows || USUAL_HEIGHT;
}

/** Whether a picture has to do with ASCII: a dumb terminal, or a locale of another encoding than UTF-8. */
export function isPlain(env: Streams['env']): boolean {
  if (env['TERM'] === 'dumb') return true;
  const locale = env['LC_ALL'] || env['LC_CTYPE'] || env['LANG'] || '';
  return /\.(?!utf-?8)/i.test(locale);
}

/** FORCE_COLOR overrides NO_COLOR, as in Node itself; `0` and `false` in it mean no colour. */
export function wantsColour(stream: TerminalStream, env: Streams['env']): boolean {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced !== '0' && forced !== 'false';
  if (env['NO_COLOR'] || env['TERM'] === 'dumb') return false;
  return stream.isTTY === true;
}

/** Writes lines of words; a closed stderr is ignored. */
export function printWords(streams: Streams, lines: readonly string[]): void {
  if (lines.length > 0) streams.stderr.write(lines.map((line) => `${line}\n`).join(''));
}

/** A line with our name, for terminals and logs that other programs share; what it quotes may come from anywhere. */
export function errorLine(message: string): string {
  return `echosweep: ${safeText(message)}`;
}

/**
 * Writes the requested text, such as the help, and waits until it is taken. A reader that closes the pipe has read
 * enough.
 * @throws EchosweepError OUTPUT_FAILED
 */
export function printData(streams: Streams, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    streams.stdout.write(text, (error) => {
      if (!error || errorCode(error) === 'EPIPE') resolve();
      else reject(outputFailed('standard output', error));
    });
  });
}
