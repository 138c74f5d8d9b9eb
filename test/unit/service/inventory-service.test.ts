/** An inventory kept without a terminal: scans by schedule and on request, with scripted scans and a clock that the test moves. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { EchosweepError } from '../../../src/errors.ts';
import { readConfig } from '../../../src/inventory/config/config-file.ts';
import { lockNetwork } from '../../../src/inventory/network-lock.ts';
import { writeScan } from '../../../src/inventory/scan-writer.ts';
import type { Hearing } from '../../../src/inventory/site-agents.ts';
import { openStore } from '../../../src/inventory/store.ts';
import { type ScanJob, type ScanResult, scanNetwork } from '../../../src/scan.ts';
import { InventoryService, type ServiceClock } from '../../../src/service/inventory-service.ts';
import type { ServiceEvent } from '../../../src/service/service-events.ts';
import { hourOf, RULES, recordOf, temporaryFolder, upAt } from '../inventory/samples.ts';
import { runOf } from '../report/samples.ts';

const FOLDER = temporaryFolder();
let files = 0;

/** Time passes only as long as somebody waits for it. */
class WaitedClock implements ServiceClock {
  private time: Date;
  /** When the time is over, nobody gets any further until something else wakes the service. */
  private readonly end: Date;
  readonly waiting: (() => void)[] = [];

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

  /** Resolves when the service has nothing to do any more. */
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

const HOURLY = 'schedule: "0 * * * *", time-zone: UTC';
const OFFICE = `office: { targets: 192.0.2.0/29, ${HOURLY} }`;
const LAB = 'lab: { targets: 198.51.100.0/29 }';

async function serviceOf({
  networks = OFFICE,
  more = '',
  hours = 0,
  script = async () => undefined,
  hear,
}: {
  networks?: string;
  more?: string;
  /** For how long time passes. */
  hours?: number;
  script?: Script;
  /** What agents of sites said until now. */
  hear?: (now: Date) => Hearing;
}) {
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
  const lines = (): string[] =>
    events.map((event) => ('network' in event ? `${event.type} ${event.network}` : event.type));
  return { service, clock, events, lines, configure, path };
}

/** A scan that goes on until the test ends it, or the service stops it. */
function heldScan() {
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

describe('by schedule', () => {
  test('a network is scanned when it is due, and its scans are events', async () => {
    const { service, clock, lines, events } = await serviceOf({ hours: 2 });
    const idle = clock.idle();
    const run = service.run();
    await idle;
    assert.deepEqual(lines(), [
      'scan-started office',
      'scan-ended office',
      'scan-started office',
      'scan-ended office',
    ]);
    const [first] = events;
    assert.deepEqual(first?.type === 'scan-started' && first.startedAt, hourOf(1));
    assert.deepEqual(service.nextScanAt, hourOf(3));
    assert.equal(service.problem, undefined);
    service.stop();
    await run;
    assert.equal(lines().at(-1), 'stopped');
  });

  test('a scan that fails is an event, and a problem until the next one succeeds', async () => {
    let scans = 0;
    const { service, clock, lines, events } = await serviceOf({
      hours: 1,
      script: async () => {
        if (scans++ === 0) throw new EchosweepError('NO_ENGINE', 'no engine works', 'be root');
        return undefined;
      },
    });
    let idle = clock.idle();
    const run = service.run();
    await idle;
    assert.deepEqual(lines(), ['scan-started office', 'scan-failed office']);
    assert.equal(events[1]?.type === 'scan-failed' && events[1].error.code, 'NO_ENGINE');
    assert.match(service.problem!, /^office: no engine works/);
    idle = clock.idle();
    service.startScan('office');
    await idle;
    assert.equal(service.problem, undefined);
    service.stop();
    await run;
  });

  test('a fault of our own ends the service: it is no scan that failed', async () => {
    const { service } = await serviceOf({
      hours: 1,
      script: async () => {
        throw new TypeError('a fault');
      },
    });
    await assert.rejects(service.run(), TypeError);
  });
});

describe('on request', () => {
  test('a network is scanned now, without a schedule too', async () => {
    const { service, clock, lines } = await serviceOf({ networks: `${OFFICE}, ${LAB}` });
    let idle = clock.idle();
    const run = service.run();
    await idle;
    assert.deepEqual(lines(), []);
    idle = clock.idle();
    service.startScan('lab');
    assert.deepEqual(service.requestedScans, ['lab']);
    await idle;
    assert.deepEqual(lines(), ['scan-requested lab', 'scan-started lab', 'scan-ended lab']);
    assert.deepEqual([service.requestedScans, service.nextScanAt], [[], hourOf(1)]);
    service.stop();
    await run;
  });

  test('scans come one after the other, in the order of the requests and before what is due', async () => {
    const held = heldScan();
    const { service, clock, lines } = await serviceOf({
      networks: `${OFFICE}, ${LAB}, far: { targets: 203.0.113.0/29, ${HOURLY} }`,
      hours: 1,
      script: (job) => (job.network.name === 'office' ? held.script(job) : RESULT_OF_OTHERS),
    });
    const idle = clock.idle();
    const run = service.run();
    await held.begun;
    service.startScan('lab');
    service.startScan('lab');
    assert.deepEqual(
      service.runningScans.map(({ network }) => network),
      ['office'],
    );
    held.end();
    await idle;
    assert.deepEqual(
      lines().filter((line) => !line.startsWith('scan-ended')),
      ['scan-started office', 'scan-requested lab', 'scan-started lab', 'scan-started far'],
    );
    service.stop();
    await run;
  });

  test('sites are scanned at the same time, and each scan is stopped by itself', async () => {
    const held = new Map([...'ab'].map((name) => [`${name}-lan`, heldScan()]));
    const { service, clock, events, lines } = await serviceOf({
      networks: ['a', 'b']
        .map((name) => `${name}-lan: { targets: 192.0.2.0/29, site: ${name}, ${HOURLY} }`)
        .join(),
      more: 'sites: { a: {}, b: {} }',
      hours: 1,
      script: (job) => held.get(job.network.name)!.script(job),
    });
    const idle = clock.idle();
    const run = service.run();
    await Promise.all([...held.values()].map(({ begun }) => begun));
    await idle;
    assert.deepEqual(
      service.runningScans.map(({ network }) => network),
      ['a-lan', 'b-lan'],
    );
    const again = clock.idle();
    assert.equal(service.stopScan('b-lan'), true);
    await again;
    assert.deepEqual(lines(), ['scan-started a-lan', 'scan-started b-lan', 'scan-ended b-lan']);
    const ended = events.at(-1);
    assert.equal(ended?.type === 'scan-ended' && ended.result.run?.partial, true);
    service.reload();
    held.get('a-lan')!.end();
    await new Promise<void>((resolve) => {
      service.subscribe(({ type }) => type === 'reloaded' && resolve());
    });
    assert.deepEqual(lines().slice(3), ['scan-ended a-lan', 'reload-started', 'reloaded']);
    service.stop();
    await run;
  });

  test('a site whose agents fall silent is an event, and so is one that is heard of again', async () => {
    let heardAt = hourOf(0);
    const { service, clock, events } = await serviceOf({
      networks: 'lan: { targets: 192.0.2.0/29, site: a }',
      more: 'sites: { a: {} }',
      hours: 1,
      hear: (now) => {
        if (now >= hourOf(0.5)) heardAt = now;
        const facts = { version: '0.1.0', clockOffsetMs: 0, chunks: 0, unsent: 0, problem: null };
        return {
          agents: [{ site: 'a', agent: 'a1', heardAt, ...facts }],
          listened: { from: hourOf(0), until: now },
        };
      },
    });
    const idle = clock.idle();
    const run = service.run();
    await idle;
    service.stop();
    await run;
    assert.deepEqual(events, [
      {
        type: 'site-silent',
        site: 'a',
        silence: 'a is not heard of since 2026-03-01T00:00:00.000Z',
      },
      { type: 'site-heard', site: 'a' },
      { type: 'stopped' },
    ]);
  });

  test('a scan at a site waits until its quiet hours end', async () => {
    const { service, clock, events } = await serviceOf({
      networks: `lan: { targets: 192.0.2.0/29, site: a, ${HOURLY} }`,
      more: 'sites: { a: { quiet: { from: "00:30", to: "02:15" }, time-zone: UTC } }',
      hours: 3,
    });
    const idle = clock.idle();
    const run = service.run();
    await idle;
    const began = events.flatMap((event) =>
      event.type === 'scan-started' ? [event.startedAt.toISOString().slice(11, 19)] : [],
    );
    assert.deepEqual(began, ['02:15:00', '03:00:00']);
    assert.equal(service.problem, undefined);
    service.stop();
    await run;
  });

  test('one that is being scanned, or is not configured, is refused', async () => {
    const held = heldScan();
    const { service } = await serviceOf({ hours: 1, script: held.script });
    const run = service.run();
    await held.begun;
    assert.throws(() => service.startScan('office'), { code: 'INVENTORY_BUSY' });
    assert.throws(() => service.startScan('attic'), { code: 'OPTION_INVALID' });
    service.stop();
    await run;
  });

  test('one that another process scans is a scan that fails', async () => {
    const { service, clock, path, events } = await serviceOf({
      networks: LAB,
      script: (job) => scanNetwork(job),
    });
    const lock = await lockNetwork(`${path}.db`, 'lab');
    let idle = clock.idle();
    const run = service.run();
    await idle;
    idle = clock.idle();
    service.startScan('lab');
    await idle;
    const failed = events.at(-1);
    assert.equal(failed?.type === 'scan-failed' && failed.error.code, 'INVENTORY_BUSY');
    lock.release();
    service.stop();
    await run;
  });

  test('a scan is stopped, and the service goes on; a request is taken back', async () => {
    const held = heldScan();
    const { service, clock, events } = await serviceOf({
      networks: `${OFFICE}, ${LAB}`,
      hours: 1,
      script: held.script,
    });
    const idle = clock.idle();
    const run = service.run();
    await held.begun;
    service.startScan('lab');
    assert.equal(service.stopScan('lab'), true);
    assert.equal(service.stopScan('lab'), false);
    assert.equal(service.stopScan('office'), true);
    await idle;
    const ended = events.at(-1);
    assert.equal(ended?.type === 'scan-ended' && ended.result.run?.partial, true);
    assert.deepEqual(service.runningScans, []);
    service.stop();
    await run;
  });
});

const RESULT_OF_OTHERS = Promise.resolve(undefined);

test('progress and names that do not resolve are events of the scan', async () => {
  const progress = { targets: 6, done: 3, up: 1, sent: 3, received: 1, elapsedMs: 1, ratePps: 3 };
  const seen: unknown[] = [];
  const { service, clock, events } = await serviceOf({
    hours: 1,
    script: async ({ onProgress, onUnresolved }) => {
      onUnresolved?.([
        { name: 'gone.example', where: 'networks.office.targets', reason: 'does not resolve' },
      ]);
      seen.push(service.runningScans[0]?.progress);
      onProgress?.(progress);
      seen.push(service.runningScans[0]?.progress);
      return undefined;
    },
  });
  const idle = clock.idle();
  const run = service.run();
  await idle;
  assert.deepEqual(seen, [undefined, progress]);
  assert.deepEqual(
    events.map(({ type }) => type),
    ['scan-started', 'names-unresolved', 'scan-progress', 'scan-ended'],
  );
  service.stop();
  await run;
});

describe('stopping', () => {
  test('ends the scan under way, keeps it, and closes the store', async () => {
    const held = heldScan();
    const { service, lines } = await serviceOf({ hours: 1, script: held.script });
    const run = service.run();
    const { store } = await held.begun;
    service.stop();
    await run;
    assert.deepEqual(lines(), ['scan-started office', 'scan-ended office', 'stopped']);
    assert.throws(() => store.database.prepare('SELECT 1').get());
  });

  test('is possible before it runs, and twice', async () => {
    const { service, lines } = await serviceOf({ hours: 5 });
    service.stop();
    service.stop();
    await service.run();
    assert.deepEqual(lines(), ['stopped']);
  });
});

describe('reloading', () => {
  test('takes a new configuration up, and keeps requests for networks that it still has', async () => {
    const { service, clock, lines, configure } = await serviceOf({
      networks: `${OFFICE}, ${LAB}, attic: { targets: 203.0.113.1 }`,
    });
    let idle = clock.idle();
    const run = service.run();
    await idle;
    configure(LAB);
    idle = clock.idle();
    service.reload();
    service.startScan('attic');
    service.startScan('lab');
    await idle;
    assert.deepEqual(lines().slice(2), [
      'reload-started',
      'reloaded',
      'scan-started lab',
      'scan-ended lab',
    ]);
    assert.deepEqual(
      service.networks.map(({ name }) => name),
      ['lab'],
    );
    assert.equal(service.nextScanAt, undefined);
    service.stop();
    await run;
  });

  test('keeps the previous configuration if the new one is invalid', async () => {
    const { service, clock, events, configure } = await serviceOf({});
    let idle = clock.idle();
    const run = service.run();
    await idle;
    configure('office: { target: 192.0.2.1 }');
    idle = clock.idle();
    service.reload();
    await idle;
    const [, failed] = events;
    assert.equal(failed?.type === 'reload-failed' && failed.error.code, 'CONFIG_INVALID');
    assert.deepEqual(service.nextScanAt, hourOf(1));
    service.stop();
    await run;
  });

  test('waits for the scan under way', async () => {
    const held = heldScan();
    const { service, clock, lines } = await serviceOf({ hours: 1, script: held.script });
    const idle = clock.idle();
    const run = service.run();
    await held.begun;
    service.reload();
    held.end();
    await idle;
    assert.deepEqual(lines(), [
      'scan-started office',
      'scan-ended office',
      'reload-started',
      'reloaded',
    ]);
    service.stop();
    await run;
  });
});

describe('after a scan', () => {
  test('the metrics file is written, and one that cannot be is a problem', async () => {
    const { service, clock, path } = await serviceOf({
      hours: 1,
      more: 'metrics-file: metrics.prom',
    });
    const idle = clock.idle();
    const run = service.run();
    await idle;
    service.stop();
    await run;
    assert.match(readFileSync(join(FOLDER, 'metrics.prom'), 'utf8'), /^# HELP echosweep_hosts/);
    assert.ok(existsSync(path));

    const broken = await serviceOf({ hours: 1, more: 'metrics-file: nowhere/metrics.prom' });
    const brokenIdle = broken.clock.idle();
    const brokenRun = broken.service.run();
    await brokenIdle;
    broken.service.stop();
    await brokenRun;
    assert.deepEqual(broken.lines(), [
      'scan-started office',
      'scan-ended office',
      'problem',
      'stopped',
    ]);
    assert.match(broken.service.problem!, /^office: cannot write/);
  });

  test('what is older than keep-days is forgotten', async () => {
    const { service, clock, path } = await serviceOf({ hours: 24 * 3, more: 'keep-days: 1' });
    const store = await openStore(`${path}.db`);
    for (const hour of [0, 1]) {
      writeScan(store, {
        network: 'office',
        record: recordOf(hour),
        hosts: [upAt('192.0.2.1', hour)],
        rules: RULES,
      });
    }
    const idle = clock.idle();
    const run = service.run();
    await idle;
    const { scans } = store.database.prepare('SELECT count(*) AS scans FROM scans').get()!;
    // The latest stays, for the next to be compared with.
    assert.equal(Number(scans), 1);
    store.close();
    service.stop();
    await run;
  });
});

test('questions are answered from the present store, while scans run', async () => {
  const held = heldScan();
  const { service, path } = await serviceOf({ hours: 1, script: held.script });
  const store = await openStore(`${path}.db`);
  const scan = { network: 'office', rules: RULES };
  writeScan(store, { ...scan, record: recordOf(0), hosts: [upAt('192.0.2.1', 0)] });
  writeScan(store, {
    ...scan,
    record: recordOf(1),
    hosts: [upAt('192.0.2.1', 1), upAt('192.0.2.2', 1)],
  });
  store.close();
  const run = service.run();
  await held.begun;
  const { questions } = service;
  const [{ network, status, nextScan }] = questions.status() as [
    ReturnType<typeof questions.status>[0],
  ];
  assert.deepEqual([network.name, status.hosts.up, nextScan], ['office', 2, hourOf(2)]);
  assert.deepEqual(
    questions.hosts({}, undefined).map(({ address }) => address),
    ['192.0.2.1', '192.0.2.2'],
  );
  assert.deepEqual(
    questions.changes({ since: hourOf(0) }).map(({ address, kind }) => [address, kind]),
    [['192.0.2.2', 'new']],
  );
  assert.equal(questions.hostHistories(upAt('192.0.2.1', 0).key, hourOf(0)).length, 1);
  assert.equal(questions.networkHistory('office', hourOf(0)).scans, 2);
  assert.match(questions.metrics(), /^echosweep_hosts\{network="office",state="up"\} 2$/m);
  assert.throws(() => questions.status(['attic']), { code: 'OPTION_INVALID' });
  service.stop();
  await run;
});

test('a listener that ends its subscription hears nothing more', async () => {
  const { service, clock } = await serviceOf({ hours: 1 });
  const heard: string[] = [];
  const end = service.subscribe(({ type }) => {
    heard.push(type);
    end();
  });
  const idle = clock.idle();
  const run = service.run();
  await idle;
  service.stop();
  await run;
  assert.deepEqual(heard, ['scan-started']);
});
