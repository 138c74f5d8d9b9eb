/** `--live`: the map of the addresses drawn on the terminal while the sweep fills it in. */

import type { AddressRun } from '../report/address-runs.ts';
import { terminalMap } from '../report/terminal-map.ts';
import type { AddressRange } from '../results/block-targets.ts';
import type { SweepProgress } from '../sweep.ts';
import { snapshotLine } from './progress.ts';
import {
  heightOf,
  isPlain,
  type Streams,
  type TerminalStream,
  wantsColour,
  widthOf,
} from './terminal.ts';

/** An octet each: more than a /8 would be no map any more, and take as much memory as the sweep itself. */
export const MOST_LIVE_TARGETS = 2 ** 24;
/** Drawing a megabyte five times a second would cost the sweep a core. */
const MANY_TARGETS = 2 ** 20;
const PAUSE_WITH_MANY_MS = 1000;
/** Where nobody tells. */
const USUAL_SIZE = { width: 80, height: 40 } as const;
/** A line for what is done, an empty one above it, and one for the cursor. */
const LINES_BELOW = 3;

/** From the cursor's line to the end of the terminal. */
const ERASE_BELOW = '\u001B[0J';
const ERASE_ALL = '\u001B[H\u001B[2J';
const upBy = (lines: number): string => (lines === 0 ? '\r' : `\u001B[${lines}A\r`);

/** Shown, hidden and ended like the progress bar, whose place it takes. */
export class LiveMap {
  /** To be handed to the sweep. */
  readonly board: Uint8Array;
  private readonly runs: readonly AddressRun[];
  private readonly stream: TerminalStream;
  private readonly env: Streams['env'];
  /** Whether the map can be drawn again in its place; else it is drawn once, in the end. */
  private readonly isMoving: boolean;
  private latest: SweepProgress | undefined;
  private drawnAtMs = Number.NEGATIVE_INFINITY;
  /** Lines on the terminal above the cursor's. */
  private shownLines = 0;
  private isShown = false;
  private isOver = false;
  private readonly onResize = (): void => this.redraw();

  constructor(ranges: readonly AddressRange[], stream: TerminalStream, env: Streams['env']) {
    this.runs = ranges.map(({ family, zone, first, last }) => ({
      family,
      zone: zone === '' ? '' : `%${zone}`,
      value: first,
      count: Number(last - first) + 1,
    }));
    const targets = this.runs.reduce((sum, { count }) => sum + count, 0);
    this.board = new Uint8Array(new SharedArrayBuffer(targets));
    this.stream = stream;
    this.env = env;
    this.isMoving = stream.isTTY === true && env['TERM'] !== 'dumb';
    if (this.isMoving) stream.on('resize', this.onResize);
  }

  update(progress: SweepProgress): void {
    this.latest = progress;
    const pauseMs = this.board.length > MANY_TARGETS ? PAUSE_WITH_MANY_MS : 0;
    if (performance.now() - this.drawnAtMs < pauseMs) return;
    if (this.isShown) this.draw();
    else this.show();
  }

  hide(): void {
    if (!this.isShown) return;
    this.isShown = false;
    this.stream.write(upBy(this.shownLines) + ERASE_BELOW);
    this.shownLines = 0;
  }

  /** Shows the map again; nothing before the first `update` and after `end`. */
  show(): void {
    if (!this.isMoving || this.isShown || this.isOver || this.latest === undefined) return;
    this.isShown = true;
    this.draw();
  }

  /** Takes the moving map off the terminal and leaves its last state there. */
  end(): void {
    if (this.isOver) return;
    this.hide();
    this.isOver = true;
    this.stream.removeListener('resize', this.onResize);
    if (this.latest !== undefined) this.stream.write(`${this.lines().join('\n')}\n\n`);
  }

  private draw(): void {
    this.drawnAtMs = performance.now();
    const width = widthOf(this.stream);
    const below = snapshotLine(this.latest!).slice(0, width - 1);
    const lines = [...this.lines(), '', below];
    this.stream.write(`${upBy(this.shownLines)}${ERASE_BELOW}${lines.join('\n')}`);
    this.shownLines = lines.length - 1;
  }

  /** What was drawn may have been wrapped anew: nobody can tell where it begins. */
  private redraw(): void {
    if (!this.isShown) return;
    this.stream.write(ERASE_ALL);
    this.shownLines = 0;
    this.draw();
  }

  private lines(): string[] {
    const isTerminal = this.stream.isTTY === true;
    return terminalMap(
      { runs: this.runs, codes: this.board },
      {
        width: isTerminal ? widthOf(this.stream) : USUAL_SIZE.width,
        height: isTerminal ? heightOf(this.stream) - LINES_BELOW : USUAL_SIZE.height,
        isPlain: isPlain(this.env),
        colour: wantsColour(this.stream, this.env),
      },
    );
  }
}
