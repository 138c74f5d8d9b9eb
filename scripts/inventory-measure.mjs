/**
 * `node scripts/inventory-measure.mjs [DAYS] [FILE]`: fills an inventory with the history of a /20 that is scanned every
 * hour (a year by default) through the code that real scans take, and measures its size and every question to it.
 */

import { rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeReady } from './make-ready.mjs';

await makeReady();
const from = (name) => import(`../dist/src/inventory/${name}.js`);
const { openStore } = await from('store');
const { writeScan } = await from('scan-writer');
const { listHosts, hostHistories } = await from('host-list');
const { listChanges } = await from('change-list');
const { networkStatus } = await from('network-status');
const { metricsText } = await from('metrics');
const { networkHistory } = await from('network-history');
const { prune } = await from('prune');
const { CHANGE_KINDS } = await from('host-memory');

const DAYS = Number(process.argv[2] ?? 365);
const FILE = process.argv[3] ?? join(tmpdir(), `echosweep-measure-${process.pid}.db`);
const HOSTS = 4096;
const RULES = { missesUntilGone: 3, slowerFactor: 3, slowerByMs: 5 };
const START = Date.UTC(2025, 0, 1);
const HOUR = 3_600_000;

/** A small generator of its own, so that every run makes the same history (mulberry32). */
let seed = 1;
function random() {
  seed = (seed + 0x6d2b79f5) | 0;
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
}

/** Four in five live: servers that stay, desktops of office hours, and guests that come and go. */
const hosts = Array.from({ length: HOSTS }, (_, i) => ({
  text: `10.0.${i >> 8}.${i & 255}`,
  key: `40a00${i.toString(16).padStart(4, '0')}`,
  hostname: i % 3 === 0 ? null : `host-${i}.branch.example`,
  mac: `02:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`,
  kind: i % 5 === 4 ? 'silent' : i % 5 === 3 ? 'guest' : i % 5 === 2 ? 'desktop' : 'server',
  usualMs: 0.3 + (i % 100) / 10,
  isHere: i % 2 === 0,
}));

function isUp(host, hour) {
  switch (host.kind) {
    case 'silent':
      return false;
    case 'desktop':
      return hour % 24 >= 7 && hour % 24 < 18 && random() < 0.98;
    case 'guest':
      if (random() < 0.02) host.isHere = !host.isHere;
      return host.isHere;
    default:
      return random() < 0.999;
  }
}

function* scanOf(hour) {
  const startedAt = new Date(START + hour * HOUR);
  for (const host of hosts) {
    const up = isUp(host, hour);
    const rttAvgMs = up ? host.usualMs * (random() < 0.0005 ? 12 : 0.8 + random()) : null;
    yield {
      text: host.text,
      key: host.key,
      hostname: up ? host.hostname : null,
      mac: up ? host.mac : null,
      status: up ? 'up' : 'down',
      reason: up ? 'echo-reply' : 'no-response',
      rttAvgMs,
      startedAt,
    };
  }
}

function recordOf(hour, up) {
  return {
    startedAt: new Date(START + hour * HOUR),
    endedAt: new Date(START + hour * HOUR + 9000),
    source: 'scan',
    engine: 'raw',
    targets: HOSTS,
    statuses: { up, unreachable: 0, down: HOSTS - up, error: 0 },
    packets: { sent: HOSTS + 2 * (HOSTS - up), received: up, dropped: 0 },
    rtt: { minMs: 0.3, medianMs: 4, p95Ms: 12, maxMs: 40 },
    partial: false,
    failure: null,
    doubts: [],
    hasAllTargets: true,
  };
}

const store = await openStore(FILE);
const hours = DAYS * 24;
let changes = 0;
let slowestMs = 0;
const begun = performance.now();
for (let hour = 0; hour < hours; hour++) {
  const rows = [...scanOf(hour)];
  const up = rows.filter(({ status }) => status === 'up').length;
  const at = performance.now();
  changes += writeScan(store, {
    network: 'branch',
    record: recordOf(hour, up),
    hosts: rows,
    rules: RULES,
  }).changes.length;
  slowestMs = Math.max(slowestMs, performance.now() - at);
}
const writtenMs = (performance.now() - begun) / hours;
store.close();
console.log(`${hours} scans of ${HOSTS} addresses, ${changes} changes`);
console.log(`${(statSync(FILE).size / 1e6).toFixed(1)} MB`);
console.log(`${writtenMs.toFixed(1)} ms a scan, ${slowestMs.toFixed(0)} ms the slowest`);

const now = new Date(START + hours * HOUR);
const since = (days) => new Date(now.getTime() - days * 24 * HOUR);
const questions = {
  open: () => {},
  status: (opened) => networkStatus(opened, 'branch', now),
  metrics: (opened) => metricsText(opened, [{ name: 'branch', schedule: undefined }], now),
  'history of the network, a month': (opened) => networkHistory(opened, 'branch', since(30), now),
  hosts: (opened) => listHosts(opened, {}),
  'hosts not seen for a week': (opened) => listHosts(opened, { unseenSince: since(7) }),
  'history of a server, a year': (opened) => hostHistories(opened, hosts[0].key, since(365)),
  'history of a guest, a year': (opened) => hostHistories(opened, hosts[3].key, since(365)),
  'changes of a day': (opened) => listChanges(opened, { since: since(1), kinds: CHANGE_KINDS }),
  'changes of a week': (opened) => listChanges(opened, { since: since(7), kinds: CHANGE_KINDS }),
  'changes of a month': (opened) => listChanges(opened, { since: since(30), kinds: CHANGE_KINDS }),
};
for (const [question, ask] of Object.entries(questions)) {
  const at = performance.now();
  const opened = await openStore(FILE);
  const answer = ask(opened);
  const ms = performance.now() - at;
  opened.close();
  const rows = Array.isArray(answer) ? `  ${answer.length} rows` : '';
  console.log(`${ms.toFixed(1).padStart(8)} ms  ${question}${rows}`);
}
const opened = await openStore(FILE);
const at = performance.now();
prune(opened, { days: Math.ceil(DAYS / 2) }, now);
opened.close();
console.log(`${(performance.now() - at).toFixed(1).padStart(8)} ms  prune the older half`);
console.log(`${(statSync(FILE).size / 1e6).toFixed(1)} MB after it`);
if (process.argv[3] === undefined) rmSync(FILE);
