/**
 * `node scripts/web-measure.mjs [HOSTS]`: fills an inventory with one network (65,536 hosts by default) and a long feed of
 * changes, and measures the questions of the web interface: how long each takes, and the longest that it keeps the process
 * from other work. With Chromium it measures the page as well: the first paint of each view, and the gaps of a table that
 * is scrolled from end to end.
 */

import { rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { makeReady } from './make-ready.mjs';

await makeReady();
const from = (name) => import(`../dist/src/inventory/${name}.js`);
const { openStore } = await from('store');
const { networkSnapshot } = await from('network-snapshot');
const { networkSummary, statesOf, subnetsOf } = await from('network-summary');
const { hostOrder } = await from('host-window');
const { addressMap } = await from('address-map');
const { changeFeed, countChanges } = await from('change-feed');
const { hoursOf } = await from('reply-history');
const { networkDays } = await from('network-days');
const { hostNote } = await from('host-notes');
const { writeScan } = await from('scan-writer');

const HOSTS = Number(process.argv[2] ?? 65_536);
const CHANGES = 500_000;
const FILE = join(tmpdir(), `echosweep-web-${process.pid}.db`);
const RULES = { missesUntilGone: 3, slowerFactor: 3, slowerByMs: 5 };
const NOW = new Date();
const HOUR = 3_600_000;
const VISITS = 5;
/** A screen a frame, as with Page Down held; what is seen in each frame is counted. */
const SCROLL = `new Promise((resolve) => {
  const scroller = document.querySelector('.scroller');
  const seen = { frames: 0, blank: 0, unknown: 0 };
  const step = () => {
    const rows = [...document.querySelectorAll('.rows .row')].map((row) => row.getBoundingClientRect());
    const { top, bottom } = scroller.getBoundingClientRect();
    seen.frames++;
    if (rows.length === 0 || rows[0].top > top + 40 || rows.at(-1).bottom < bottom - 40) seen.blank++;
    if (document.querySelector('.rows .unknown') !== null) seen.unknown++;
    const before = scroller.scrollTop;
    scroller.scrollTop += scroller.clientHeight;
    if (scroller.scrollTop === before) resolve(seen);
    else requestAnimationFrame(() => requestAnimationFrame(step));
  };
  step();
})`;

function* hostsOf(startedAt, scan) {
  for (let i = 0; i < HOSTS; i++) {
    const up = i % 3 !== 0 && (i + scan) % 50 !== 0;
    const hex = i.toString(16).padStart(6, '0');
    yield {
      text: `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
      key: `40a${hex}`,
      hostname: up ? `host-${(i * 7919) % HOSTS}.branch.example` : null,
      mac: up ? `02:00:00:${hex.slice(0, 2)}:${hex.slice(2, 4)}:${hex.slice(4)}` : null,
      status: up ? 'up' : 'down',
      reason: up ? 'echo-reply' : 'no-response',
      rttAvgMs: up ? 0.3 + (i % 1000) / 100 : null,
      sent: 1,
      received: up ? 1 : 0,
      startedAt,
    };
  }
}

const store = await openStore(FILE);
for (let scan = 0; scan < 4; scan++) {
  const startedAt = new Date(NOW.getTime() - (4 - scan) * HOUR);
  writeScan(store, {
    network: 'branch',
    record: {
      startedAt,
      endedAt: startedAt,
      source: 'scan',
      engine: 'raw',
      targets: HOSTS,
      statuses: { up: HOSTS / 2, unreachable: 0, down: HOSTS / 2, error: 0 },
      packets: null,
      rtt: { minMs: 0.3, medianMs: 4, p95Ms: 9, maxMs: 11 },
      partial: false,
      failure: null,
      doubts: [],
      hasAllTargets: true,
    },
    hosts: hostsOf(startedAt, scan),
    rules: RULES,
  });
}
store.database.exec('BEGIN');
const change = store.database.prepare(
  "INSERT INTO changes (host, network, scan, at, kind, before, after) VALUES (?, 1, 1, ?, ?, '', '')",
);
for (let i = 0; i < CHANGES; i++) {
  const kind = i % 10_000 === 0 ? 'conflict' : i % 2 === 0 ? 'gone' : 'back';
  change.run(1 + (i % HOSTS), NOW.getTime() - (CHANGES - i) * 60_000, kind);
}
store.database.exec('COMMIT');

const delay = monitorEventLoopDelay({ resolution: 1 });
async function measure(name, ask) {
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.reset();
  delay.enable();
  const at = performance.now();
  const cpuBefore = process.cpuUsage();
  const answer = await ask();
  const ms = performance.now() - at;
  const { user, system } = process.cpuUsage(cpuBefore);
  await new Promise((resolve) => setTimeout(resolve, 5));
  delay.disable();
  const held = Math.max(0, delay.max / 1e6 - 1);
  console.log(
    `${ms.toFixed(1).padStart(8)} ms, ${((user + system) / 1000).toFixed(1).padStart(7)} ms of CPU, ${held.toFixed(1).padStart(5)} ms at once  ${name}  ${answer ?? ''}`,
  );
}

const EVER_UP = ['up', 'missing', 'gone'];
const window = async (order, start) => {
  const snapshot = await networkSnapshot(store, 'branch');
  const places = await hostOrder(snapshot, {
    states: EVER_UP,
    sort: 'address',
    isDescending: false,
    ...order,
  });
  const rows = [...places.subarray(start, start + 200)].map((place) => snapshot.hostAt(place));
  for (const { network, key } of rows) hostNote(store, network, key);
  return `${rows.length} of ${places.length}`;
};
const feed = (filter, before) => async () => {
  const all = { networks: ['branch'], ...filter };
  return `${(await changeFeed(store, all, 100, before)).length} of ${await countChanges(store, all)}`;
};
const snapshot = () => networkSnapshot(store, 'branch');
const states = async () => statesOf(store, await snapshot(), NOW, undefined);

await measure('first window after a scan', () => window({}, 0));
await measure('window at the end', () => window({}, HOSTS * 0.6));
for (const sort of ['hostname', 'vendor', 'rtt_ms', 'last_seen']) {
  await measure(`first window by ${sort}`, () => window({ sort }, 0));
  await measure(`later window by ${sort}`, () => window({ sort }, HOSTS * 0.3));
}
await measure('part of a name', () => window({ text: 'host-12' }, 0));
await measure('part of a MAC address', () => window({ text: '00-12-3' }, 0));
await measure('maker', () => window({ text: 'cisco' }, 0));
await measure(
  'summary',
  async () => (await networkSummary(store, 'branch', NOW, undefined)).strip.length,
);
await measure(
  'summary again',
  async () => (await networkSummary(store, 'branch', NOW, undefined)).strip.length,
);
await measure('subnets', async () => subnetsOf(await snapshot(), await states()).length);
await measure('map', async () => (await addressMap(await snapshot(), await states(), [])).total);
await measure('feed', feed({}));
await measure('feed of conflicts', feed({ kinds: ['conflict'] }));
await measure('feed of a host', feed({ key: '40a000001' }));
await measure('unread', feed({ isUnread: true }));
await measure(
  'days of the network',
  async () =>
    (await networkDays(store, 'branch', new Date(NOW.getTime() - 365 * 24 * HOUR))).length,
);
await measure(
  'hours of a host',
  async () => (await hoursOf(store, 'branch', '40a000001', new Date(0))).length,
);
await measurePage();
store.close();
rmSync(FILE);

/** Medians of several visits, each of a page of its own. */
async function measurePage() {
  const { NO_BROWSER, startBrowser } = await import('../dist/test/browser/chromium.js');
  if (NO_BROWSER) {
    console.log(NO_BROWSER);
    return;
  }
  const server = await serve();
  const browser = await startBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.goto(server.oneTimeLink());
  await page.waitForSelector('.networks');
  const { cookies } = await page.context().storageState();
  for (const [place, ready] of [
    ['/', '.networks'],
    ['/network/branch', '#map-canvas'],
    ['/network/branch/hosts', '.rows .row .host-link'],
    ['/network/branch/days', '.charts figure'],
    ['/changes', '.change'],
    ['/host/10.0.0.1?network=branch', '.host-grid'],
  ]) {
    const times = [];
    for (let visit = 0; visit < VISITS; visit++) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 860 } });
      await context.addCookies(cookies);
      const opened = await context.newPage();
      await opened.goto(`${server.url}#${place}`);
      await opened.locator(ready).first().waitFor();
      times.push(
        await opened.evaluate(
          "[performance.getEntriesByName('first-contentful-paint')[0].startTime, performance.now()]",
        ),
      );
      await context.close();
    }
    const [paint, whole] = [0, 1].map((which) => median(times.map((each) => each[which])));
    console.log(
      `${paint.toFixed(0).padStart(5)} ms to the first paint, ${whole.toFixed(0).padStart(5)} ms to its data  ${place}`,
    );
  }
  await page.goto(`${server.url}#/network/branch/hosts?state=up,missing,gone,silent`);
  await page.waitForSelector('.rows .row .host-link');
  const { frames, blank, unknown } = await page.evaluate(SCROLL);
  console.log(
    `${frames} frames from end to end: ${blank} with a gap, ${unknown} with rows that were still on their way`,
  );
  await browser.close();
  await server.close();
}

function median(times) {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)];
}

async function serve() {
  const { serveWeb } = await import('../dist/src/web/web-server.js');
  const { parseConfig } = await from('config/config-file');
  const { InventoryQuestions } = await import('../dist/src/service/inventory-questions.js');
  const config = parseConfig('networks: { branch: { targets: 10.0.0.0/16 } }', 'echosweep.yaml');
  const file = { path: 'echosweep.yaml', config, resolve: (path) => path };
  return serveWeb({
    inventory: {
      questions: new InventoryQuestions(store, file),
      file,
      store,
      networks: config.networks,
      problem: undefined,
      scans: undefined,
      subscribe: () => () => {},
    },
    address: { host: '127.0.0.1', port: 0 },
    env: {},
    onFault: (error) => console.error(error),
    onRefusal: (line) => console.error(line),
  });
}
