/** `npm run pictures [-- KIND]`: the pictures of docs/pictures, of made-up networks that are the same each time. Needs Chromium. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import { ROOT } from './ensure.mjs';
import { makeReady } from './make-ready.mjs';

await makeReady();

const { NO_BROWSER, openPage, startBrowser } = await import('../dist/test/browser/chromium.js');
const { writePage } = await import('../dist/test/browser/sample-files.js');
const { sampleInventory } = await import('../dist/test/browser/sample-inventory.js');
const { sampleRows } = await import('../dist/test/browser/sample-sweep.js');
const { WebApi } = await import('../dist/test/browser/web-api.js');
const { AddressRuns, rowAddress } = await import('../dist/src/report/address-runs.js');
const { terminalMap } = await import('../dist/src/report/terminal-map.js');
const { cellCode } = await import('../dist/src/results/cell-code.js');

const PICTURES = join(ROOT, 'docs/pictures');
/** The visible part of each page: the /24 down to its table, the /16 down to the end of its map. */
const PAGES = [
  { prefix: 24, height: 1340, keys: [...times(5, 'ArrowDown'), ...times(17, 'ArrowRight')] },
  { prefix: 16, height: 1180, keys: [...times(38, 'PageDown'), ...times(73, 'ArrowRight')] },
];

if (NO_BROWSER) {
  process.stderr.write(`${NO_BROWSER}\n`);
  process.exit(1);
}
const folder = mkdtempSync(join(tmpdir(), 'echosweep-pictures-'));
mkdirSync(PICTURES, { recursive: true });
const browser = await startBrowser();
const KINDS = {
  report: reportPictures,
  inventory: inventoryPictures,
  web: webPictures,
  terminal: terminalPicture,
};
try {
  const wanted = process.argv.slice(2);
  for (const kind of wanted.length === 0 ? Object.keys(KINDS) : wanted) await KINDS[kind]();
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}

async function reportPictures() {
  for (const { prefix, height, keys } of PAGES) {
    const file = join(folder, `${prefix}.html`);
    writePage(file, sampleRows(prefix), runOf(prefix));
    for (const colorScheme of ['light', 'dark']) {
      const options = { viewport: { width: 1240, height }, colorScheme };
      const { page } = await openPage(browser, file, options);
      await page.locator('#map-canvas').focus();
      for (const key of ['Home', ...keys]) await page.keyboard.press(key);
      // The focus ring is for keyboard users.
      await page.evaluate(
        "document.querySelector('canvas').style.outline = 'none'; scrollTo(0, 0)",
      );
      await picture(page, `report-${prefix}-${colorScheme}`);
    }
  }
}

async function inventoryPictures() {
  const file = join(folder, 'inventory.html');
  writeFileSync(file, (await sampleInventory()).html);
  for (const colorScheme of ['light', 'dark']) {
    const options = { viewport: { width: 1240, height: 1180 }, colorScheme };
    const { page } = await openPage(browser, file, options);
    await picture(page, `inventory-${colorScheme}`, { fullPage: true });
  }
}

async function terminalPicture() {
  const page = await browser.newPage({ viewport: { width: 900, height: 600 } });
  await page.setContent(terminalPage(mapLines(22)));
  await picture(page.locator('pre'), 'terminal-map');
}

/** Views of the web interface, with a scan that is half done. */
async function webPictures() {
  const now = Date.UTC(2026, 10, 25, 14, 5);
  const api = await WebApi.start({ now });
  const views = {
    home: { place: '/', height: 800, schemes: ['light'] },
    network: {
      place: '/network/datacentre',
      height: 1000,
      schemes: ['light', 'dark'],
      isScanned: true,
    },
    host: { place: '/host/10.20.30.41?network=office', height: 960, schemes: ['dark'] },
    changes: { place: '/changes', height: 760, schemes: ['light'] },
  };
  for (const [name, { place, height, schemes, isScanned = false }] of Object.entries(views)) {
    for (const colorScheme of schemes) {
      const page = await webPage(api, place, { viewport: { width: 1240, height }, colorScheme });
      if (isScanned) await scanHalf(page, api);
      await picture(page, `web-${name}-${colorScheme}`);
      await page.close();
    }
  }
  const phone = { viewport: { width: 360, height: 740 }, isMobile: true, deviceScaleFactor: 2 };
  const page = await webPage(api, '/network/office/hosts', phone);
  await picture(page, 'web-phone');
  await api.close();

  async function webPage(server, place, options) {
    const opened = await browser.newPage({ ...options, timezoneId: 'UTC' });
    await opened.clock.setFixedTime(now);
    await opened.goto(`${server.url}#${place}`);
    await opened.waitForSelector('html[data-ready] h1');
    await opened.waitForSelector('.pending', { state: 'detached' });
    await opened.evaluate('document.fonts.ready');
    return opened;
  }
}

async function scanHalf(page, api) {
  const network = 'datacentre';
  const sample = api.sample.named(network);
  const scan = { network, started_at: new Date().toISOString(), targets: 65_536, rate_pps: 9870 };
  api.emit('scan-started', { ...scan, done: 0, up: 0, left_ms: null });
  await page.locator('.progress').waitFor();
  const cells = [];
  for (let first = 0; first < 65_536; first += 16_384) {
    cells.push([first, api.sample.fresh(sample, first, 7168)]);
  }
  api.emit('scan-progress', { ...scan, done: 28_672, up: 8117, left_ms: 9000, cells });
  await page.locator('.progress', { hasText: '28,672' }).waitFor();
  // The map is drawn a few times a second.
  await page.waitForTimeout(500);
}

function times(count, key) {
  return Array.from({ length: count }, () => key);
}

async function picture(what, name, options = {}) {
  await what.screenshot({ path: join(PICTURES, `${name}.png`), ...options });
  process.stdout.write(`docs/pictures/${name}.png\n`);
}

function runOf(prefix) {
  const command = `echosweep 10.79.0.0/${prefix} --rdns -o report.html`;
  const startedAt = new Date('2026-03-04T05:06:07Z');
  const endedAt = new Date(startedAt.getTime() + (prefix === 24 ? 5012 : 71_400));
  return { command, version: '0.1.0', startedAt, endedAt };
}

function mapLines(prefix) {
  const runs = new AddressRuns();
  const codes = [];
  for (const { address, status, reason, rttAvgMs } of sampleRows(prefix)) {
    runs.add(rowAddress(address));
    codes.push(cellCode(status, reason, rttAvgMs));
  }
  const look = { width: 92, height: 40, isPlain: false, colour: true };
  const map = terminalMap({ runs: runs.runs, codes: Uint8Array.from(codes) }, look);
  return [`${styleText('bold', '$', { validateStream: false })} echosweep map report.csv`, ...map];
}

/** What a terminal makes of the escapes: those that `paint` uses. */
function terminalPage(lines) {
  const classes = { 1: 'bold', 2: 'dim', 31: 'red', 32: 'green', 33: 'yellow' };
  const html = lines
    .join('\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what it looks for
    .replaceAll(/\u001B\[(\d+)m/g, (_, code) =>
      classes[code] === undefined ? '</span>' : `<span class="${classes[code]}">`,
    );
  return `<style>
    body { margin: 0; background: #0f1317; }
    pre { display: inline-block; margin: 0; padding: 22px 26px; color: #d9dee3;
      font: 15px/1.25 "DejaVu Sans Mono", monospace; background: #0f1317; }
    .bold { font-weight: bold; } .dim { opacity: 0.45; }
    .green { color: #4fc38a; } .yellow { color: #efab2e; } .red { color: #ff6b6b; }
  </style><pre>${html}</pre>`;
}
