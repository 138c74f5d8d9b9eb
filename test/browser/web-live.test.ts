/** What the web page promises of large networks and of scans that run while it is open. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { NO_BROWSER, startBrowser, until } from './chromium.ts';
import { WebApi } from './web-api.ts';
import { go, holdUp, visit } from './web-visit.ts';

const ADDRESSES = 65_536;
/** Of the browser's process, until a map of a /16 is painted: about a fifth of that if nothing else runs. */
const MOST_PAINT_SECONDS = 1.5;
const EVENTS = 1000;
const MOST_GROWTH_OCTETS = 1_500_000;

let browser: Browser;
let api: WebApi;
let page: Page;

function progress(done: number, further: object = {}): object {
  const scan = { network: 'datacentre', started_at: new Date().toISOString(), targets: ADDRESSES };
  return { ...scan, done, up: Math.floor(done / 3), rate_pps: 9800, left_ms: 41_000, ...further };
}

/** Whether rows fill the scroller from its top to its bottom, and all have arrived. */
const IS_FILLED = `(() => {
  const { top, bottom } = document.querySelector('.scroller').getBoundingClientRect();
  const rows = [...document.querySelectorAll('.rows .row')].map((row) => row.getBoundingClientRect());
  const isWhole = rows.length > 0 && rows[0].top <= top + 40 && rows.at(-1).bottom >= bottom - 40;
  return isWhole && document.querySelector('.rows .unknown') === null;
})()`;

/** The colour of the map's first cell, as an expression of the page. */
const FIRST_CELL =
  "document.querySelector('#map-canvas').getContext('2d').getImageData(1, 18, 1, 1).data.join()";

/** Hides the page as another tab in front of it does, or shows it again. */
async function setHidden(of: Page, hidden: boolean): Promise<void> {
  await of.evaluate(`Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
    document.dispatchEvent(new Event('visibilitychange'))`);
}

/** Waits for the next answer to a page, once this was done. */
async function readAfter(of: Page, path: RegExp, act: () => void | Promise<void>): Promise<void> {
  const read = of.waitForResponse(path);
  await act();
  await read;
}

/** Processor time of the page so far, which does not depend on what else runs. */
async function processSeconds(session: CDPSession): Promise<number> {
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'ProcessTime')!.value;
}

async function heapOctets(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

describe('the web page, live and large', { skip: NO_BROWSER }, () => {
  before(async () => {
    browser = await startBrowser();
    api = await WebApi.start();
    ({ page } = await visit(
      browser,
      api,
      '/network/datacentre/hosts?state=up,missing,gone,silent',
    ));
  });
  after(async () => {
    await browser?.close();
    await api?.close();
  });

  test('scrolls through 65,536 hosts by windows, without a gap', async () => {
    assert.equal(await page.locator('.table').getAttribute('aria-rowcount'), String(ADDRESSES + 1));
    assert.ok((await page.locator('.rows .row').count()) < 80);
    for (const place of [0.5, 1, 0.25]) {
      await page.evaluate(
        `(() => { const s = document.querySelector('.scroller'); s.scrollTop = ${place} * (s.scrollHeight - s.clientHeight) })()`,
      );
      await until(page, IS_FILLED);
    }
    const windows = api.reads.filter((path) => path.includes('/hosts?'));
    assert.ok(windows.length < 20, windows.join('\n'));
    assert.ok(windows.every((path) => path.includes('limit=200')));
  });

  test('takes the chosen row along with the keys that scroll', async () => {
    const { page: other } = await visit(
      browser,
      api,
      '/network/datacentre/hosts?state=up,missing,gone,silent',
    );
    await other.locator('.scroller').focus();
    for (const [key, row] of [
      ['End', ADDRESSES],
      ['ArrowUp', ADDRESSES - 1],
      ['Home', 1],
      ['ArrowDown', 2],
    ] as const) {
      await other.keyboard.press(key);
      await other.locator(`.row.chosen[aria-rowindex="${row + 1}"]`).waitFor();
    }
    await other.keyboard.press('PageDown');
    await until(
      other,
      `(() => {
        const scroller = document.querySelector('.scroller').getBoundingClientRect();
        const chosen = document.querySelector('.row.chosen');
        const { top, bottom } = chosen.getBoundingClientRect();
        const isInSight = top >= scroller.top && bottom <= scroller.bottom;
        return isInSight && Number(chosen.getAttribute('aria-rowindex')) > 8;
      })()`,
    );
    await other.close();
  });

  test('says that rows could not be read, and reads them a little later', async () => {
    const { page: other } = await visit(browser, api, '/network/datacentre/hosts?state=silent');
    await other.clock.install();
    let refused = 0;
    await other.route('**/hosts?*', (route) => {
      refused++;
      return route.fulfill({ status: 503, json: { error: { message: 'busy', advice: 'wait' } } });
    });
    await other.evaluate(
      "(() => { const s = document.querySelector('.scroller'); s.scrollTop = s.scrollHeight / 2 })()",
    );
    await other.locator('.doubt', { hasText: 'busy: wait' }).waitFor();
    await other.clock.runFor(1000);
    // What is in sight, and its neighbours.
    assert.ok(refused <= 4, String(refused));
    await other.unroute('**/hosts?*');
    await other.clock.runFor(3000);
    await until(other, IS_FILLED);
    assert.equal(await other.locator('.doubt').count(), 0);
    await other.close();
  });

  test('paints a map of 65,536 addresses at once', async () => {
    const session = await page.context().newCDPSession(page);
    const begun = await processSeconds(session);
    await go(page, '/network/datacentre');
    await page.locator('#map-canvas').waitFor();
    const seconds = (await processSeconds(session)) - begun;
    assert.ok(seconds < MOST_PAINT_SECONDS, `${seconds} s`);
    await session.detach();
    assert.equal(
      await page.locator('#map-canvas').getAttribute('aria-label'),
      'Map of 65536 addresses',
    );
  });

  test('draws a network of 262,144 addresses by subnet, and opens the hosts of one', async () => {
    const { page: vast } = await visit(browser, api, '/');
    const subnets = Array.from({ length: 1024 }, (_, i) => {
      const subnet = `10.${64 + (i >> 8)}.${i & 255}.0/24`;
      return { subnet, total: 256, present: i % 200, missing: 1, gone: 1, free: 254 - (i % 200) };
    });
    for (const [path, further] of [
      ['datacentre', { subnets }],
      ['datacentre/map', { total: 262_144 }],
    ] as const) {
      await vast.route(`**/api/v1/networks/${path}`, async (route) => {
        const answer = (await (await route.fetch()).json()) as object;
        await route.fulfill({ json: { ...answer, ...further } });
      });
    }
    await go(vast, '/network/datacentre');
    const map = vast.locator('#map-canvas');
    await map.waitFor();
    assert.equal(await map.getAttribute('aria-label'), 'Map of 1024 subnets');
    await map.focus();
    await vast.keyboard.press('End');
    await vast.locator('.story', { hasText: '10.67.255.0/24' }).waitFor();
    await vast.keyboard.press('Enter');
    await vast.waitForURL(/hosts\?q=10\.67\.255\.$/);
    await vast.close();
  });

  test('fills the map and counts while a scan runs, and stops it', async () => {
    const before = String(await page.evaluate(FIRST_CELL));
    api.emit('scan-started', progress(0));
    await page.locator('.progress').waitFor();
    await until(page, `${FIRST_CELL} !== '${before}'`);
    const network = api.sample.named('datacentre')!;
    api.emit('scan-progress', progress(4096, { cells: [[0, api.sample.fresh(network, 0, 4096)]] }));
    await until(page, `${FIRST_CELL} === '${before}'`);
    // A view that is opened later shows it too.
    await go(page, '/network/office');
    await go(page, '/network/datacentre');
    await page.locator('#map-canvas').waitFor();
    await until(page, `${FIRST_CELL} === '${before}'`);
    await page.locator('.progress', { hasText: '4,096 of' }).waitFor();
    assert.match(
      await page.locator('.progress').innerText(),
      /6 %\s+4,096 of 65,536\s+9,800 probes\/s\s+41 s left/,
    );
    assert.match(await page.locator('.figures').innerText(), /Up so far\s+1,365/);
    await page.getByRole('button', { name: /^Stop/ }).click();
    await page.locator('.toast', { hasText: 'being stopped' }).waitFor();
    assert.equal(api.writes.at(-1)!.method, 'DELETE');
    const read = page.waitForRequest((request) =>
      request.url().endsWith('/networks/datacentre/map'),
    );
    api.emit('scan-ended', { network: 'datacentre', failure: null });
    await page.locator('.progress').waitFor({ state: 'detached' });
    await page.waitForSelector('.pending', { state: 'detached' });
    await read;
  });

  test('reads what is shown again, however often all networks are out of date', async () => {
    const { page: other } = await visit(browser, api, '/network/office/changes');
    for (let i = 0; i < 3; i++) {
      await readAfter(other, /changes\?network=office/, () => api.emit('changes', {}));
    }
    await other.close();
  });

  test('has missed nothing when it is shown again', async () => {
    const { page: other } = await visit(browser, api, '/');
    const showAgain = (): Promise<void> =>
      readAfter(other, /networks\?limit/, () => setHidden(other, false));
    await setHidden(other, true);
    await showAgain();
    api.emit('scan-progress', progress(100));
    await other.locator('.progress').waitFor();
    await setHidden(other, true);
    api.emit('scan-ended', { network: 'datacentre', failure: null });
    await showAgain();
    await other.locator('.progress').waitFor({ state: 'detached' });
    await other.close();
  });

  test('shows no scan of a server that has ended just after it reported one', async () => {
    const other = await WebApi.start();
    const opened = await visit(browser, other, '/');
    await opened.page.clock.install();
    other.emit('scan-progress', progress(100));
    await other.close();
    await opened.page.locator('footer', { hasText: 'Not connected' }).waitFor();
    await opened.page.clock.runFor(1000);
    assert.equal(await opened.page.locator('.progress').count(), 0);
    await opened.page.close();
  });

  test('says that a proxy holds its events up, and reads again what came meanwhile', async () => {
    const { page: other } = await visit(browser, api, '/');
    await other.clock.install();
    const goOn = await holdUp(other, '**/events');
    await setHidden(other, true);
    await setHidden(other, false);
    await other.clock.runFor(5000);
    await other.locator('footer', { hasText: 'Not connected' }).waitFor();
    await readAfter(other, /networks\?limit/, goOn);
    await other.locator('footer .flag').waitFor({ state: 'detached' });
    await other.close();
  });

  test('connects again when the server has been silent for 40 s', async () => {
    const { page: other } = await visit(browser, api, '/');
    await other.clock.install();
    const requested: string[] = [];
    other.on('request', (request) => requested.push(new URL(request.url()).pathname));
    await setHidden(other, true);
    // Read as soon as the connection is there, from which on the silence counts.
    await readAfter(other, /networks\?limit/, () => setHidden(other, false));
    await other.clock.runFor(30_000);
    await readAfter(other, /networks\?limit/, () => api.emit('changes', {}));
    requested.length = 0;
    await other.clock.runFor(39_000);
    assert.ok(!requested.includes('/api/v1/events'));
    await readAfter(other, /networks\?limit/, () => other.clock.runFor(1000));
    assert.ok(requested.includes('/api/v1/events'));
    await other.locator('footer .flag').waitFor({ state: 'detached' });
    await other.close();
  });

  test('lets the reader sign in again when the session has ended', async () => {
    const other = await WebApi.start();
    const opened = await visit(browser, other, '/');
    await opened.page.clock.install();
    await opened.page.route('**/events', (route) => route.fulfill({ status: 401 }));
    await setHidden(opened.page, true);
    await setHidden(opened.page, false);
    await opened.page.locator('footer', { hasText: 'Not connected' }).waitFor();
    other.isSignedIn = false;
    await opened.page.clock.runFor(10_000);
    await opened.page.locator('h1', { hasText: 'Sign in' }).waitFor();
    assert.doesNotMatch(await opened.page.locator('footer').innerText(), /Not connected/);
    await opened.page.close();
    await other.close();
  });

  test('says when the server no longer reports', async () => {
    const other = await WebApi.start();
    const opened = await visit(browser, other, '/');
    await other.close();
    await opened.page.locator('footer', { hasText: 'Not connected' }).waitFor();
    await opened.page.close();
  });

  test('does not grow while it is open, over thousands of events and views', async () => {
    const session = await page.context().newCDPSession(page);
    const network = api.sample.named('datacentre')!;
    const cells = [[0, api.sample.fresh(network, 0, 512)]];
    const replay = async (): Promise<void> => {
      for (let i = 0; i < EVENTS; i++) api.emit('scan-progress', progress(i, { cells }));
      await page.locator('.progress', { hasText: `${EVENTS - 1} of` }).waitFor();
      api.emit('scan-ended', { network: 'datacentre' });
      await page.locator('.progress').waitFor({ state: 'detached' });
      for (const place of [
        '/network/office',
        '/network/office/days',
        '/host/10.20.30.41?network=office',
        '/network/datacentre',
      ]) {
        await go(page, place);
      }
    };
    await replay();
    const first = await heapOctets(session);
    await replay();
    await replay();
    const growth = (await heapOctets(session)) - first;
    assert.ok(growth < MOST_GROWTH_OCTETS, `${growth} octets`);
  });
});
