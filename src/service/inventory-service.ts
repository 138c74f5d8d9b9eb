/** Keeps an inventory: scans networks on schedule and on request, notifies receivers, answers questions. It knows no terminal. */

import { MS_A_MINUTE } from '../durations.ts';
import { EchosweepError } from '../errors.ts';
import type { NetworkConfig } from '../inventory/config/config.ts';
import {
  type ConfigFile,
  networksNamed,
  openConfiguredStore,
} from '../inventory/config/config-file.ts';
import { isOpenAt } from '../inventory/config/site-fields.ts';
import type { FileOwner } from '../inventory/database.ts';
import type { SecretSources } from '../inventory/notify/secret.ts';
import { isPruningSafe, prune } from '../inventory/prune.ts';
import { sumUpOldHours } from '../inventory/reply-history.ts';
import { writeScanFiles } from '../inventory/scan-files.ts';
import { keepSchedule, placesOf, ScanPlan } from '../inventory/scan-plan.ts';
import { latestScan } from '../inventory/scan-writer.ts';
import type { Hearing } from '../inventory/site-agents.ts';
import { inTransactionOfSteps, type Store } from '../inventory/store.ts';
import { pause } from '../pause.ts';
import { notifyProgram, refuseWrongTargets, type ScanResult, scanNetwork } from '../scan.ts';
import type { Inventory, RunningScan, ScanControl } from './inventory.ts';
import { InventoryQuestions } from './inventory-questions.ts';
import { KeptHearing } from './kept-hearing.ts';
import { MessageDelivery } from './message-delivery.ts';
import type { ServiceEvent, ServiceListener } from './service-events.ts';

/** The time and its passing: the system's, or a test's. */
export interface ServiceClock {
  now(): Date;
  /** Resolves after `ms`, or as soon as `signal` is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** What a service is made of. */
export interface ServiceParts {
  /** Reads the configuration: once to begin with, and on every reload. */
  readonly readConfig: () => Promise<ConfigFile>;
  /** Where secrets of receivers may be. */
  readonly env: SecretSources['env'];
  /** The owner of files that the service creates; undefined for the user of this process. */
  readonly owner?: FileOwner | undefined;
  /** A test replaces it. */
  readonly scan?: typeof scanNetwork;
  /** What the agents of the configured sites said so far; it returns at once. Undefined if nothing listens to them. */
  readonly hear?: (file: ConfigFile) => Promise<Hearing | undefined>;
  readonly clock?: ServiceClock;
}

/** A scan that has not begun so long after its time is overdue: the longest wait is half a minute. */
const OVERDUE_MS = 5 * MS_A_MINUTE;

const NOTHING_KNOWN = { progress: undefined, live: undefined } as const;

/** Of larger networks, maps show subnets. */
const MOST_LIVE_TARGETS = 65_536;

const SYSTEM_CLOCK: ServiceClock = {
  now: () => new Date(),
  wait: pause,
};

type OwnScan = RunningScan & { readonly stopper: AbortController };

/**
 * One inventory, kept by this process. It scans one network at a time here and at each site, and another process that
 * scans the same network makes its scan fail (INVENTORY_BUSY). Failures of single scans are events, and the service goes on.
 */
export class InventoryService implements Inventory, ScanControl {
  private readonly parts: ServiceParts;
  private readonly scan: typeof scanNetwork;
  private readonly clock: ServiceClock;
  private readonly listeners = new Set<ServiceListener>();
  private presentFile: ConfigFile;
  private presentStore: Store;
  private plan: ScanPlan;
  /** By network. */
  private readonly running = new Map<string, OwnScan>();
  /** What follows one scan follows no other at the same time. */
  private following: Promise<void> = Promise.resolve();
  private wantsReload = false;
  /** Aborted by `stop`. */
  private readonly stopper = new AbortController();
  /** Aborting it ends the present wait. */
  private pause = new AbortController();
  /** The day, UTC, of the latest pruning. */
  private prunedOn = '';
  /** By network: why its latest scan, or what follows a scan, failed. */
  private readonly failures = new Map<string, string>();
  private readonly delivery: MessageDelivery;
  private readonly hearing: KeptHearing;

  private constructor(parts: ServiceParts, file: ConfigFile, store: Store) {
    this.parts = parts;
    this.scan = parts.scan ?? scanNetwork;
    this.clock = parts.clock ?? SYSTEM_CLOCK;
    this.presentFile = file;
    this.presentStore = store;
    this.plan = this.newPlan([]);
    this.delivery = new MessageDelivery(parts.env, (message) =>
      this.emit({ type: 'problem', message }),
    );
    this.hearing = new KeptHearing(parts.hear, (event) => this.emit(event));
  }

  /**
   * Reads the configuration and opens the store; nothing is scanned before `run`.
   * @throws EchosweepError CONFIG_INVALID, TARGET_INVALID, INVENTORY_FAILED
   */
  static async open(parts: ServiceParts): Promise<InventoryService> {
    const file = await readChecked(parts);
    return new InventoryService(parts, file, await openConfiguredStore(file, parts.owner));
  }

  /** Calls the listener for every event from now on. @returns what ends that */
  subscribe(listener: ServiceListener): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  /** Scans, delivers and prunes until `stop`. It resolves when the scans under way are kept and the store is closed. */
  async run(): Promise<void> {
    try {
      await keepSchedule({
        // A new configuration is read between scans, so that none begins before.
        plan: () => (this.wantsReload ? undefined : this.plan),
        clock: {
          now: () => this.clock.now(),
          pass: (ms, isIdle) => this.pass(ms, isIdle),
          wake: () => this.wake(),
        },
        isOver: () => this.stopper.signal.aborted,
        scan: (name) => this.scanNow(name),
        isOpen: (place, now) => this.isOpen(place, now),
      });
    } finally {
      await this.delivery.end();
      await this.hearing.end();
      this.store.close();
      this.emit({ type: 'stopped' });
    }
  }

  /** Ends `run` in order: the scans under way stop early and are kept. */
  stop(): void {
    this.stopper.abort();
    this.wake();
  }

  /** Reads the configuration again as soon as no scan is running. An invalid one is an event, and the previous one stays. */
  reload(): void {
    this.wantsReload = true;
    this.wake();
  }

  /**
   * Requests a scan of a network, before all that are due by schedule; events report what becomes of it. A second
   * request before it has begun changes nothing.
   * @throws EchosweepError OPTION_INVALID for an unknown network, INVENTORY_BUSY while it is being scanned
   */
  startScan(name: string): void {
    networksNamed(this.file, [name]);
    if (this.running.has(name)) {
      throw new EchosweepError(
        'INVENTORY_BUSY',
        `${name} is being scanned already`,
        'wait until that scan is done',
      );
    }
    if (this.plan.requested.includes(name)) return;
    this.plan.request(name);
    this.emit({ type: 'scan-requested', network: name });
    this.wake();
  }

  /**
   * Stops the scan of a network, which is kept as a partial one, or takes a request for it back.
   * @returns whether there was anything to stop
   */
  stopScan(name: string): boolean {
    const running = this.running.get(name);
    if (running === undefined) return this.plan.withdraw(name);
    running.stopper.abort();
    return true;
  }

  /** The scans under way, oldest first. */
  get runningScans(): readonly RunningScan[] {
    return [...this.running.values()];
  }

  /** Networks whose scan was requested and has not begun. */
  get requestedScans(): readonly string[] {
    return this.plan.requested;
  }

  /** When the next scan is due by schedule; undefined if no network has a schedule. */
  get nextScanAt(): Date | undefined {
    return this.plan.nextAt;
  }

  /** This process scans. */
  get scans(): ScanControl {
    return this;
  }

  /** The present configuration. */
  get file(): ConfigFile {
    return this.presentFile;
  }

  /** The present store. */
  get store(): Store {
    return this.presentStore;
  }

  /** The networks of the present configuration. */
  get networks(): readonly NetworkConfig[] {
    return this.file.config.networks;
  }

  /** Questions to the store, in the present configuration: take them again after a reload. */
  get questions(): InventoryQuestions {
    return new InventoryQuestions(this.store, this.file, () => this.clock.now());
  }

  /** What is wrong with the service, in a line; undefined if all is well. */
  get problem(): string | undefined {
    const [failure] = this.failures.values();
    if (failure !== undefined) return failure;
    const now = this.clock.now();
    const busy = new Set([...this.running.keys()].map((name) => this.plan.placeOfNetwork(name)));
    const next = this.plan.nextAtFree((place) => !busy.has(place) && this.isOpen(place, now));
    const dueMs = next?.getTime() ?? Number.POSITIVE_INFINITY;
    return now.getTime() - dueMs > OVERDUE_MS
      ? 'a scan is overdue: is the machine busy?'
      : undefined;
  }

  private async pass(ms: number, isIdle: boolean): Promise<void> {
    this.delivery.start(this.store, this.file);
    this.hearing.keep(this.store, this.file, this.clock.now());
    this.pause = new AbortController();
    if (!(this.wantsReload && isIdle) && !this.stopper.signal.aborted) {
      await this.clock.wait(ms, this.pause.signal);
    }
    if (this.wantsReload && isIdle) await this.readConfigAgain();
  }

  private wake(): void {
    this.pause.abort();
  }

  private async readConfigAgain(): Promise<void> {
    this.wantsReload = false;
    this.emit({ type: 'reload-started' });
    try {
      const file = await readChecked(this.parts);
      const store = await openConfiguredStore(file, this.parts.owner);
      await this.delivery.end();
      await this.hearing.end();
      this.store.close();
      [this.presentFile, this.presentStore] = [file, store];
      const names = new Set(this.networks.map(({ name }) => name));
      this.plan = this.newPlan(this.plan.requested.filter((name) => names.has(name)));
      this.failures.clear();
      this.emit({ type: 'reloaded' });
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      this.emit({ type: 'reload-failed', error });
    }
  }

  private async scanNow(name: string): Promise<void> {
    const network = this.networks.find((each) => each.name === name)!;
    const result = await this.scanKept(network);
    this.following = this.following.then(async () => {
      if (result !== undefined) await this.follow(network, result);
      await this.pruneDaily();
    });
    await this.following;
  }

  /** Scans a network. @returns undefined if the scan failed, which has been reported then */
  private async scanKept(network: NetworkConfig): Promise<ScanResult | undefined> {
    const { name } = network;
    const stopper = new AbortController();
    const startedAt = this.clock.now();
    const note = (values: Partial<RunningScan>): void => {
      const before = this.running.get(name) ?? NOTHING_KNOWN;
      this.running.set(name, { ...before, network: name, startedAt, stopper, ...values });
    };
    note({});
    this.emit({ type: 'scan-started', network: name, startedAt });
    try {
      const result = await this.scan({
        store: this.store,
        network,
        receivers: this.file.config,
        owner: this.parts.owner,
        signal: AbortSignal.any([stopper.signal, this.stopper.signal]),
        onUnresolved: (names) => this.emit({ type: 'names-unresolved', network: name, names }),
        liveCells: (ranges, count) => {
          if (count > MOST_LIVE_TARGETS) return undefined;
          const cells = new Uint8Array(new SharedArrayBuffer(count));
          note({ live: { ranges, cells } });
          return cells;
        },
        onProgress: (progress) => {
          note({ progress });
          this.emit({ type: 'scan-progress', network: name, progress });
        },
      });
      this.failures.delete(name);
      this.running.delete(name);
      this.emit({ type: 'scan-ended', network: name, result });
      return result;
    } catch (error) {
      // One scan that fails does not end the service: the next one may succeed.
      if (!(error instanceof EchosweepError)) throw error;
      this.failures.set(name, `${name}: ${error.message}`);
      this.running.delete(name);
      this.emit({ type: 'scan-failed', network: name, error });
      return undefined;
    }
  }

  /** What follows a scan that was kept. */
  private async follow(network: NetworkConfig, result: ScanResult): Promise<void> {
    const { config, resolve } = this.file;
    const problem = await notifyProgram(config, network, result, resolve('.'));
    if (problem !== undefined) this.emit({ type: 'problem', message: problem });
    for (const fault of await writeScanFiles(config, resolve, this.store)) {
      const message = `${network.name}: ${fault}`;
      this.failures.set(network.name, message);
      this.emit({ type: 'problem', message });
    }
  }

  /** Nothing grows beyond what is to be kept, even if `prune` is never run. */
  private async pruneDaily(): Promise<void> {
    const now = this.clock.now();
    const day = now.toISOString().slice(0, 10);
    if (day === this.prunedOn) return;
    this.prunedOn = day;
    try {
      const days = this.file.config.keepDays;
      if (!isPruningSafe(this.store, days, now)) return;
      const networks = this.networks.map(({ name }) => name);
      await inTransactionOfSteps(this.store, (own) => sumUpOldHours(own, now));
      await prune(this.store, { days, networks }, now);
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      this.emit({ type: 'problem', message: error.message });
    }
  }

  private newPlan(requested: readonly string[]): ScanPlan {
    const planned = this.networks.flatMap(({ name, schedule }) =>
      schedule === undefined ? [] : [{ name, schedule, lastScan: latestScan(this.store, name) }],
    );
    const plan = new ScanPlan(planned, this.clock.now(), placesOf(this.networks));
    for (const name of requested) plan.request(name);
    return plan;
  }

  /** Whether a site may be probed: not in its quiet hours. */
  private isOpen(place: string, now: Date): boolean {
    const site = this.file.config.sites.find(({ name }) => name === place);
    return site === undefined || isOpenAt(site, now);
  }

  private emit(event: ServiceEvent): void {
    for (const listener of this.listeners) listener(event);
  }
}

/** A wrong target is reported now, and not in the night by its scan. */
async function readChecked({ readConfig }: ServiceParts): Promise<ConfigFile> {
  const file = await readConfig();
  await refuseWrongTargets(file);
  return file;
}
