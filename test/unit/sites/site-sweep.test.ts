/** A sweep on several sites, whatever agents, broker and coordinator do: each address of each site has exactly one row. */

import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { EchosweepError } from '../../../src/errors.ts';
import { IN_MEMORY } from '../../../src/inventory/database.ts';
import type { HostResult } from '../../../src/results/host-result.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { resolveSettings } from '../../../src/settings.ts';
import { encodeAnswer } from '../../../src/sites/contract/chunk-result.ts';
import { type ScanSite, timesOf } from '../../../src/sites/coordination.ts';
import { Journal } from '../../../src/sites/journal.ts';
import { lockScan } from '../../../src/sites/scan-lock.ts';
import { resumedSweep, type SiteSweep, siteSweep } from '../../../src/sites/site-sweep.ts';
import type { SweepJob, SweepProgress } from '../../../src/sweep.ts';
import {
  honestFindings,
  isUpAt,
  ScriptedHub,
  type TakenChunk,
  withoutLast,
} from './scripted-hub.ts';

const FIRST = 0x0a000000n;
const HOSTS = 40;
const T0 = Date.parse('2026-03-04T05:00:00Z');
const CHUNK_HOSTS = 8;

type Row = readonly [site: string | null | undefined, address: string, status: string];

/** The rows that a report of these sites has. */
function truthOf(sites: readonly string[], hosts = HOSTS): Row[] {
  return sites.flatMap((site) =>
    Array.from({ length: hosts }, (_, i): Row => {
      const status = isUpAt(site, FIRST + BigInt(i)) ? 'up' : 'down';
      return [site, `10.0.0.${i}`, status];
    }),
  );
}

/** Sites, their broker, a journal and a clock that moves by itself. */
class World {
  readonly hub = new ScriptedHub();
  readonly sites: readonly string[];
  readonly rows: Row[] = [];
  readonly streamed: Row[] = [];
  readonly remarks: string[] = [];
  readonly progress: SweepProgress[] = [];
  journal!: Journal;
  nowMs = T0;
  /** What happens next. */
  step: () => void = () => this.work();
  /** Set to end the coordinator as a crash would. */
  isKilled = false;
  readonly stop = new AbortController();

  constructor(sites: readonly string[]) {
    this.sites = sites;
  }

  static async of(sites: readonly string[]): Promise<World> {
    const world = new World(sites);
    world.journal = await Journal.open(IN_MEMORY);
    return world;
  }

  /** Every site's agent does what it is offered. */
  work(sites: readonly string[] = this.sites): void {
    for (const site of sites) {
      this.hub.hear(site, 'a1');
      for (let taken = this.take(site); taken !== undefined; taken = this.take(site)) {
        this.hub.send(taken);
        this.hub.finish(taken);
      }
    }
  }

  take(site: string): TakenChunk | undefined {
    return this.hub.take(site, 'a1');
  }

  parts(values: Partial<SiteSweep> = {}): SiteSweep {
    const sites = this.sites.map((site): ScanSite => ({ site, slots: 2, ratePps: 1000 }));
    return {
      journal: this.journal,
      broker: this.hub,
      sites,
      isSpread: false,
      times: timesOf(60_000),
      chunkHosts: CHUNK_HOSTS,
      clock: {
        nowMs: () => this.nowMs,
        wait: async (ms) => {
          this.nowMs += ms;
          this.step();
          await setImmediate();
        },
      },
      ...values,
    };
  }

  job(values: Partial<SweepJob> = {}): SweepJob {
    const range = { family: 4, zone: '', first: FIRST, last: FIRST + BigInt(HOSTS - 1) } as const;
    const noTargets = { hostnames: new Map(), excluded: [], unresolved: [], notes: [] };
    return {
      settings: resolveSettings({ targets: [], retries: 0, seed: 7 }),
      targets: { ranges: [range], count: HOSTS, ...noTargets },
      command: 'echosweep 10.0.0.0/26',
      signal: this.stop.signal,
      onRows: async (rows) => void this.rows.push(...rowsOf(rows)),
      onRemark: (sentence) => this.remarks.push(sentence),
      onProgress: (progress) => {
        this.progress.push(progress);
        if (!this.isKilled) return;
        this.isKilled = false;
        throw new Error('killed');
      },
      ...values,
    };
  }

  /** The coordinator is started again as often as it is killed. */
  async sweep(parts: SiteSweep = this.parts(), job: SweepJob = this.job()): Promise<RunRecord> {
    let sweep = siteSweep(parts);
    for (;;) {
      try {
        return await sweep(job);
      } catch (error) {
        if (!(error instanceof Error) || error.message !== 'killed') throw error;
        const [scan] = this.journal.scans();
        sweep = resumedSweep(parts, scan!.id);
      }
    }
  }
}

function rowsOf(rows: Iterable<HostResult>): Row[] {
  // Each row changes with the next.
  return Array.from(rows, ({ site, address, status }): Row => [site, address ?? '', status]);
}

describe('a sweep on several sites', () => {
  test('has the rows of each site, by site and then by address', async () => {
    const world = await World.of(['paris', 'berlin']);
    const run = await world.sweep();
    assert.deepEqual(world.rows, truthOf(['berlin', 'paris']));
    assert.deepEqual(run.doubts, []);
    assert.equal(run.partial, false);
    assert.equal(run.targets, 2 * HOSTS);
    assert.equal(run.statuses.up + run.statuses.down, 2 * HOSTS);
    assert.deepEqual(run.sites, [
      { site: 'berlin', targets: HOSTS, missing: 0, agents: ['berlin/a1'] },
      { site: 'paris', targets: HOSTS, missing: 0, agents: ['paris/a1'] },
    ]);
    assert.equal(world.journal.scans()[0]!.state, 'ended');
    assert.equal(world.hub.forgotten.length, 1);
  });

  test('is one network without sites if it is spread', async () => {
    const world = await World.of(['m1', 'm2', 'm3']);
    const agents = new Set<string>();
    world.step = () => {
      for (const site of world.sites) {
        world.hub.hear(site, 'a1');
        const taken = world.take(site);
        if (taken === undefined) continue;
        agents.add(site);
        // The machines see the same network.
        const findings = honestFindings('m', taken.chunk.targets);
        world.hub.send(taken, encodeAnswer(taken.chunk, 1, { findings, refusal: null }));
        world.hub.finish(taken);
      }
    };
    await world.sweep(world.parts({ isSpread: true }));
    assert.deepEqual(
      world.rows,
      truthOf(['m']).map(([, address, status]) => [null, address, status]),
    );
    assert.equal(agents.size, 3);
  });

  test('keeps the last chunks of a spread sweep for whichever machine has a slot first', async () => {
    const world = await World.of(['quick', 'slow']);
    let done = 0;
    const held: TakenChunk[] = [];
    const finish = (taken: TakenChunk): void => {
      const findings = honestFindings('m', taken.chunk.targets);
      world.hub.send(taken, encodeAnswer(taken.chunk, 1, { findings, refusal: null }));
      world.hub.finish(taken);
    };
    world.step = () => {
      for (const site of world.sites) world.hub.hear(site, 'a1');
      const taken = world.take('quick');
      if (taken !== undefined) {
        finish(taken);
        done++;
      }
      if (held.length < 2) held.push(...[world.take('slow')].filter((each) => each !== undefined));
      // The slow machine gets one for each of its two slots.
      if (done === 6) for (const each of held.splice(0)) finish(each);
    };
    await world.sweep(world.parts({ isSpread: true, chunkHosts: 5 }));
    assert.equal(done, 6);
    assert.equal(world.rows.length, HOSTS);
  });

  test('moves the share of a machine that is silent to the others', async () => {
    const world = await World.of(['m1', 'm2']);
    world.step = () => world.work(['m2']);
    const run = await world.sweep(world.parts({ isSpread: true }));
    assert.equal(world.rows.length, HOSTS);
    assert.deepEqual(run.doubts, []);
    assert.ok(world.nowMs - T0 < 10 * 60_000);
  });

  const sites = ['aa', 'bb'] as const;
  const actions = fc.array(
    fc.record({
      act: fc.constantFrom(
        ...(['take', 'take', 'send', 'finish', 'die', 'lie', 'wrong-site', 'killed'] as const),
        ...(['forget', 'forget-silently', 'away', 'lose-acknowledgements', 'rubbish'] as const),
      ),
      site: fc.constantFrom(...sites),
      which: fc.nat(9),
    }),
    { maxLength: 60 },
  );

  test('has each address once under duplicates, offers, lies, lost memory and restarts, in any order', async () => {
    await fc.assert(
      fc.asyncProperty(actions, async (script) => {
        const world = await World.of(sites);
        const { hub } = world;
        const hands: TakenChunk[] = [];
        const lies = new Map<string, number>();
        const todo = [...script];
        world.step = () => {
          const next = todo.shift();
          hub.isAway = next?.act === 'away';
          hub.losesAcknowledgements = next?.act === 'lose-acknowledgements';
          if (next === undefined) {
            world.work();
            return;
          }
          const { act, site, which } = next;
          const held = hands[which % Math.max(1, hands.length)];
          if (act === 'take') {
            const taken = hub.take(site, `a${which}`, (attempt) => attempt <= which);
            if (taken !== undefined) hands.push(taken);
          } else if (act === 'killed') world.isKilled = true;
          else if (act === 'forget') hub.loseMemory();
          else if (act === 'forget-silently') hub.loseMemorySilently();
          else if (act === 'rubbish') hub.hearRubbish(site, 'a1');
          if (held === undefined) return;
          const { chunk } = held;
          const key = `${held.site} ${chunk.chunk}`;
          if (act === 'send') hub.send(held);
          else if (act === 'finish') {
            hub.send(held);
            hub.finish(held);
            hands.splice(hands.indexOf(held), 1);
          } else if (act === 'die') hands.splice(hands.indexOf(held), 1);
          else if (act === 'wrong-site') hub.send(held, undefined, { site: 'zz' });
          else if (act === 'lie' && (lies.get(key) ?? 0) < 4) {
            lies.set(key, (lies.get(key) ?? 0) + 1);
            hub.send(held, lieOf(held, which));
          }
        };
        const run = await world.sweep();
        assert.deepEqual(world.rows, truthOf(sites));
        assert.deepEqual(run.doubts, []);
        assert.equal(run.statuses.up + run.statuses.down, sites.length * HOSTS);
      }),
      { numRuns: 60 },
    );
  });
});

/** What an agent of a bad mind says about a chunk that it holds. */
function lieOf({ site, chunk }: TakenChunk, which: number): Uint8Array {
  const findings = honestFindings(site, chunk.targets);
  const answers = [
    () => Uint8Array.of(1, 2, 3),
    () => encodeAnswer({ ...chunk, chunk: chunk.chunk + 1 }, 1, { findings, refusal: null }),
    () => encodeAnswer({ ...chunk, site: 'zz' }, 1, { findings, refusal: null }),
    () => encodeAnswer(chunk, 1, { findings: withoutLast(findings, 3), refusal: null }),
    () => encodeAnswer(chunk, 1, { findings: null, refusal: 'I do not feel like it' }),
    () => encodeAnswer(chunk, 1, { findings, refusal: null }).subarray(0, -1),
  ];
  return answers[which % answers.length]!();
}

describe('what a sweep on several sites says', () => {
  test('a site without an agent is missing, never down, and the other has its rows', async () => {
    const world = await World.of(['berlin', 'paris']);
    world.step = () => world.work(['berlin']);
    const run = await world.sweep(world.parts({ deadlineMs: 60_000 }));
    assert.deepEqual(world.rows, truthOf(['berlin']));
    assert.equal(run.partial, true);
    assert.equal(run.doubts.length, 1);
    assert.match(
      run.doubts[0]!,
      /^paris: 40 targets of 40 targets have no row: no agent of paris was heard of/,
    );
    assert.equal(run.statuses.down + run.statuses.up, HOSTS);
    assert.equal(world.journal.scans()[0]!.state, 'stopped');
    assert.ok(world.hub.cancelled.length > 0);
  });

  test('an agent whose results are refused five times is named', async () => {
    const world = await World.of(['berlin']);
    world.step = () => {
      for (let taken = world.take('berlin'); taken !== undefined; taken = world.take('berlin')) {
        world.hub.send(taken, Uint8Array.of(1));
        world.hub.finish(taken);
      }
    };
    const run = await world.sweep();
    assert.equal(world.rows.length, 0);
    assert.match(run.doubts[0]!, /berlin\/a1: the result is too short/);
  });

  test('hosts that an agent does not allow have no row, and the agent is named', async () => {
    const world = await World.of(['berlin']);
    world.step = () => {
      for (let taken = world.take('berlin'); taken !== undefined; taken = world.take('berlin')) {
        const findings = withoutLast(honestFindings('berlin', taken.chunk.targets), 2, 2);
        world.hub.send(taken, encodeAnswer(taken.chunk, 1, { findings, refusal: null }));
        world.hub.finish(taken);
      }
    };
    const run = await world.sweep();
    assert.equal(world.rows.length, HOSTS - 10);
    assert.equal(run.partial, true);
    assert.ok(run.doubts.some((doubt) => /^berlin\/a1 does not allow/.test(doubt)));
  });

  test('a doubt is that of a chunk, and names its agent', async () => {
    const world = await World.of(['berlin']);
    let chunks = 0;
    world.step = () => {
      for (let taken = world.take('berlin'); taken !== undefined; taken = world.take('berlin')) {
        const doubts = chunks++ === 0 ? ['the clock stepped'] : [];
        const findings = honestFindings('berlin', taken.chunk.targets, { doubts });
        world.hub.send(taken, encodeAnswer(taken.chunk, 1, { findings, refusal: null }));
        world.hub.finish(taken);
      }
    };
    const doubtful: boolean[] = [];
    const onRows: SweepJob['onRows'] = async (rows) =>
      void doubtful.push((rows as { isDoubtful?: boolean }).isDoubtful === true);
    const run = await world.sweep(world.parts(), world.job({ onRows }));
    assert.deepEqual(run.doubts, ['berlin/a1: the clock stepped']);
    assert.equal(doubtful.filter(Boolean).length, 1);
  });

  test('a stopped sweep is cancelled at the sites, reports what it has, and can be resumed', async () => {
    const world = await World.of(['berlin', 'paris']);
    let done = 0;
    world.step = () => {
      const taken = world.take('berlin');
      if (taken !== undefined) {
        world.hub.send(taken);
        world.hub.finish(taken);
      }
      if (++done === 3) world.stop.abort();
    };
    const run = await world.sweep();
    assert.equal(run.partial, true);
    assert.deepEqual(run.doubts, []);
    assert.ok(world.rows.length > 0 && world.rows.length < 2 * HOSTS);
    assert.equal(world.hub.cancelled.length, 2);
    assert.equal(world.hub.work.size, 0);
    const [scan] = world.journal.scans();
    assert.equal(scan!.state, 'stopped');
    const rowsBefore = world.rows.splice(0).length;
    world.step = () => world.work();
    const { signal: _, ...job } = world.job();
    const again = await resumedSweep(world.parts(), scan!.id)(job);
    assert.deepEqual(world.rows, truthOf(['berlin', 'paris']));
    assert.equal(again.partial, false);
    assert.ok(rowsBefore > 0);
  });

  test('a sweep that another process cancelled in the journal stops', async () => {
    const world = await World.of(['berlin']);
    world.step = () => world.journal.setState(world.journal.scans()[0]!.id, 'stopped');
    const run = await world.sweep();
    assert.equal(run.partial, true);
    assert.equal(world.hub.cancelled.length, 1);
  });

  test('rows come as they arrive for those who want them so', async () => {
    const world = await World.of(['berlin', 'paris']);
    const onFinalRows: SweepJob['onFinalRows'] = async (rows) =>
      void world.streamed.push(...rowsOf(rows));
    await world.sweep(world.parts(), world.job({ onFinalRows }));
    const sorted = (rows: readonly Row[]) => rows.map((row) => row.join(' ')).sort();
    assert.deepEqual(sorted(world.streamed), sorted(truthOf(['berlin', 'paris'])));
  });

  test('progress is by site, with the hosts of chunks under way', async () => {
    const world = await World.of(['berlin', 'paris']);
    let ticks = 0;
    world.step = () => {
      if (ticks++ > 5) world.work();
      const [scan] = world.journal.scans();
      const under = { startedAtMs: 1, hosts: CHUNK_HOSTS, done: 5, up: 2 };
      world.hub.hear('berlin', 'a1', [{ scan: scan!.id, chunk: 0, ...under }]);
    };
    await world.sweep();
    const [, , third] = world.progress;
    assert.deepEqual(third!.sites, [
      { site: 'berlin', targets: HOSTS, done: 5, up: 2, isHeard: true },
      { site: 'paris', targets: HOSTS, done: 0, up: 0, isHeard: false },
    ]);
    assert.equal(world.progress.at(-1)!.done, 2 * HOSTS);
  });

  test('no more than the slots of a site and two more are with the broker', async () => {
    const world = await World.of(['berlin']);
    let most = 0;
    world.step = () => {
      most = Math.max(most, world.hub.work.size);
      const taken = world.take('berlin');
      if (taken === undefined) return;
      world.hub.send(taken);
      world.hub.finish(taken);
    };
    await world.sweep();
    assert.equal(most, 4);
  });

  test('quiet hours of a site take back its own chunks, and nothing is offered there until they are over', async () => {
    const world = await World.of(['berlin', 'paris']);
    const [begin, end] = [T0 + 400, T0 + 60_000];
    const openUntil = (nowMs: number): number =>
      nowMs < begin ? begin : nowMs < end ? nowMs : Number.POSITIVE_INFINITY;
    const workAt = (site: string): number =>
      [...world.hub.work.values()].filter((each) => each.site === site).length;
    let parisAtEnd = 0;
    world.step = () => {
      if (world.nowMs > begin + 400 && world.nowMs <= end) {
        assert.equal(workAt('berlin'), 0);
        world.work(['paris']);
        parisAtEnd = world.journal.progress(world.journal.scans()[0]!.id)[1]!.done;
      }
      if (world.nowMs > end) world.work();
    };
    const [berlin, paris] = world.parts().sites;
    await world.sweep(world.parts({ sites: [{ ...berlin!, openUntil }, paris!] }));
    assert.equal(parisAtEnd, HOSTS);
    assert.deepEqual(world.hub.paused, [`berlin ${world.journal.scans()[0]!.id}`]);
    assert.deepEqual(world.hub.cancelled, []);
    assert.deepEqual(world.rows, truthOf(['berlin', 'paris']));
  });

  test('a hub whose key is refused ends the sweep at once, with what there is', async () => {
    const world = await World.of(['berlin']);
    world.step = () => {
      if (world.nowMs > T0 + 1000) return world.hub.refuseKey();
      const taken = world.take('berlin');
      if (taken !== undefined) world.hub.send(taken);
    };
    const run = await world.sweep();
    assert.ok(world.nowMs < T0 + 10_000);
    assert.ok(world.rows.length > 0 && world.rows.length < HOSTS);
    assert.match(run.failure!, /refuses the key of the hub/);
    assert.match(run.doubts[0]!, /refuses the key of the hub; `echosweep scans resume/);
    assert.equal(world.journal.scans()[0]!.state, 'stopped');
  });

  test('a journal without room for results waits until there is some', async () => {
    const world = await World.of(['berlin']);
    const { journal } = world;
    const keep = journal.keep.bind(journal);
    journal.keep = (...values) => {
      if (world.nowMs < T0 + 5000) throw new Error('database or disk is full');
      return keep(...values);
    };
    const run = await world.sweep();
    assert.deepEqual(world.rows, truthOf(['berlin']));
    assert.deepEqual(run.doubts, []);
    assert.ok(world.remarks.some((remark) => remark.includes('has no room')));
  });

  test('two processes do not wait for the same scan, also while one of them ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'echosweep-lock-'));
    const path = join(folder, 'journal.db');
    const first = await lockScan(path, 's1');
    await assert.rejects(lockScan(path, 's1'), { code: 'INVENTORY_BUSY' });
    let holders = 0;
    first.release();
    const take = async (): Promise<void> => {
      try {
        const lock = await lockScan(path, 's1');
        assert.equal(++holders, 1);
        await setImmediate();
        holders--;
        lock.release();
      } catch (error) {
        if (!(error instanceof EchosweepError) || error.code !== 'INVENTORY_BUSY') throw error;
      }
    };
    await Promise.all(Array.from({ length: 40 }, take));
    assert.deepEqual(readdirSync(folder), []);
  });
});
