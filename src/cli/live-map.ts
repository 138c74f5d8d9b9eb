/** `--live`: the map of the addresses drawn on the terminal while the sweep fills it in. */

import process from 'node:process';
import type { AddressRun } from '../report/address-runs.ts';
import { terminalMap } from '../report/terminal-map.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { SweepProgress } from '../sweep-job.ts';
import { ECHOED_KEY, progressWords, snapshotLine } from './progress.ts';
import {
  heightOf,
  isPlain,
  type Streams,
  type TerminalStream,
  wantsColour,
  widthOf,
} from './terminal.ts';

/** Each takes an octet: a map of more than a /8 could not be read, and would take as much memory as the sweep itself. */
export const MOST_LIVE_TARGETS = 2 ** 24;
/** After each drawing, the map stays as it is for this many times as long as that drawing took. */
const PAUSE_A_DRAWING = 30;
/** For output that does not go to a terminal. */
const USUAL_SIZE = { width: 80, height: 40 } as const;
/** A line for what is done, an empty one above it, and one for the cursor. */
const LINES_BELOW = 3;

/** Lines are erased one by one: some terminals keep a screen that is erased whole among what has scrolled off. */
const ERASE_LINE = '\u001B[2K';
const HOME = '\u001B[H';
const upBy = (lines: number): string => (lines < 1 ? '\r' : `\u001B[${lines}A\r`);

/** From the first of so many lines and back to it. */
function erased(lines: number): string {
  return new Array(lines).fill(ERASE_LINE).join('\n') + upBy(lines - 1);
}

/** Shown, hidden and ended like the progress bar, whose place it takes. */
export class LiveMap {
  /** To be handed to the sweep. */
  readonly liveCells: Uint8Array;
  private readonly runs: readonly AddressRun[];
  private readonly stream: TerminalStream;
  private readonly env: Streams['env'];
  /** Whether the map can be drawn again in its place; else it is drawn once, at the end. */
  private readonly isMoving: boolean;
  private latest: SweepProgress | undefined;
  private nextDrawingMs = Number.NEGATIVE_INFINITY;
  /** On the terminal, the cursor behind the last. */
  private shown: readonly string[] = [];
  private isShown = false;
  private isOver = false;
  private readonly onResize = (): void => this.redraw();
  /** The shell has written below the map: a new one begins there. */
  private readonly onContinue = (): void => {
    this.shown = [];
    if (!this.isShown) return;
    this.stream.write(erased(1));
    this.draw();
  };

  constructor(ranges: readonly AddressRange[], stream: TerminalStream, env: Streams['env']) {
    this.runs = ranges.map(({ family, zone, first, last }) => ({
      family,
      zone: zone === '' ? '' : `%${zone}`,
      value: first,
      count: Number(last - first) + 1,
    }));
    const targets = this.runs.reduce((sum, { count }) => sum + count, 0);
    this.liveCells = new Uint8Array(new SharedArrayBuffer(targets));
    this.stream = stream;
    this.env = env;
    this.isMoving = stream.isTTY === true && env['TERM'] !== 'dumb';
    if (!this.isMoving) return;
    stream.on('resize', this.onResize);
    // Before the size is read again: if it has changed, the screen is erased and the map drawn once more.
    process.prependListener('SIGCONT', this.onContinue);
  }

  update(progress: SweepProgress): void {
    this.latest = progress;
    if (!this.isShown) this.show();
    else if (performance.now() >= this.nextDrawingMs) this.draw();
  }

  hide(): void {
    if (!this.isShown) return;
    this.isShown = false;
    this.stream.write(this.upToFirst() + erased(this.shown.length));
    this.shown = [];
  }

  /** Shows the map again, when that is due; nothing before the first `update` and after `end`. */
  show(): void {
    if (!this.isMoving || this.isShown || this.isOver || this.latest === undefined) return;
    if (performance.now() < this.nextDrawingMs) return;
    this.isShown = true;
    this.draw();
  }

  /** Takes the moving map off the terminal and leaves its last state there. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.stream.removeListener('resize', this.onResize);
    process.off('SIGCONT', this.onContinue);
    if (this.isShown) this.put([...this.lines(), '', '']);
    else if (this.latest !== undefined) this.stream.write(`${this.lines().join('\n')}\n\n`);
    this.isShown = false;
  }

  private draw(): void {
    const startMs = performance.now();
    this.put([...this.lines(), '', this.doneLine(this.latest!)]);
    const endMs = performance.now();
    this.nextDrawingMs = endMs + PAUSE_A_DRAWING * (endMs - startMs);
  }

  /** Writes only the lines that changed, so that nothing flickers. */
  private put(lines: readonly string[]): void {
    const { shown } = this;
    if (shown.length === lines.length) {
      const changes = lines.map((line, i) => (line === shown[i] ? '' : ERASE_LINE + line));
      this.stream.write(this.upToFirst() + changes.join('\n'));
    } else {
      this.stream.write(this.upToFirst() + erased(shown.length) + lines.join('\n'));
    }
    this.shown = lines;
  }

  private doneLine(progress: SweepProgress): string {
    const room = widthOf(this.stream) - ECHOED_KEY.length;
    const whole = snapshotLine(progress);
    return whole.length <= room ? whole : progressWords(progress).trimStart().slice(0, room);
  }

  private upToFirst(): string {
    return upBy(this.shown.length - 1);
  }

  /** The terminal may have wrapped what was drawn again, so where it begins is not known. */
  private redraw(): void {
    if (!this.isShown) return;
    this.stream.write(HOME + erased(heightOf(this.stream)) + HOME);
    this.shown = [];
    this.draw();
  }

  private lines(): string[] {
    const isTerminal = this.stream.isTTY === true;
    return terminalMap(
      { runs: this.runs, codes: this.liveCells },
      {
        width: isTerminal ? widthOf(this.stream) : USUAL_SIZE.width,
        height: isTerminal ? heightOf(this.stream) - LINES_BELOW : USUAL_SIZE.height,
        isPlain: isPlain(this.env),
        colour: wantsColour(this.stream, this.env),
      },
    );
  }
}
