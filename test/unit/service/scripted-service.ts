/** An inventory's service with scripted scans and a clock that moves as long as the service waits. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readConfig } from '../../../src/inventory/config/config-file.ts';
import type { Hearing } from '../../../src/inventory/site-agents.ts';
import type { ScanJob, ScanResult } from '../../../src/scan.ts';
import { InventoryService, type ServiceClock } from '../../../src/service/inventory-service.ts';
import type { ServiceEvent } from '../../../src/service/service-events.ts';
import { hourOf, temporaryFolder } from '../inventory/samples.ts';
import { runOf } from '../report/samples.ts';

const FOLDER = temporaryFolder();
let files = 0;

/** Time passes only as long as the service waits for it. */
class WaitedClock implements ServiceClock {
  private time: Date;
  /** A wait for a later time ends only when something else wakes the service. */
  private readonly end: Date;
  private readonly waiting: (() => void)[] = [];

  constructor(from: Date, end: Date) {
    this.time = from;
    this.end = end;
  }

  now(): Date {
    return new Date(this.time);
  }

  async wait(ms: number, signal: AbortSignal): Promise<void> {
    const next = new Date(this.time.getTime() + ms);
    if (next <= this.end) {
      this.time = next;
      return;
    }
    for (const idle of this.waiting.splice(0)) idle();
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
  }

  /** Resolves when the service has nothing more to do. */
  idle(): Promise<void> {
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}

type Script = (job: ScanJob) => Promise<Partial<ScanResult> | undefined>;

const RESULT: ScanResult = {
  changes: [],
  isFirst: false,
  droppedMessages: 0,
  run: runOf(),
  hasUnresolvedNames: false,
};

export const HOURLY = 'schedule: "0 * * * *", time-zone: UTC';
export const OFFICE = `office: { targets: 192.0.2.0/29, ${HOURLY} }`;
/** Has no schedule. */
export const LAB = 'lab: { targets: 198.51.100.0/29 }';

export async function serviceOf({
  networks = OFFICE,
  more = '',
  hours = 0,
  script = async () => undefined,
  hear,
}: {
  networks?: string;
  /** Further fields of the configuration. */
  more?: string;
  /** For how long time passes. */
  hours?: number;
  script?: Script;
  /** What agents of sites said until now. */
  hear?: (now: Date) => Hearing;
} = {}) {
  const path = join(FOLDER, `${files++}.yaml`);
  const configure = (all: string): void =>
    writeFileSync(path, `database: ${path}.db\n${more}\nnetworks: { ${all} }\n`);
  configure(networks);
  const clock = new WaitedClock(hourOf(0), hourOf(hours));
  const service = await InventoryService.open({
    readConfig: () => readConfig(path),
    env: {},
    clock,
    scan: async (job) => ({ ...RESULT, ...(await script(job)) }),
    ...(hear !== undefined && { hear: async () => hear(clock.now()) }),
  });
  const events: ServiceEvent[] = [];
  service.subscribe((event) => events.push(event));
  let running: Promise<void> | undefined;
  const start = (): void => {
    running = service.run();
  };
  /** Does what wakes the service, and waits until it is idle again. */
  const idleAfter = async (wake: () => void): Promise<void> => {
    const idle = clock.idle();
    wake();
    await idle;
  };
  return {
    service,
    events,
    /** The events, each by its type and network. */
    lines: (): string[] =>
      events.map((event) => ('network' in event ? `${event.type} ${event.network}` : event.type)),
    configure,
    /** Of the configuration; the database's begins with it. */
    path,
    start,
    startUntilIdle: () => idleAfter(start),
    idleAfter,
    /** Stops the service, and waits until it has ended. */
    stop: async (): Promise<void> => {
      service.stop();
      await running;
    },
  };
}

/** A scan that goes on until the test ends it, or the service stops it. */
export function heldScan() {
  let begin: (job: ScanJob) => void = () => {};
  let end = (): void => {};
  const begun = new Promise<ScanJob>((resolve) => {
    begin = resolve;
  });
  const script: Script = async (job) => {
    await new Promise<void>((resolve) => {
      end = resolve;
      job.signal.addEventListener('abort', () => resolve(), { once: true });
      begin(job);
    });
    return job.signal.aborted ? { run: runOf({ partial: true }) } : undefined;
  };
  return { begun, script, end: () => end() };
}
