/** One progress bar for sweeps that run at the same time. */

import type { SweepProgress } from '../sweep-job.ts';
import type { ProgressBar } from './progress-bar.ts';

type Bar = Pick<ProgressBar, 'update' | 'hide' | 'show' | 'forget'>;

export class JointProgress {
  readonly #bar: Bar | undefined;
  /** Of the sweeps that run, by name. */
  readonly #latest = new Map<string, SweepProgress>();

  /** @param bar undefined to show nothing */
  constructor(bar: Bar | undefined) {
    this.#bar = bar;
  }

  update(name: string, progress: SweepProgress): void {
    this.#latest.set(name, progress);
    this.#bar?.update(sumOf([...this.#latest.values()]));
  }

  /** The sweep has ended: it counts no more. */
  end(name: string): void {
    if (!this.#latest.delete(name)) return;
    if (this.#latest.size === 0) this.#bar?.forget();
    else this.#bar?.update(sumOf([...this.#latest.values()]));
  }

  /** Writes something else to the terminal of the bar. */
  aside(write: () => void): void {
    this.#bar?.hide();
    write();
    this.#bar?.show();
  }
}

function sumOf(parts: readonly SweepProgress[]): SweepProgress {
  const [only] = parts;
  if (parts.length === 1) return only!;
  const sum = (value: (part: SweepProgress) => number): number =>
    parts.reduce((total, part) => total + value(part), 0);
  return {
    targets: sum(({ targets }) => targets),
    done: sum(({ done }) => done),
    up: sum(({ up }) => up),
    sent: sum(({ sent }) => sent),
    received: sum(({ received }) => received),
    elapsedMs: Math.max(...parts.map(({ elapsedMs }) => elapsedMs)),
    ratePps: sum(({ ratePps }) => ratePps),
  };
}
