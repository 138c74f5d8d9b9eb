/** What `inventory run` does: scans when they are due, passes changes on, reads its configuration anew. */

import { EchosweepError } from '../errors.ts';
import type { InventoryChange } from '../inventory/change-list.ts';
import { prune } from '../inventory/prune.ts';
import { type Clock, keepSchedule, ScanPlan } from '../inventory/scan-plan.ts';
import { latestScan } from '../inventory/scan-writer.ts';
import type { Store } from '../inventory/store.ts';
import { safeText } from '../words.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type ConfigFile, openStoreOf, readConfigOf, scannedNetworks } from './inventory-files.ts';
import { metricsOf, writeMetricsFile } from './inventory-metrics.ts';
import type { MetricsSource } from './metrics-server.ts';
import { scanNetwork, scanSummary, tellChanges } from './network-scan.ts';
import type { ServiceNotice } from './service-notice.ts';
import { SweepSignals } from './signals.ts';
import type { SubcommandLine } from './subcommand.ts';
import { deliverWaiting } from './telling.ts';
import { errorLine, printWords, type Surroundings } from './terminal.ts';

/** Later than this a scan should not begin: the longest wait is half a minute. */
const OVERDUE_MS = 5 * 60_000;

export class InventoryService implements MetricsSource {
  readonly #line: SubcommandLine;
  readonly #surroundings: Surroundings;
  #file: ConfigFile;
  #store: Store;
  #plan: ScanPlan;
  #wantsReload = false;
  #isScanning = false;
  /** The day, UTC, of the latest pruning. */
  #prunedOn = '';
  /** By network: why its latest scan failed. */
  readonly #failures = new Map<string, string>();
  /** What is being delivered beside the scans, and what ends it. */
  #delivery: Promise<void> | undefined;
  #deliveryEnd = new AbortController();
  /** Ends the present wait. */
  #wake = (): void => {};

  constructor(line: SubcommandLine, surroundings: Surroundings, file: ConfigFile, store: Store) {
    this.#line = line;
    this.#surroundings = surroundings;
    this.#file = file;
    this.#store = store;
    this.#plan = this.#newPlan();
  }

  metrics(): string {
    return metricsOf(this.#store, this.#file);
  }

  problem(): string | undefined {
    const [failure] = this.#failures.values();
    if (failure !== undefined) return failure;
    const dueMs = this.#plan.nextAt?.getTime() ?? Number.POSITIVE_INFINITY;
    return !this.#isScanning && Date.now() - dueMs > OVERDUE_MS
      ? 'a scan is overdue: is the machine busy?'
      : undefined;
  }

  async run(notice: ServiceNotice): Promise<ExitCode> {
    const { signals: source } = this.#surroundings;
    const signals = new SweepSignals(source, {
      onStop: () => {
        notice.stopping();
        this.#wake();
      },
      onStopAtOnce: () => this.#surroundings.exit(EXIT.interrupted),
      onSnapshot: () => this.#say([this.#nextWords()]),
    });
    const reload = (): void => {
      this.#wantsReload = true;
      this.#wake();
    };
    source.on('SIGHUP', reload);
    try {
      this.#say([this.#nextWords()]);
      notice.status(this.#nextWords());
      notice.ready();
      const isOver = (): boolean => signals.stoppedBy !== undefined;
      await keepSchedule(
        () => this.#plan,
        this.#clock(notice),
        isOver,
        async (name) => {
          notice.status(`scanning ${name}`);
          this.#isScanning = true;
          await this.#scan(name, signals.signal);
          this.#pruneDaily();
          this.#isScanning = false;
          notice.status(this.#nextWords());
        },
      );
      return EXIT.ok;
    } finally {
      source.off('SIGHUP', reload);
      signals.release();
      await this.#endDelivery();
      this.#store.close();
    }
  }

  #clock(notice: ServiceNotice): Clock {
    return {
      now: () => new Date(),
      pass: async (ms) => {
        this.#deliver();
        if (!this.#wantsReload) {
          await new Promise<void>((resolve) => {
            const timer = setTimeout(resolve, ms);
            this.#wake = () => {
              clearTimeout(timer);
              resolve();
            };
          });
        }
        if (this.#wantsReload) await this.#reload(notice);
      },
    };
  }

  /** A configuration that is wrong is told, and the one before stays. */
  async #reload(notice: ServiceNotice): Promise<void> {
    this.#wantsReload = false;
    notice.reloading();
    try {
      const file = await readConfigOf(this.#line);
      const store = await openStoreOf(file);
      await this.#endDelivery();
      this.#store.close();
      [this.#file, this.#store] = [file, store];
      this.#plan = this.#newPlan();
      this.#failures.clear();
      this.#say(['read the configuration anew', this.#nextWords()]);
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      this.#say([`${error.message}; the configuration before stays`]);
    }
    notice.ready();
  }

  /** Beside the scans: a receiver that is slow to answer holds none of them up. */
  #deliver(): void {
    const { signal } = this.#deliveryEnd;
    this.#delivery ??= deliverWaiting(this.#store, this.#file, this.#surroundings, signal)
      .then((problems) => this.#say(problems))
      .catch((error: unknown) => {
        if (!(error instanceof EchosweepError)) throw error;
        this.#say([error.message]);
      })
      .finally(() => {
        this.#delivery = undefined;
      });
  }

  /** What is not delivered waits on disk. */
  async #endDelivery(): Promise<void> {
    this.#deliveryEnd.abort();
    await this.#delivery;
    this.#deliveryEnd = new AbortController();
  }

  async #scan(name: string, signal: AbortSignal): Promise<void> {
    const network = this.#file.config.networks.find((each) => each.name === name)!;
    try {
      const result = await scanNetwork(this.#store, this.#file, network, {
        signal,
        // The sockets of the next scan want the same rights.
        dropsPrivileges: false,
        onUnresolved: (lines) => printWords(this.#surroundings, lines),
      });
      if (!this.#line.value<boolean>('quiet')) {
        printWords(this.#surroundings, [
          ...scanSummary(name, result),
          ...result.changes.map(changeLine),
        ]);
      }
      const problem = await tellChanges(this.#file, network, result);
      if (problem !== undefined) this.#say([problem]);
      this.#failures.delete(name);
      await writeMetricsFile(this.#store, this.#file);
    } catch (error) {
      // The next scan may find better times.
      if (!(error instanceof EchosweepError)) throw error;
      const failure = `${name}: ${error.message}`;
      this.#failures.set(name, failure);
      this.#say([failure]);
    }
  }

  /** Beyond what is to be kept nothing grows, also where nobody thinks of it. */
  #pruneDaily(): void {
    const now = new Date();
    const day = now.toISOString().slice(0, 10);
    if (day === this.#prunedOn) return;
    this.#prunedOn = day;
    try {
      const { keepDays: days } = this.#file.config;
      prune(this.#store, { days, networks: scannedNetworks(this.#file) }, now);
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      this.#say([error.message]);
    }
  }

  #newPlan(): ScanPlan {
    const planned = this.#file.config.networks.flatMap(({ name, schedule }) =>
      schedule === undefined ? [] : [{ name, schedule, lastScan: latestScan(this.#store, name) }],
    );
    return new ScanPlan(planned, new Date());
  }

  #nextWords(): string {
    const next = this.#plan.nextAt;
    return next === undefined
      ? 'no network has a schedule: give one to those that are to be scanned'
      : `the next scan is due at ${next.toISOString()}`;
  }

  #say(lines: readonly string[]): void {
    printWords(this.#surroundings, lines.map(errorLine));
  }
}

/** `office: gone 192.0.2.7 printer.example (echo-reply, no-response)` */
function changeLine({ network, kind, address, hostname, before, after }: InventoryChange): string {
  const name = hostname === null ? '' : ` ${safeText(hostname)}`;
  const values = [before, after].filter((value) => value !== '').map(safeText);
  return `${network}: ${kind} ${address}${name} (${values.join(' -> ')})`;
}
