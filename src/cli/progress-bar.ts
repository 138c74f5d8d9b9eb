/** The progress bar on a terminal. */

import cliProgress, { type GenericFormatter } from 'cli-progress';
import type { SweepProgress } from '../sweep-job.ts';
import { ECHOED_KEY, progressWords } from './progress.ts';
import type { TerminalStream } from './terminal.ts';

const DRAWS_PER_SECOND = 5;
const WIDEST_BAR = 30;
const NARROWEST_BAR = 8;
/** DECSC and DECRC. */
const SAVE_CURSOR = '\u001B7';
const RESTORE_CURSOR = '\u001B8';

/** A bar on the last line of a terminal. Code that writes to the same terminal hides it first. */
export class ProgressBar {
  readonly #bar: cliProgress.SingleBar;
  #latest: SweepProgress | undefined;
  #isShown = false;
  #isOver = false;

  constructor(stream: TerminalStream) {
    this.#bar = new cliProgress.SingleBar({
      stream: withoutSavedCursor(stream),
      format: drawLine,
      fps: DRAWS_PER_SECOND,
      barCompleteChar: '#',
      barIncompleteChar: '.',
      clearOnComplete: true,
      // Lines are cut to the terminal's width instead, so that nothing is to be restored if the process is killed.
      linewrap: true,
      hideCursor: null,
      gracefulExit: false,
    });
  }

  update(progress: SweepProgress): void {
    this.#latest = progress;
    if (this.#isShown) {
      this.#bar.setTotal(progress.targets);
      this.#bar.update(progress.done, { progress });
    } else {
      this.show();
    }
  }

  /** Nothing is shown before the next `update`. */
  forget(): void {
    this.#latest = undefined;
    this.hide();
  }

  hide(): void {
    if (!this.#isShown) return;
    this.#isShown = false;
    this.#bar.stop();
  }

  /** Shows the bar again; nothing before the first `update` and after `end`. */
  show(): void {
    if (this.#isShown || this.#isOver || this.#latest === undefined) return;
    this.#isShown = true;
    this.#bar.start(this.#latest.targets, this.#latest.done, { progress: this.#latest });
  }

  /** Takes the bar off the terminal for good. */
  end(): void {
    this.#isOver = true;
    this.hide();
  }
}

/** The bar is taken off the line that it is on: Enter, or a shell after Ctrl-Z, moves it down, and what is saved is an earlier line. */
function withoutSavedCursor(stream: TerminalStream): TerminalStream {
  const write = (text: string, ...rest: unknown[]): unknown =>
    text === SAVE_CURSOR ||
    text === RESTORE_CURSOR ||
    Reflect.apply(stream.write, stream, [text, ...rest]);
  return Object.create(stream, { write: { value: write } }) as TerminalStream;
}

const drawLine: GenericFormatter = (options, params, payload: { progress: SweepProgress }) => {
  const words = progressWords(payload.progress);
  const width = params.maxWidth - ECHOED_KEY.length;
  const room = width - words.length - '[] '.length;
  if (room < NARROWEST_BAR) return words.slice(0, width);
  const barsize = Math.min(room, WIDEST_BAR);
  return `[${cliProgress.Format.BarFormat(params.progress, { ...options, barsize })}] ${words}`;
};
