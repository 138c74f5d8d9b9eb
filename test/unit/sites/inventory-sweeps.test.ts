/** Scans of an inventory at its sites, over one connection for as long as it works. */

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { scanSummary } from '../../../src/cli/inventory/scan-lines.ts';
import type { NetworkConfig } from '../../../src/inventory/config/config.ts';
import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import { IN_MEMORY } from '../../../src/inventory/database.ts';
import { listHosts } from '../../../src/inventory/host-list.ts';
import { HOST_STATES } from '../../../src/inventory/host-memory.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { NOT_COVERED } from '../../../src/results/block-results.ts';
import { reasonNumber, statusNumber } from '../../../src/results/outcome.ts';
import { scanNetwork } from '../../../src/scan.ts';
import { encodeAnswer } from '../../../src/sites/contract/chunk-result.ts';
import { timesOf } from '../../../src/sites/coordination.ts';
import { InventorySweeps } from '../../../src/sites/inventory-sweeps.ts';
import { Journal } from '../../../src/sites/journal.ts';
import { withStore } from '../inventory/samples.ts';
import {
  honestFindings,
  isUpAt,
  ScriptedHub,
  type TakenChunk,
  withoutLast,
} from './scripted-hub.ts';

const CONFIG = parseConfig(
  `sites: { a: {}, b: { deadline: 1 } }
networks:
  a-lan: { targets: 10.0.0.0/29, site: a, sweep: { include-edges: true } }
  b-lan: { targets: 10.0.0.0/29, site: b, sweep: { include-edges: true } }`,
  'c.yaml',
);

/** A hub that was opened, and whether it is closed. */
interface Opened {
  readonly hub: ScriptedHub;
  isClosed: boolean;
}

/** Sweeps over scripted hubs with one journal, and the hubs that were opened so far. */
async function sweepsOverHubs(t: TestContext) {
  const journal = await Journal.open(IN_MEMORY);
  const opened: Opened[] = [];
  const sweeps = new InventorySweeps('unused', async () => {
    const hub = new ScriptedHub();
    const each: Opened = { hub, isClosed: false };
    opened.push(each);
    const close = async (): Promise<void> => {
      each.isClosed = true;
    };
    return { broker: hub, journal, times: timesOf(60_000), close };
  });
  t.after(async () => {
    await sweeps.close();
    journal.close();
  });
  return { sweeps, opened, journal };
}

/** An agent of the site does all that the newest hub offers, until the test ends. */
function agentOf(t: TestContext, site: string, opened: readonly Opened[]): void {
  const work = setInterval(() => {
    const hub = opened.at(-1)?.hub;
    const taken = hub?.take(site, 'a1');
    if (hub === undefined || taken === undefined) return;
    hub.send(taken);
    hub.finish(taken);
  }, 5);
  t.after(() => clearInterval(work));
}

function scanOf(store: Store, sweeps: InventorySweeps, network: NetworkConfig | undefined) {
  const signal = new AbortController().signal;
  return scanNetwork(
    { store, network: network!, receivers: CONFIG, signal },
    { sweep: sweeps.at(network!.atSite!) },
  );
}

const [A_LAN, B_LAN] = CONFIG.networks;

test('a site remembers what its agents found, and one that is silent nothing', (t) =>
  withStore(async (store) => {
    const { sweeps, opened } = await sweepsOverHubs(t);
    agentOf(t, 'a', opened);
    const found = await scanOf(store, sweeps, A_LAN);
    await assert.rejects(scanOf(store, sweeps, B_LAN), {
      code: 'BROKER_REFUSED',
      message: /no agent of b was heard of/,
    });
    assert.equal(found.run?.statuses.up, 3);
    assert.deepEqual(
      listHosts(store, { networks: ['a-lan'], states: HOST_STATES }).map(({ state }) => state),
      Array.from({ length: 8 }, (_, i) => (isUpAt('a', 0x0a000000n + BigInt(i)) ? 'up' : 'silent')),
    );
    assert.equal(networkStatus(store, 'b-lan', new Date()).lastScan, null);
    assert.equal(opened.length, 1);
  }));

test('a site whose agent allows no target remembers nothing, and the agent is not looked for', (t) =>
  withStore(async (store) => {
    const { sweeps, opened } = await sweepsOverHubs(t);
    const scanned = scanOf(store, sweeps, A_LAN);
    let taken: TakenChunk | undefined;
    while (taken === undefined) {
      await setImmediate();
      taken = opened[0]?.hub.take('a', 'a1');
    }
    const findings = withoutLast(honestFindings('a', taken.chunk.targets), 8, 8);
    opened[0]!.hub.send(taken, encodeAnswer(taken.chunk, 1, { findings, refusal: null }));
    await assert.rejects(scanned, {
      problem: 'a does not allow any of the targets (see --allow and --deny of its agents)',
      advice: 'allow them there, or take them out of the network',
    });
  }));

test('a scan is complete without what an agent does not allow, so that the next finds changes', (t) =>
  withStore(async (store) => {
    const { sweeps, opened } = await sweepsOverHubs(t);
    // One host is not allowed; of the others, one is up.
    const scan = async (up: number, denied: number) => {
      const scanned = scanOf(store, sweeps, A_LAN);
      let taken: TakenChunk | undefined;
      while (taken === undefined) {
        await setImmediate();
        taken = opened[0]?.hub.take('a', 'a1');
      }
      const now = new Date();
      const run = { startedAt: now, endedAt: now };
      const findings = honestFindings('a', taken.chunk.targets, run);
      const { status, reason, startedAtMs } = findings.results;
      startedAtMs.fill(now.getTime());
      status.fill(statusNumber('down')).fill(statusNumber('up'), up, up + 1);
      reason.fill(reasonNumber('no-response')).fill(reasonNumber('echo-reply'), up, up + 1);
      status[denied] = NOT_COVERED;
      const answer = { findings: { ...findings, denied: 1 }, refusal: null };
      opened[0]!.hub.send(taken, encodeAnswer(taken.chunk, 1, answer));
      opened[0]!.hub.finish(taken);
      return scanned;
    };
    const first = await scan(1, 0);
    assert.equal(first.isFirst, true);
    assert.deepEqual(
      scanSummary('a-lan', first, false).map((line) => line.replace(/in .* s;/, 'in 1 s;')),
      [
        'a-lan: 1 of 8 up in 1 s; the first complete scan, with which the next are compared',
        "a-lan: the site's agents do not allow 1 target (see --allow and --deny); the scan is complete without them, and they stay as they were",
      ],
    );
    const { isFirst, changes } = await scan(2, 0);
    assert.equal(isFirst, false);
    assert.deepEqual(
      changes.map(({ kind, address }) => `${kind} ${address}`),
      ['new 10.0.0.2'],
    );
    const { partial, doubt, unscanned } = networkStatus(store, 'a-lan', new Date());
    assert.deepEqual({ partial, doubt, unscanned }, { partial: false, doubt: null, unscanned: 1 });
    await scan(3, 2);
    const up = listHosts(store, { networks: ['a-lan'], states: ['up'] });
    assert.deepEqual(
      up.map(({ address }) => address),
      ['10.0.0.2', '10.0.0.3'],
    );
  }));

test('after the key of a hub was refused, the next scan and the next hearing are of one that is opened again', (t) =>
  withStore(async (store) => {
    const { sweeps, opened } = await sweepsOverHubs(t);
    const begun = scanOf(store, sweeps, B_LAN);
    while (opened[0]?.hub.offers !== 1) await setImmediate();
    opened[0].hub.isRefused = true;
    sweeps.hearing();
    assert.equal(opened.length, 2);
    assert.equal(opened[0].isClosed, false);
    opened[0].hub.refuseKey();
    await assert.rejects(begun, { message: /refuses the key of the hub/ });
    agentOf(t, 'a', opened);
    assert.equal((await scanOf(store, sweeps, A_LAN)).run?.statuses.up, 3);
    assert.deepEqual(
      opened.map(({ isClosed }) => isClosed),
      [true, false],
    );
    assert.deepEqual(sweeps.hearing()?.agents, []);
  }));

test('a hub that cannot be opened is opened again by the next scan', () =>
  withStore(async (store) => {
    let attempts = 0;
    const sweeps = new InventorySweeps('unused', async () => {
      throw new Error(`away ${++attempts}`);
    });
    await assert.rejects(scanOf(store, sweeps, A_LAN), { message: 'away 1' });
    await assert.rejects(scanOf(store, sweeps, A_LAN), { message: 'away 2' });
    await sweeps.close();
  }));

test('what an earlier scan of a network has left in the journal is forgotten by the next', (t) =>
  withStore(async (store) => {
    const { sweeps, opened, journal } = await sweepsOverHubs(t);
    agentOf(t, 'a', opened);
    for (const command of ['inventory scan a-lan', 'echosweep 10.0.0.0/29']) {
      const createdAt = new Date(Date.now() - 3_600_000);
      const facts = { sites: ['a'], isSpread: false, facts: {}, deadline: createdAt };
      journal.begin({ id: command, command, createdAt, ...facts }, []);
    }
    await scanOf(store, sweeps, A_LAN);
    assert.deepEqual(
      journal.scans().map(({ command, state }) => `${command}: ${state}`),
      ['echosweep 10.0.0.0/29: running', 'inventory scan a-lan: ended'],
    );
  }));
