/** What the web page keeps for readers who come back: their place in a list, however long it is. */

import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import type { Host } from '../../src/web/page/answers.ts';
import { NO_BROWSER, startBrowser, until } from './chromium.ts';
import { WebApi } from './web-api.ts';
import { arrive, go, openTab } from './web-visit.ts';

const HOSTS = 1_000_000;
const DESK = { width: 1280, height: 860 };
/** Filters and order are in the URL. */
const TABLE = '/network/datacentre/hosts?state=up&q=desk&sort=rtt_ms&order=desc';
const ARRIVED = "document.querySelector('.pending, .rows .unknown') === null";

let browser: Browser;
let api: WebApi;

function addressAt(place: number): string {
  return [10, place >> 16, (place >> 8) & 255, place & 255].join('.');
}

function placeOf(address: string): number {
  return address.split('.').reduce((sum, octet, i) => (i === 0 ? 0 : sum * 256 + Number(octet)), 0);
}

/** A list of a million hosts, some of which came later, before all others. */
class ManyHosts {
  came = 0;
  readonly reads: URLSearchParams[] = [];

  async answerTo(page: Page): Promise<void> {
    const sample = api.sample.hosts(
      api.sample.named('datacentre')!,
      new URLSearchParams({ limit: '1' }),
    ).items[0]!;
    await page.route('**/networks/datacentre/hosts?*', (route) => {
      const query = new URL(route.request().url()).searchParams;
      this.reads.push(query);
      return route.fulfill({ json: this.part(query, sample) });
    });
  }

  private part(query: URLSearchParams, sample: Host): object {
    const total = HOSTS + this.came;
    const limit = Number(query.get('limit'));
    const wanted = query.get('containing');
    const item = wanted === null ? Number(query.get('offset')) : placeOf(wanted) + this.came;
    const from = item - (item % limit);
    const to = Math.min(total, from + limit);
    const items = Array.from({ length: Math.max(0, to - from) }, (_, i) => {
      const place = from + i - this.came;
      return { ...sample, address: place < 0 ? `192.0.2.${-place}` : addressAt(place) };
    });
    return { items, total, next: to < total ? String(to) : null };
  }
}

/** Of the row of a host: pixels from the top of the table; undefined if it is not in sight. */
async function downOf(page: Page, address: string): Promise<number | undefined> {
  const down = await page.evaluate(`(() => {
    const scroller = document.querySelector('.scroller').getBoundingClientRect();
    const links = [...document.querySelectorAll('.rows .host-link')];
    const row = links.find((link) => link.innerText === '${address}')?.closest('.row').getBoundingClientRect();
    return row && row.top >= scroller.top && row.bottom <= scroller.bottom ? row.top - scroller.top : null;
  })()`);
  return (down as number | null) ?? undefined;
}

/** Of its link, as an expression of the page: pixels from the top of the table. */
function topOf(address: string): string {
  return `[...document.querySelectorAll('.rows .host-link')].find((link) => link.innerText === '${address}')
    .closest('.row').getBoundingClientRect().top - document.querySelector('.scroller').getBoundingClientRect().top`;
}

async function leaveByLink(page: Page, address: string): Promise<void> {
  await page.getByRole('link', { name: address, exact: true }).click();
  await page.locator('h1', { hasText: address }).waitFor();
}

/** Back in the table, once its rows are here. */
async function back(page: Page): Promise<void> {
  await page.goBack();
  await page.locator('.rows .host-link').first().waitFor();
  await until(page, ARRIVED);
}

describe('a reader who comes back', { skip: NO_BROWSER }, () => {
  let page: Page;
  before(async () => {
    browser = await startBrowser();
    page = await openTab(browser);
  });
  beforeEach(async () => {
    api = await WebApi.start();
    await page.setViewportSize(DESK);
  });
  afterEach(() => api.close());
  after(() => browser?.close());

  for (const [device, viewport] of [
    ['a desk', DESK],
    ['a phone', { width: 360, height: 740 }],
  ] as const) {
    test(`to a million hosts on ${device} finds the row that they left, although rows came meanwhile`, async () => {
      const hosts = new ManyHosts();
      await page.setViewportSize(viewport);
      await arrive(page, api, '/');
      await hosts.answerTo(page);
      await go(page, TABLE);
      const url = page.url();
      const left = addressAt(700_003);
      await page.evaluate(`(() => {
        const scroller = document.querySelector('.scroller');
        scroller.scrollTop = 0.7 * (scroller.scrollHeight - scroller.clientHeight);
      })()`);
      const link = page.getByRole('link', { name: left, exact: true });
      await link.waitFor();
      await link.scrollIntoViewIfNeeded();
      const pageTop = await page.evaluate('scrollY');
      const down = (await downOf(page, left))!;
      for (const came of [0, 1234]) {
        await leaveByLink(page, left);
        hosts.came = came;
        hosts.reads.length = 0;
        await back(page);
        assert.equal(page.url(), url);
        assert.ok(Math.abs((await downOf(page, left))! - down) < 12);
        assert.equal(await page.evaluate('scrollY'), pageTop);
        // What is in sight, and its neighbours.
        assert.ok(hosts.reads.length <= 4, hosts.reads.join('\n'));
      }
      await page.reload();
      await page.locator('.rows .host-link').first().waitFor();
      await until(page, ARRIVED);
      assert.ok(Math.abs((await downOf(page, left))! - down) < 12);
    });
  }

  test('to a table goes on with the keyboard where they left it', async () => {
    const hosts = new ManyHosts();
    await arrive(page, api, '/');
    await hosts.answerTo(page);
    await go(page, TABLE);
    await page.locator('.scroller').focus();
    await page.keyboard.press('End');
    await page.locator(`.row.chosen[aria-rowindex="${HOSTS + 1}"]`).waitFor();
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: addressAt(HOSTS - 2) }).waitFor();
    await back(page);
    await until(page, "document.activeElement.className === 'scroller'");
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: addressAt(HOSTS - 3) }).waitFor();
  });

  test('finds the neighbours of a row that is no longer in the list', async () => {
    await arrive(page, api, '/network/office/hosts?state=up');
    await page.evaluate("document.querySelector('.scroller').scrollTop = 36 * 60");
    const left = page.locator('.rows .row[aria-rowindex="70"] .host-link');
    const address = await left.innerText();
    await left.click();
    await page.locator('h1', { hasText: address }).waitFor();
    await page.route('**/networks/office/hosts?*', async (route) => {
      const url = new URL(route.request().url());
      url.searchParams.delete('containing');
      await route.continue({ url: url.href });
    });
    await back(page);
    await page.locator('.rows .row[aria-rowindex="70"] .host-link').waitFor();
    assert.equal(await page.evaluate("document.querySelector('.scroller').scrollTop"), 36 * 60);
  });

  test('to a table that is read meanwhile keeps the rows in sight, and begins a new order at its top', async () => {
    const hosts = new ManyHosts();
    await arrive(page, api, '/');
    await hosts.answerTo(page);
    await go(page, TABLE);
    await page.evaluate("document.querySelector('.scroller').scrollTop = 36 * 5000");
    const seen = addressAt(22_510);
    await page.getByRole('link', { name: seen, exact: true }).waitFor();
    const before = (await downOf(page, seen))!;
    // As far as in a short table, although the scrollbar stands for more than it has.
    await page.locator('.scroller').hover();
    await page.mouse.wheel(0, 100);
    await until(page, `${topOf(seen)} < ${before - 60}`);
    const down = (await downOf(page, seen))!;
    assert.ok(Math.abs(before - down - 100) < 2, String(before - down));
    hosts.came = 3;
    const read = page.waitForResponse(/hosts\?/);
    api.emit('changes', { network: 'datacentre' });
    await read;
    await page.locator('output', { hasText: '1,000,003' }).waitFor();
    await until(page, ARRIVED);
    assert.ok(Math.abs((await downOf(page, seen))! - down) < 12);
    await page.getByRole('button', { name: 'Maker' }).click();
    await page.waitForURL(/sort=vendor/);
    await until(page, "document.querySelector('.scroller').scrollTop === 0");
  });

  test('to the changes finds as many as they had, at the one that they left', async () => {
    await arrive(page, api, '/changes');
    await page.getByRole('button', { name: 'Show more' }).click();
    const shown = page.locator('.change');
    await until(page, "document.querySelectorAll('.change').length > 100");
    const count = await shown.count();
    const link = shown.nth(count - 5).locator('.host-link');
    await link.scrollIntoViewIfNeeded();
    const top = await page.evaluate('scrollY');
    const address = await link.innerText();
    await link.click();
    await page.locator('h1', { hasText: address }).waitFor();
    await page.goBack();
    await until(page, `document.querySelectorAll('.change').length === ${count}`);
    await until(page, `scrollY === ${String(top)}`);
  });

  test('fetches the hosts again if the first answer was a failure', async () => {
    await arrive(page, api, '/');
    await page.clock.install();
    await page.route('**/hosts?*', (route) =>
      route.fulfill({ status: 503, json: { error: { message: 'busy', advice: 'wait' } } }),
    );
    await go(page, '/network/office/hosts');
    await page.locator('.doubt', { hasText: 'busy: wait' }).waitFor();
    await page.unroute('**/hosts?*');
    await page.clock.runFor(3000);
    await page.locator('.rows .host-link').first().waitFor();
    assert.equal(await page.locator('.doubt').count(), 0);
  });
});
