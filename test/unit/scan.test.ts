/** The story of a scan, with a scripted sweep in place of packets. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readAddress } from '../../src/address.ts';
import { EchosweepError } from '../../src/errors.ts';
import type { InventoryConfig } from '../../src/inventory/config/config.ts';
import { parseConfig } from '../../src/inventory/config/config-file.ts';
import { listHosts } from '../../src/inventory/host-list.ts';
import { lockNetwork } from '../../src/inventory/network-lock.ts';
import type { ChangeMessage } from '../../src/inventory/notify/change-message.ts';
import { backlogs, claim } from '../../src/inventory/notify/outbox.ts';
import { latestScan } from '../../src/inventory/scan-writer.ts';
import { openStore, type Store } from '../../src/inventory/store.ts';
import type { HostResult } from '../../src/results/host-result.ts';
import type { RunRecord } from '../../src/results/run-record.ts';
import { notifyProgram, type ScanJob, type ScanResult, scanNetwork } from '../../src/scan.ts';
import type { SweepJob } from '../../src/sweep-job.ts';
import { hourOf, temporaryFolder } from './inventory/samples.ts';
import { runOf, silentHost, upHost } from './report/samples.ts';

const FOLDER = temporaryFolder();
let files = 0;
const newStore = (): Promise<Store> => openStore(join(FOLDER, `${files++}.db`));

/** A sweep that finds these rows, and keeps the jobs that it was given. */
function scripted(rows: readonly HostResult[], values: Partial<RunRecord> = {}) {
  const jobs: SweepJob[] = [];
  const sweep = async (job: SweepJob): Promise<RunRecord> => {
    jobs.push(job);
    await job.afterSocketsOpen?.();
    await job.onRows(rows);
    return runOf({ seed: job.settings.seed, targets: rows.length, ...values });
  };
  return { jobs, tools: { sweep, resolve: noNames } };
}

async function noNames(name: string): Promise<readonly string[]> {
  throw new Error(`getaddrinfo ENOTFOUND ${name}`);
}

/** The n-th hour's rows. */
const at = (hour: number, rows: readonly HostResult[]): readonly HostResult[] =>
  rows.map((row) => ({ ...row, startedAt: hourOf(hour) }));
const UP = upHost({ address: '192.0.2.1' });
const SILENT = silentHost({ address: '192.0.2.2' });

function config(network = 'targets: 192.0.2.0/29', more = ''): InventoryConfig {
  return parseConfig(`${more}\nnetworks: { office: { ${network} } }`, 'c.yaml');
}

function jobOf(store: Store, { networks, ...receivers } = config()): ScanJob {
  return {
    store,
    network: networks[0]!,
    receivers,
    signal: new AbortController().signal,
  };
}

async function scanHours(
  store: Store,
  hours: readonly (readonly HostResult[])[],
  settings = config(),
): Promise<ScanResult> {
  let result: ScanResult | undefined;
  for (const [hour, rows] of hours.entries()) {
    const startedAt = hourOf(hour);
    const { tools } = scripted(at(hour, rows), { startedAt, endedAt: startedAt });
    result = await scanNetwork(jobOf(store, settings), tools);
  }
  return result!;
}

describe('a scan', () => {
  test('sweeps the targets of the network with its settings, and remembers what it finds', async () => {
    const store = await newStore();
    const { jobs, tools } = scripted([UP, SILENT]);
    const settings = config(
      'targets: 192.0.2.0/29, exclude: 192.0.2.3, sweep: { rate: 50, rdns: true }',
    );
    const { isFirst, changes, run } = await scanNetwork(jobOf(store, settings), tools);
    assert.deepEqual([isFirst, changes, run?.targets], [true, [], 2]);
    const [{ settings: used, targets, command }] = jobs as [SweepJob];
    assert.deepEqual([used.ratePps, targets.count, used.rdnsTimeoutMs], [50, 5, 2000]);
    assert.equal(command, 'inventory scan office');
    assert.deepEqual(
      listHosts(store, { states: ['up', 'silent'] }).map(({ address, state }) => [address, state]),
      [
        ['192.0.2.1', 'up'],
        ['192.0.2.2', 'silent'],
      ],
    );
    store.close();
  });

  test('reports what changed since the scan before, by network', async () => {
    const store = await newStore();
    const { changes, isFirst } = await scanHours(store, [
      [UP, SILENT],
      [UP, upHost({ address: '192.0.2.2' })],
    ]);
    assert.equal(isFirst, false);
    assert.deepEqual(
      changes.map(({ network, address, kind }) => [network, address, kind]),
      [['office', '192.0.2.2', 'new']],
    );
    store.close();
  });

  test('has an order of its own each time, unless the configuration has a seed', async () => {
    const store = await newStore();
    const seedsOf = async (settings: InventoryConfig): Promise<(number | undefined)[]> => {
      const { jobs, tools } = scripted([UP]);
      for (let i = 0; i < 3; i++) await scanNetwork(jobOf(store, settings), tools);
      return jobs.map((job) => job.settings.seed);
    };
    assert.equal(new Set(await seedsOf(config())).size, 3);
    assert.deepEqual(await seedsOf(config('targets: 192.0.2.1, sweep: { seed: 7 }')), [7, 7, 7]);
    store.close();
  });

  test('says when the sockets are open, how far it is, and stops when it is told to', async () => {
    const store = await newStore();
    const said: unknown[] = [];
    const stopper = new AbortController();
    const progress = { targets: 6, done: 3, up: 1, sent: 3, received: 1, elapsedMs: 1, ratePps: 3 };
    const sweep = async (job: SweepJob): Promise<RunRecord> => {
      await job.afterSocketsOpen?.();
      job.onProgress?.(progress);
      stopper.abort();
      assert.ok(job.signal?.aborted);
      await job.onRows([UP]);
      return runOf({ partial: true });
    };
    const { run, isFirst } = await scanNetwork(
      {
        ...jobOf(store),
        signal: stopper.signal,
        afterSocketsOpen: () => void said.push('open'),
        onProgress: (each) => said.push(each),
      },
      { sweep, resolve: noNames },
    );
    assert.deepEqual(said, ['open', progress]);
    assert.deepEqual([run?.partial, isFirst], [true, true]);
    store.close();
  });

  test('that fails keeps nothing, and frees the network', async () => {
    const store = await newStore();
    const sweep = async (job: SweepJob): Promise<RunRecord> => {
      await job.onRows([UP]);
      throw new EchosweepError('SOCKET_FAILED', 'the socket is gone', 'try again');
    };
    await assert.rejects(scanNetwork(jobOf(store), { sweep, resolve: noNames }), {
      code: 'SOCKET_FAILED',
    });
    assert.equal(latestScan(store, 'office'), undefined);
    assert.deepEqual(listHosts(store, {}), []);
    (await lockNetwork(store.path, 'office')).release();
    store.close();
  });

  test('of a network that is being scanned already is refused before anything is looked up or sent', async () => {
    const store = await newStore();
    const lock = await lockNetwork(store.path, 'office');
    const { jobs, tools } = scripted([UP]);
    const resolve = () => assert.fail('a name was looked up');
    const named = jobOf(store, config('targets: host.example'));
    await assert.rejects(scanNetwork(named, { ...tools, resolve }), { code: 'INVENTORY_BUSY' });
    assert.deepEqual(jobs, []);
    lock.release();
    store.close();
  });

  test('holds the lock of its network until it is kept', async () => {
    const store = await newStore();
    const sweep = async (job: SweepJob): Promise<RunRecord> => {
      await assert.rejects(lockNetwork(store.path, 'office'), { code: 'INVENTORY_BUSY' });
      await job.onRows([UP]);
      return runOf();
    };
    await scanNetwork(jobOf(store), { sweep, resolve: noNames });
    (await lockNetwork(store.path, 'office')).release();
    store.close();
  });
});

describe('names that do not resolve', () => {
  test('are reported, and the rest is scanned; hosts without a row are not set aside', async () => {
    const store = await newStore();
    await scanHours(store, [[UP, SILENT]]);
    const names: string[] = [];
    const { jobs, tools } = scripted([SILENT]);
    const job = jobOf(store, config('targets: [192.0.2.2, gone.example]'));
    const result = await scanNetwork(
      { ...job, onUnresolved: (all) => names.push(...all.map(({ name }) => name)) },
      tools,
    );
    assert.deepEqual([names, result.hasUnresolvedNames], [['gone.example'], true]);
    assert.equal(jobs[0]!.targets.count, 1);
    assert.deepEqual(
      listHosts(store, {}).map(({ address, state }) => [address, state]),
      [['192.0.2.1', 'up']],
    );
    store.close();
  });

  test('leave nothing to sweep if there are no other targets: nothing is kept', async () => {
    const store = await newStore();
    const { jobs, tools } = scripted([]);
    const job = jobOf(store, config('targets: gone.example'));
    assert.deepEqual(await scanNetwork(job, tools), {
      changes: [],
      isFirst: false,
      droppedMessages: 0,
      run: undefined,
      hasUnresolvedNames: true,
    });
    assert.deepEqual([jobs, latestScan(store, 'office')], [[], undefined]);
    (await lockNetwork(store.path, 'office')).release();
    store.close();
  });
});

describe('receivers', () => {
  const HOURS = [
    [UP, SILENT],
    [UP, upHost({ address: '192.0.2.2' })],
  ];

  test('find a message in the queue, written with the scan', async () => {
    const store = await newStore();
    const receivers = 'webhook: { url: "https://hooks.example" }';
    await scanHours(store, HOURS, config('targets: 192.0.2.0/29, site: Berlin', receivers));
    const [message] = claim(store, 'webhook', 1, new Date(), 1000);
    const { network, site, scanned_at, changes } = JSON.parse(message!.body) as ChangeMessage;
    assert.deepEqual([network, site, scanned_at], ['office', 'Berlin', hourOf(1).toISOString()]);
    assert.deepEqual(
      changes.map(({ address, change }) => [address, change]),
      [['192.0.2.2', 'new']],
    );
    store.close();
  });

  test('get no message about a scan without changes', async () => {
    const store = await newStore();
    const receivers = 'webhook: { url: "https://hooks.example" }';
    await scanHours(store, [HOURS[0]!, HOURS[0]!], config('targets: 192.0.2.0/29', receivers));
    assert.deepEqual(backlogs(store), []);
    store.close();
  });

  test('that are programs get the changes that they want, in the folder of the configuration', async () => {
    const store = await newStore();
    const copy =
      "require('node:fs').writeFileSync('changes', require('node:fs').readFileSync(0)); process.exitCode = 3";
    const command = JSON.stringify([process.execPath, '-e', copy]);
    const run = async (kind: string): Promise<string | undefined> => {
      const { networks, ...receivers } = config(
        'targets: 192.0.2.0/29',
        `on-change: { command: ${command}, only: [${kind}] }`,
      );
      return notifyProgram(receivers, networks[0]!, result, FOLDER);
    };
    const result = await scanHours(store, HOURS);
    assert.equal(await run('gone'), undefined);
    assert.match((await run('new'))!, /^office: on-change: .* ended with exit code 3$/);
    assert.match(readFileSync(join(FOLDER, 'changes'), 'utf8'), /"address":"192\.0\.2\.2"/);
    store.close();
  });
});

describe('what people noted about a host', () => {
  const UP_TWO = [UP, upHost({ address: '192.0.2.2' })];

  test('decides who is notified: its tags choose receivers, and a muted host notifies none', async () => {
    for (const [column, value, isNotified] of [
      ['tags', 'server,x', true],
      ['muted_until', Date.now() + 3_600_000, false],
      ['muted_until', Date.now() - 1, false],
      ['name', 'core-7', true],
    ] as const) {
      const store = await newStore();
      const receivers =
        column === 'name'
          ? 'webhook: { url: "https://hooks.example", hosts: core-* }'
          : 'webhook: { url: "https://hooks.example", tags: server }';
      const network = config('targets: 192.0.2.0/29', receivers);
      await scanHours(store, [[UP, SILENT]], network);
      store.database
        .prepare(
          `INSERT INTO host_notes (network, key, address, ${column}, changed_at, changed_by)
           SELECT id, ?, '192.0.2.2', ?, 0, 'x' FROM networks`,
        )
        .run(readAddress('192.0.2.2')!.key, value);
      await scanHours(store, [UP_TWO], network);
      assert.equal(backlogs(store).length, isNotified ? 1 : 0, `${column} ${value}`);
      store.close();
    }
  });
});
