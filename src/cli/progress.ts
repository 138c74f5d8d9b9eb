/** The progress bar on a terminal, and the same numbers as a line for whoever asks by a signal. */

import cliProgress, { type GenericFormatter } from 'cli-progress';
import type { SweepProgress } from '../sweep.ts';
import type { TerminalStream } from './terminal.ts';

const DRAWS_PER_SECOND = 5;
const WIDEST_BAR = 30;
const NARROWEST_BAR = 8;

/** A bar on the last line of a terminal. Whoever writes to the same terminal hides it first. */
export class ProgressBar {
  readonly #bar: cliProgress.SingleBar;
  #latest: SweepProgress | undefined;
  #isShown = false;
  #isOver = false;

  constructor(stream: TerminalStream) {
    this.#bar = new cliProgress.SingleBar({
      stream,
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
    if (this.#isShown) this.#bar.update(progress.done, { progress });
    else this.show();
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

const drawLine: GenericFormatter = (options, params, payload: { progress: SweepProgress }) => {
  const words = progressWords(payload.progress);
  const room = params.maxWidth - words.length - '[] '.length;
  if (room < NARROWEST_BAR) return words;
  const barsize = Math.min(room, WIDEST_BAR);
  return `[${cliProgress.Format.BarFormat(params.progress, { ...options, barsize })}] ${words}`;
};

/** ` 18 %  12,345/65,536 hosts  1,234 up  1,000/s  0:53 left` */
function progressWords(progress: SweepProgress): string {
  const { targets, done, up, ratePps } = progress;
  const leftMs = millisecondsLeft(progress);
  return [
    `${String(percent(progress)).padStart(3)} %`,
    `${grouped(done)}/${grouped(targets)} hosts`,
    `${grouped(up)} up`,
    `${grouped(Math.round(ratePps))}/s`,
    leftMs === undefined ? '-:-- left' : `${clock(leftMs)} left`,
  ].join('  ');
}

/** How far the sweep is, in one line. */
export function snapshotLine(progress: SweepProgress): string {
  const { targets, done, up, sent, received, elapsedMs, ratePps } = progress;
  const leftMs = millisecondsLeft(progress);
  const parts = [
    `${grouped(done)} of ${grouped(targets)} hosts done (${percent(progress)} %)`,
    `${grouped(up)} up`,
    `${grouped(sent)} sent`,
    `${grouped(received)} received`,
    `${grouped(Math.round(ratePps))} probes/s`,
    `${clock(elapsedMs)} gone`,
    ...(leftMs === undefined ? [] : [`about ${clock(leftMs)} left`]),
  ];
  return parts.join(', ');
}

/** Rounded down, so that 100 % means done. */
function percent({ done, targets }: SweepProgress): number {
  return targets === 0 ? 100 : Math.floor((100 * done) / targets);
}

/** What the hosts still to do take at the speed of those done; undefined before the first is done. */
function millisecondsLeft({ done, targets, elapsedMs }: SweepProgress): number | undefined {
  return done === 0 ? undefined : (elapsedMs * (targets - done)) / done;
}

/** `1:02:03`, `2:03` */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const two = (value: number) => String(value).padStart(2, '0');
  const minutes = Math.floor(seconds / 60);
  const tail = two(seconds % 60);
  if (minutes < 60) return `${minutes}:${tail}`;
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}:${tail}`;
}

const thousands = new Intl.NumberFormat('en-US');

export function grouped(value: number): string {
  return thousands.format(value);
}
