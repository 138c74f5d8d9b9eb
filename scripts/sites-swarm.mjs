/**
 * `npm run -s lab -- node scripts/sites-swarm.mjs [AGENTS] [ADDRESSES PER AGENT] [SCANS]`: a hub, a swarm of agents (500 by
 * default), each at a site of its own, and an inventory that scans all sites. The agents probe nothing: they make up results. Prints for each scan what it took, how large the database is, and how soon a reader of one network
 * had its answer meanwhile.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuSeconds, said } from './children.mjs';
import { MAIN } from './ensure.mjs';

const SWARM = '--swarm';
const HUB = 'echosweep-hub';
const DATABASE = 'swarm.db';
/** Of three hosts. */
const UP = 2;
const READ_EVERY_MS = 200;

if (process.argv[2] === SWARM) await swarm(process.argv[3]);
else await measure(...process.argv.slice(2).map(Number));

async function measure(agents = 500, each = 4096, scans = 2) {
  const { makeReady } = await import('./make-ready.mjs');
  await makeReady();
  const folder = mkdtempSync(join(tmpdir(), 'echosweep-swarm-'));
  const running = [];
  try {
    await finished(ours(['hub', 'init', '127.0.0.1', '--folder', HUB], folder));
    const { HubFolder } = await import('../dist/src/sites/hub/hub-folder.js');
    const hub = HubFolder.open(join(folder, HUB));
    const sites = Array.from({ length: agents }, (_, i) => `s${i}`);
    const joins = sites.map((site) => hub.add({ site, agent: 'a1' }));
    writeFileSync(join(folder, 'joins.json'), JSON.stringify(joins), { mode: 0o600 });
    writeFileSync(join(folder, 'echosweep.yaml'), configText(sites, each));
    running.push(ours(['hub', 'run', '--folder', HUB], folder));
    await said(running[0], /the hub listens/);
    const server = Number(readFileSync(join(folder, HUB, 'nats.pid'), 'utf8'));
    const script = fileURLToPath(import.meta.url);
    running.push(start([script, SWARM, join(folder, 'joins.json')], folder));
    await said(running[1], /connected/);
    running[1].stderr.pipe(process.stderr);
    for (let scan = 1; scan <= scans; scan++) {
      const spent = cpuSeconds(server);
      const found = await scanned(folder);
      const broker = cpuSeconds(server) - spent;
      print(scan, found, agents * each, { cpuS: broker, mib: memoryMib(server, 'VmHWM') });
    }
    console.log(`the swarm: ${memoryMib(running[1].pid, 'VmHWM').toFixed(0)} MiB at most`);
  } finally {
    for (const child of running.reverse()) {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('close', resolve));
    }
    rmSync(folder, { recursive: true });
  }
}

function configText(sites, each) {
  const targets = sites.map((_, i) => {
    const first = 0x0a000000 + i * each;
    return `${dotted(first)}-${dotted(first + each - 1)}`;
  });
  return [
    `database: ${DATABASE}`,
    'sites:',
    ...sites.map((site) => `  ${site}: { rate: 1000000 }`),
    'networks:',
    ...sites.map((site, i) => `  ${site}: { targets: "${targets[i]}", site: ${site} }`),
    '',
  ].join('\n');
}

function dotted(value) {
  return [24, 16, 8, 0].map((bits) => (value >>> bits) & 255).join('.');
}

/** Runs one scan of all sites, and reads one network again and again until it ends. */
async function scanned(folder) {
  const startedAt = performance.now();
  const child = ours(['inventory', 'scan', '-q'], folder);
  child.stderr.pipe(process.stderr);
  let isOver = false;
  let mib = 0;
  const ended = finished(child).finally(() => {
    isOver = true;
  });
  ended.catch(() => {});
  const reads = [];
  const reader = await openReader(join(folder, DATABASE));
  while (!isOver) {
    mib = memoryMib(child.pid, 'VmHWM') ?? mib;
    const askedAt = performance.now();
    if (await reader.read()) reads.push(performance.now() - askedAt);
    await Promise.race([delay(READ_EVERY_MS), ended.catch(() => {})]);
  }
  await ended;
  reader.close();
  const seconds = (performance.now() - startedAt) / 1000;
  return { seconds, mib, reads, octets: statSync(join(folder, DATABASE)).size };
}

/** Reads what the table of a network's hosts shows first; false as long as there is no database. */
async function openReader(path) {
  const from = (name) => import(`../dist/src/inventory/${name}.js`);
  const { openStore } = await from('store');
  const { networkSnapshot } = await from('network-snapshot');
  const { hostOrder } = await from('host-window');
  const order = { states: ['up', 'missing', 'gone'], sort: 'address', isDescending: false };
  let store;
  return {
    read: async () => {
      if (statSync(path, { throwIfNoEntry: false }) === undefined) return false;
      store ??= await openStore(path);
      const { count } = store.database.prepare('SELECT count(*) AS count FROM networks').get();
      if (count === 0) return false;
      const snapshot = await networkSnapshot(store, 's0').catch(() => undefined);
      if (snapshot === undefined) return false;
      const places = await hostOrder(snapshot, order);
      for (const place of places.subarray(0, 100)) snapshot.hostAt(place);
      return true;
    },
    close: () => store?.close(),
  };
}

function print(scan, { seconds, mib, reads, octets }, rows, broker) {
  const sorted = reads.toSorted((a, b) => a - b);
  const at = (share) => (sorted[Math.floor(share * sorted.length)] ?? Number.NaN).toFixed(0);
  console.log(
    `scan ${scan}: ${rows.toLocaleString('en')} rows in ${seconds.toFixed(0)} s, ` +
      `${((rows / seconds) * 3600).toLocaleString('en', { maximumSignificantDigits: 3 })} an hour; ` +
      `inventory ${mib.toFixed(0)} MiB at most, database ${(octets / 2 ** 20).toFixed(0)} MiB; ` +
      `${reads.length} reads: median ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(0.999)} ms; ` +
      `nats-server ${broker.cpuS.toFixed(1)} s of CPU (${((broker.cpuS / rows) * 1e6).toFixed(1)} µs a row), ${broker.mib.toFixed(0)} MiB`,
  );
}

/** The agents, all in this process. */
async function swarm(file) {
  const { Agent } = await import('../dist/src/sites/agent.js');
  const { AllowedTargets } = await import('../dist/src/sites/allowed-targets.js');
  const { NatsAgent } = await import('../dist/src/sites/nats/nats-agent.js');
  const { SYSTEM_CLOCK } = await import('../dist/src/cli/agent-clock.js');
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort());
  const joins = JSON.parse(readFileSync(file, 'utf8'));
  let connected = 0;
  const runs = joins.map((join) =>
    new Agent(join, new NatsAgent(join, join), {
      rules: { allowed: new AllowedTargets([], []), mostRatePps: Number.POSITIVE_INFINITY },
      slots: 1,
      clock: SYSTEM_CLOCK,
      sweep: pretend,
      onEvent: ({ type, message }) => {
        if (type === 'problem') process.stderr.write(`${message}\n`);
        if (type !== 'connected') return;
        connected++;
        if (connected === joins.length) process.stderr.write(`${connected} connected\n`);
      },
    }).run(stop.signal),
  );
  await Promise.all(runs);
}

/** What a sweep would report of which two of three hosts answer, each after a time of its own. */
async function pretend({ targets, onBlock }) {
  const { emptyResults } = await import('../dist/src/results/block-results.js');
  const { blockOfRanges } = await import('../dist/src/results/block-targets.js');
  const { MARKS, reasonNumber, statusNumber } = await import('../dist/src/results/outcome.js');
  const { runOf } = await import('../dist/test/unit/report/samples.js');
  const probes = 2;
  const results = emptyResults(blockOfRanges(targets.ranges), probes);
  const startedAt = new Date();
  const { count } = results.targets;
  for (let host = 0; host < count; host++) {
    const isUp = host % 3 < UP;
    results.status[host] = statusNumber(isUp ? 'up' : 'down');
    results.reason[host] = reasonNumber(isUp ? 'echo-reply' : 'no-response');
    results.sent[host] = isUp ? 1 : probes;
    results.received[host] = isUp ? 1 : 0;
    for (let probe = 0; probe < results.sent[host]; probe++) {
      results.marks[probes * host + probe] = (isUp ? MARKS.reply : MARKS.silence).charCodeAt(0);
    }
    if (isUp) results.rttNs[probes * host] = 300_000 + 1000 * (host % 997);
    results.startedAtMs[host] = startedAt.getTime();
  }
  onBlock(results, new Map());
  const up = Math.ceil((count * UP) / 3);
  const statuses = { up, unreachable: 0, down: count - up, error: 0 };
  return runOf({ startedAt, endedAt: new Date(), targets: count, statuses, doubts: [], notes: [] });
}

function ours(args, folder) {
  return start([MAIN, ...args], folder);
}

function start(args, folder) {
  return spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
}

async function finished(child) {
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (part) => {
    words += part;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`exit code ${code}: ${words}`);
}

/** @returns {number | undefined} undefined once the process has ended */
function memoryMib(pid, field) {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)[1]) / 1024;
  } catch {
    return undefined;
  }
}
