/**
 * `npm run -s lab -- node scripts/web-pictures.mjs FOLDER`: pictures of every view of the web interface, light and dark, on
 * a desk and on a phone. The server is the real one, and so are the scans, of the lab's hosts; two months of history
 * before them are made up. Needs Chromium.
 */

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { linkOf } from './children.mjs';
import { MAIN } from './ensure.mjs';
import { makeReady } from './make-ready.mjs';

await makeReady();
const { NO_BROWSER, startBrowser, until } = await import('../dist/test/browser/chromium.js');
const { go } = await import('../dist/test/browser/web-visit.js');
const { openStore } = await import('../dist/src/inventory/store.js');
const { writeScan } = await import('../dist/src/inventory/scan-writer.js');
const { readAddress } = await import('../dist/src/address.js');

const [target] = process.argv.slice(2);
if (target === undefined || NO_BROWSER) {
  process.stderr.write(`${NO_BROWSER || 'name the folder for the pictures'}\n`);
  process.exit(1);
}
const URL = 'http://127.0.0.1:8469/';
const PASSWORD_HASH =
  '$scrypt$ln=15,r=8,p=3$c2FsdHNhbHRzYWx0c2FsdA$MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI';
/** Every address of 10.79.0.0/16 answers, some of 10.70.0.0/24, and none of 10.75.0.0/24. */
const CONFIG = `sweep: { timeout: 300 }
known-hosts: known.csv
networks:
  office: { targets: [10.79.4.1-10.79.4.170, 10.75.0.1-10.75.0.60], site: Berlin, schedule: "0 * * * *" }
  wireless: { targets: 10.70.0.0/25, site: Berlin, sweep: { count: 5, period: 20 } }
  plant: { targets: 10.79.0.0/16, site: Frankfurt, schedule: "0 3 * * *", sweep: { rate: 12000, retries: 0 } }
  stopped: { targets: 10.80.0.0/20, sweep: { rate: 1000, retries: 0 } }
  new-branch: { targets: 10.75.0.64/26 }
web:
  users: { ada: { password: "${PASSWORD_HASH}", role: edit } }
`;
const DAYS = 60;
const SCANS_A_DAY = 2;
const MS_A_DAY = 86_400_000;
const ROLES = ['printer', 'desk', 'camera', 'ap', 'nas', 'phone', 'meeting', 'lab'];
const VENDORS = ['00:1b:63', '3c:d9:2b', 'b8:27:eb', '00:0c:29'];
const SIZES = {
  desk: { viewport: { width: 1280, height: 860 } },
  phone: { viewport: { width: 360, height: 740 }, isMobile: true, deviceScaleFactor: 2 },
};
const HOST = '/host/10.79.4.41?network=office';
const VIEWS = {
  home: '/',
  network: '/network/plant',
  'network-small': '/network/office',
  days: '/network/office/days',
  'network-changes': '/network/office/changes',
  hosts: '/network/office/hosts',
  stopped: '/network/stopped',
  'never-scanned': '/network/new-branch',
  host: HOST,
  'host-silent': '/host/10.75.0.7?network=office',
  changes: '/changes',
  search: '/search?q=printer',
  'search-nothing': '/search?q=nothing-like-this',
  free: '/search?q=free+in+office',
  settings: '/settings',
  audit: '/settings/audit',
};

const folder = mkdtempSync(join(tmpdir(), 'echosweep-views-'));
mkdirSync(target, { recursive: true });
writeFileSync(join(folder, 'echosweep.yaml'), CONFIG);
writeFileSync(join(folder, 'known.csv'), knownHosts());
await makeHistory();
const server = spawn(process.execPath, [MAIN, 'inventory', 'run', '--listen', '127.0.0.1:8469'], {
  cwd: folder,
  stdio: ['ignore', 'ignore', 'pipe'],
});
const ended = new Promise((resolve) => server.once('close', resolve));
const browser = await startBrowser();
try {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${URL}#link=${await linkOf(server)}`);
  await page.locator('h1', { hasText: 'Networks' }).waitFor();
  for (const network of ['office', 'wireless', 'plant']) {
    await scanned(page, network);
    process.stdout.write(`scanned ${network}\n`);
  }
  await stopFirstScan(page);
  await write(page);
  const { cookies } = await context.storageState();
  await picturesOf(VIEWS, cookies);
  await pictureOfScan(page, cookies);
  await picturesOf({ 'sign-in': '/' }, []);
} finally {
  await browser.close();
  server.kill('SIGTERM');
  await ended;
  rmSync(folder, { recursive: true });
}

function knownHosts() {
  const rows = Array.from(
    { length: 150 },
    (_, i) => `10.79.4.${i + 1},${nameOf(i)},Floor ${1 + (i % 4)}\n`,
  );
  return `address,name,place\n${rows.join('')}10.75.0.9,spare.office.example,Store\n`;
}

function nameOf(i) {
  return `${ROLES[i % ROLES.length]}-${i}.office.example`;
}

async function makeHistory() {
  const store = await openStore(join(folder, 'echosweep.db'));
  const scans = DAYS * SCANS_A_DAY;
  for (let scan = 0; scan < scans; scan++) {
    const startedAt = new Date(Date.now() - ((scans - scan) * MS_A_DAY) / SCANS_A_DAY);
    const hosts = [...officeHosts(scan, startedAt)];
    writeScan(store, {
      network: 'office',
      record: {
        startedAt,
        endedAt: new Date(startedAt.getTime() + 4000),
        source: 'scan',
        engine: 'raw',
        targets: hosts.length,
        statuses: { up: 150, unreachable: 0, down: 80, error: 0 },
        packets: null,
        rtt: { minMs: 0.2, medianMs: 1.3 + (scan % 7) / 10, p95Ms: 6, maxMs: 20 },
        partial: false,
        failure: null,
        doubts: [],
        hasAllTargets: true,
      },
      hosts,
      rules: { missesUntilGone: 3, slowerFactor: 3, slowerByMs: 5 },
    });
  }
  store.close();
}

function* officeHosts(scan, startedAt) {
  for (let i = 0; i < 230; i++) {
    const address = i < 170 ? `10.79.4.${i + 1}` : `10.75.0.${i - 169}`;
    const isThere =
      i < 158 ? scan >= (i % 11 === 0 ? 0.7 * i : 0) : i >= 170 && i < 176 && scan < 112;
    const isAway = i % 13 === 5 && Math.floor(scan / 5) % 6 === i % 6;
    const isUp = isThere && !isAway;
    const rttMs =
      0.4 + (i % 17) / 4 + ((scan * 31 + i) % 10) / 20 + (i === 40 && scan % 14 > 11 ? 9 : 0);
    const id = i.toString(16).padStart(2, '0');
    yield {
      ...readAddress(address),
      hostname: isUp ? nameOf(i) : null,
      mac: isUp
        ? `${VENDORS[i % VENDORS.length]}:00:${i === 40 && scan > 66 ? 'aa' : '01'}:${id}`
        : null,
      otherMac: isUp && i === 40 && scan > 114 ? '3c:d9:2b:00:09:28' : null,
      status: isUp ? 'up' : 'down',
      reason: isUp ? 'echo-reply' : 'no-response',
      rttAvgMs: isUp ? rttMs : null,
      rttsMs: isUp
        ? [rttMs * 0.8, rttMs, rttMs * 1.1, rttMs * 1.7].slice(0, scan % 12 === 0 ? 3 : 4)
        : [],
      sent: 4,
      received: isUp ? (scan % 12 === 0 ? 3 : 4) : 0,
      startedAt,
    };
  }
}

/** @param {string} body of a function that may await, in the page */
function inPage(page, body) {
  return page.evaluate(`(async () => { ${body} })()`);
}

function scanned(page, network) {
  return inPage(
    page,
    `const events = new EventSource('api/v1/events');
     await new Promise((resolve) => events.addEventListener('open', resolve));
     const ended = new Promise((resolve) => events.addEventListener('scan-ended', resolve));
     await fetch('api/v1/networks/${network}/scan', { method: 'POST' });
     await ended;
     events.close();`,
  );
}

async function stopFirstScan(page) {
  await go(page, '/network/stopped');
  await page.getByRole('button', { name: /^Scan now/ }).click();
  await page.locator('.progress', { hasText: /1,\d+ of/ }).waitFor();
  await page.getByRole('button', { name: /^Stop/ }).click();
  await page.locator('.flag', { hasText: 'stopped early' }).waitFor();
}

/** What people write: notes, a token, what they have read. */
async function write(page) {
  await inPage(
    page,
    `const send = (method, path, body) => fetch('api/v1/' + path, {
       method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
     const note = 'networks/office/hosts/10.79.4.41/note';
     await send('PATCH', note, { name: 'Print server', owner: 'Ada', tags: ['printers', 'floor-2'], known: true,
       note: 'Replaced in spring; the old card is in the store.' });
     await send('POST', 'tokens', { name: 'wallboard', role: 'view' });
     await send('POST', 'tokens', { name: 'netbox-sync', role: 'edit', expires_days: 365 });
     const { items } = await (await fetch('api/v1/changes?limit=40')).json();
     await send('POST', 'changes/acknowledge', { ids: items.filter((_, i) => i >= 4 && i < 9).map(({ id }) => id) });`,
  );
}

async function picturesOf(views, cookies) {
  for (const [size, options] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      const context = await browser.newContext({ ...options, colorScheme, timezoneId: 'UTC' });
      await context.addCookies(cookies);
      const page = await context.newPage();
      await page.goto(URL);
      await page.waitForSelector('html[data-ready] h1');
      for (const [name, place] of Object.entries(views)) {
        await go(page, place);
        // What it is drawn in.
        await page.evaluate(
          'new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))',
        );
        await picture(page, `${name}-${size}-${colorScheme}`);
      }
      await context.close();
    }
  }
}

async function pictureOfScan(page, cookies) {
  for (const [size, options] of Object.entries(SIZES)) {
    for (const colorScheme of ['light', 'dark']) {
      const ended = scanned(page, 'plant');
      const context = await browser.newContext({ ...options, colorScheme });
      await context.addCookies(cookies);
      const reader = await context.newPage();
      await reader.goto(`${URL}#/network/plant`);
      await reader.locator('.progress').waitFor();
      await until(reader, "document.querySelector('#map-canvas') !== null");
      await reader.locator('.progress', { hasText: /(1|2|3|4|5|6)\d,\d+ of/ }).waitFor();
      await picture(reader, `scan-${size}-${colorScheme}`);
      await ended;
      await context.close();
    }
  }
}

async function picture(page, name) {
  await page.screenshot({ path: join(target, `${name}.png`), fullPage: name.includes('phone') });
  process.stdout.write(`${name}\n`);
}
