/** What the web page promises in each of its views, in a real browser. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { accessibilityFaults } from './accessibility.ts';
import { fits, NO_BROWSER, startBrowser, until } from './chromium.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { WebApi } from './web-api.ts';
import { go, holdUp, visit } from './web-visit.ts';

const OFFICE_HOST = '/host/10.20.30.41?network=office';
/** Every view, each with what a reader finds there. */
const VIEWS: Readonly<Record<string, string>> = {
  '/': 'office',
  '/network/office': 'Median RTT',
  '/network/office/hosts': '10.20.30.1',
  '/network/office/days': 'In use by day',
  '/network/office/changes': 'Acknowledge',
  '/network/branch': 'Nothing to draw yet',
  [OFFICE_HOST]: 'Address conflict',
  '/changes': 'Yesterday',
  '/search?q=10.20.30.1': 'results',
  '/search': 'unseen 90d',
  '/settings': 'wallboard',
  '/settings/audit': '127.0.0.1',
};
const ADDRESS = '.host-link';
let browser: Browser;
let api: WebApi;
let page: Page;
let complaints: string[];

async function text(selector: string): Promise<string> {
  return page.locator(selector).first().innerText();
}

describe('the web page', { skip: NO_BROWSER }, () => {
  before(async () => {
    browser = await startBrowser();
    api = await WebApi.start({ names: HOSTILE_NAMES });
    ({ page, complaints } = await visit(browser, api, '/'));
  });
  after(async () => {
    await browser?.close();
    await api?.close();
  });

  for (const scheme of ['light', 'dark'] as const) {
    test(`is open to everyone in ${scheme} colours, in every view`, async () => {
      await page.emulateMedia({ colorScheme: scheme });
      await page.evaluate(axe.source);
      for (const [place, words] of Object.entries(VIEWS)) {
        await go(page, place);
        await page.locator('main', { hasText: words }).waitFor();
        // In dark colours only the contrasts are other than in light ones.
        const rules = scheme === 'dark' ? ['color-contrast'] : undefined;
        assert.deepEqual(await accessibilityFaults(page, rules), [], place);
      }
    });
  }

  test('fits a phone in every view, hostile names and all', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const place of Object.keys(VIEWS)) {
      await go(page, place);
      await until(page, fits(360));
    }
    await page.setViewportSize({ width: 1280, height: 860 });
  });

  test('shows hostile names as text wherever it shows a name', async () => {
    for (const place of [
      '/network/office/hosts',
      '/changes',
      '/search?q=10.20.30',
      '/host/10.20.30.1?network=office',
    ]) {
      await go(page, place);
      await page.locator('main', { hasText: HOSTILE_NAMES[1]! }).first().waitFor();
      assert.equal(await page.locator('main :is(script, img, iframe, b b)').count(), 0, place);
    }
    assert.equal(await page.evaluate('window.harmed'), undefined);
  });

  test('says which network is full, unreliable, new or was never scanned', async () => {
    await go(page, '/');
    const rows = await page.locator('.network').allInnerTexts();
    assert.deepEqual(
      rows.map((row) => row.split('\n')[0]),
      ['office', 'datacentre', 'cameras', 'branch'],
    );
    assert.match(rows[0]!, /1 conflict/);
    assert.match(rows[2]!, /unreliable/);
    assert.match(rows[3]!, /No scan yet: run\s+echosweep inventory scan branch/);
  });

  test('is walked by keyboard: search, map, table', async () => {
    await go(page, '/network/office');
    await page.keyboard.press('/');
    await page.keyboard.type('printer');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: 'Search: printer' }).waitFor();
    await until(page, "document.activeElement.tagName === 'H1'");
    await go(page, '/network/office');
    await page.locator('#map-canvas').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: '10.20.30.255' }).waitFor();
    await page.locator('.host-grid').waitFor();
    assert.equal(await page.evaluate('document.activeElement.tagName'), 'H1');
    await go(page, '/network/office/hosts');
    await page.locator('.scroller').focus();
    const second = await page.locator(`.rows ${ADDRESS}`).nth(1).innerText();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.locator('h1', { hasText: second }).waitFor();
  });

  test('sorts its hosts on a phone, where columns have no heads', async () => {
    const { page: phone } = await visit(browser, api, '/network/office/hosts', {
      viewport: { width: 360, height: 740 },
    });
    const first = phone.locator('.rows [aria-rowindex="2"] .host-link');
    const address = await first.innerText();
    await phone.getByLabel('Sort by').selectOption('Last seen');
    await phone.waitForURL(/sort=last_seen$/);
    await phone.getByRole('button', { name: 'Descending' }).click();
    await phone.waitForURL(/sort=last_seen&order=desc$/);
    await until(
      phone,
      `document.querySelector('.rows [aria-rowindex="2"] .host-link').innerText !== '${address}'`,
    );
    // What the keyboard reaches is in sight.
    assert.equal(await phone.locator('.head button').count(), 0);
    await phone.close();
  });

  test('says to screen readers which row of the table the keys have reached', async () => {
    await go(page, '/network/office/hosts');
    await page.locator('.scroller').focus();
    const second = await page.locator(`.rows ${ADDRESS}`).nth(1).innerText();
    await page.keyboard.press('ArrowDown');
    await page.locator('main [role=status]', { hasText: second }).waitFor({ timeout: 5000 });
  });

  test('leaves the cursor of the keyboard where it is when a map is drawn again', async () => {
    await go(page, '/network/office');
    await page.locator('#map-canvas').focus();
    await page.keyboard.press('End');
    const read = page.waitForResponse(/office\/map$/);
    api.emit('changes', {});
    await read;
    await until(page, "document.activeElement.id === 'map-canvas'");
    await page.keyboard.press('ArrowLeft');
    assert.match(await text('.story'), /^10\.20\.30\.254\n/);
  });

  test('keeps filters in the URL, for bookmarks', async () => {
    await go(page, '/network/office/hosts');
    await page.locator('.chip', { hasText: 'Gone' }).click();
    await page.getByLabel('Filter hosts').fill('10.20.30.1');
    await page.waitForURL(/state=up%2Cmissing&q=10\.20\.30\.1/);
    await page.getByRole('button', { name: 'RTT', exact: true }).click();
    await page.waitForURL(/sort=rtt_ms/);
    await go(page, '/changes?severity=alarm');
    const kinds = await page.locator('.change-kind').allInnerTexts();
    const words = new Set(kinds.map((kind) => kind.trim().split(/\s/)[0]!));
    assert.deepEqual([...words].sort(), ['Conflict', 'Gone']);
  });

  test('shows every filter of a link, and takes it away', async () => {
    await go(page, '/changes?network=office&kind=new&since=7d');
    await page.locator('.chip', { hasText: 'since: 7d' }).click({ timeout: 5000 });
    await page.waitForURL(/changes\?network=office&kind=new$/);
  });

  test('calls the day before yesterday, however long it was', async () => {
    // The clocks of Berlin go forward on 28 March 2027.
    const { page: abroad } = await visit(browser, api, '/', { timezoneId: 'Europe/Berlin' });
    await abroad.clock.setFixedTime('2027-03-29T00:30:00+02:00');
    await abroad.route('**/changes?limit=100', async (route) => {
      const { items } = (await (await route.fetch()).json()) as { items: object[] };
      const days = ['2027-03-29T00:10:00+02:00', '2027-03-28T12:00:00+02:00'];
      const seen = days.map((day, i) => ({ ...items[i], seen_at: new Date(day).toISOString() }));
      await route.fulfill({ json: { items: seen, next: null, total: seen.length } });
    });
    await abroad.reload();
    await go(abroad, '/changes');
    await abroad.locator('.day-title').first().waitFor();
    assert.deepEqual(await abroad.locator('.day-title').allInnerTexts(), ['Today', 'Yesterday']);
    await abroad.close();
  });

  test('acknowledges one change, those chosen, and the whole list', async () => {
    await go(page, '/changes?network=office');
    const boxes = page.locator('.change input:not(:disabled)');
    const before = await boxes.count();
    await page.locator('.change button', { hasText: 'Acknowledge' }).first().click();
    await page.locator('.toast', { hasText: 'Acknowledged' }).waitFor();
    await until(
      page,
      `document.querySelectorAll('.change input:enabled').length === ${before - 1}`,
    );
    await boxes.nth(0).check();
    await boxes.nth(1).check();
    await page.getByRole('button', { name: 'Acknowledge 2 chosen' }).click();
    await page.getByRole('button', { name: 'Acknowledge the whole list' }).click();
    await page.locator('.toast', { hasText: 'all changes' }).waitFor();
    const bodies = api.writes
      .filter(({ path }) => path === 'changes/acknowledge')
      .map(({ body }) => body);
    assert.deepEqual(
      bodies.map((body) => Object.keys(body as object)),
      [['ids'], ['ids'], ['filter', 'through']],
    );
    assert.deepEqual((bodies[2] as { filter: unknown }).filter, { network: 'office' });
  });

  test('takes what people know about a host', async () => {
    await go(page, OFFICE_HOST);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Owner').fill('Ada <b>');
    await page.getByLabel('Tags').fill('printers, floor-2');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.toast', { hasText: 'Saved' }).waitFor();
    const { path, body } = api.writes.at(-1)!;
    assert.equal(path, 'networks/office/hosts/10.20.30.41/note');
    assert.deepEqual(body, { owner: 'Ada <b>', tags: ['printers', 'floor-2'] });
  });

  test('keeps what is being typed, and leaves alone what others write meanwhile', async () => {
    await go(page, '/');
    const note: Record<string, unknown> = {
      name: null,
      owner: 'Ada',
      note: 'rack 3\r\nleft',
      tags: ['printers'],
      known: false,
      muted_until: '2026-12-01T08:00:30.500Z',
      gone_after: 5,
    };
    let isBusy = true;
    await page.route('**/api/v1/hosts/10.20.30.41?*', async (route) => {
      const { items } = (await (await route.fetch()).json()) as { items: object[] };
      await route.fulfill({ json: { items: [{ ...items[0], note }], next: null, total: 1 } });
    });
    await page.route('**/note', (route) =>
      isBusy
        ? route.fulfill({ status: 409, json: { error: { message: 'busy', advice: 'wait' } } })
        : route.fallback(),
    );
    await go(page, OFFICE_HOST);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('Name').fill('Copier');
    await page.getByLabel('Known').check();
    note['owner'] = 'Grace';
    api.emit('changes', { network: 'office' });
    await until(page, "document.querySelector('[name=owner]').value === 'Grace'");
    await page.getByRole('button', { name: 'Save' }).click();
    await page.locator('.doubt', { hasText: 'busy: wait' }).waitFor();
    isBusy = false;
    await page.getByRole('button', { name: 'Save' }).click();
    // Instead of the form; the words of an earlier note may still be shown.
    await page.getByRole('button', { name: 'Edit' }).waitFor();
    assert.deepEqual(api.writes.at(-1)!.body, { name: 'Copier', known: true });
    await page.unrouteAll({ behavior: 'wait' });
    // The browser says so where the words of the 409 are read.
    assert.deepEqual(complaints.splice(0).length, 1);
  });

  test('refuses a year that no calendar has', async () => {
    await go(page, '/');
    await go(page, OFFICE_HOST);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByLabel('No notifications until').focus();
    await page.keyboard.type('0101202690800AM');
    assert.match(await page.getByLabel('No notifications until').inputValue(), /^2026-/);
  });

  test('keeps what is typed into a filter, blanks between words and all', async () => {
    await go(page, '/network/office/hosts');
    const field = page.getByLabel('Filter hosts');
    await field.focus();
    await page.keyboard.type('front ');
    await page.waitForURL(/q=front$/);
    const read = page.waitForResponse(/networks\/office$/);
    await page.keyboard.type('d');
    api.emit('changes', { network: 'office' });
    await read;
    await page.keyboard.type('esk');
    await page.waitForURL(/q=front\+desk$/);
    assert.equal(await field.inputValue(), 'front desk');
    await go(page, '/network/office/hosts?q=hall');
    assert.equal(await field.inputValue(), 'hall');
  });

  test('outlives whatever is written into its URL', async () => {
    for (const place of ['/constructor', '/network/office/days?days=1e300', '/host/%E0%A4%A']) {
      await go(page, place);
      await go(page, '/search');
      await page.locator('h1', { hasText: 'Search' }).waitFor();
    }
  });

  test('names the days of a host as they are summed up, in every time zone', async () => {
    const date = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeZone: 'UTC' });
    for (const timezoneId of ['America/Los_Angeles', 'Pacific/Auckland']) {
      const { page: abroad } = await visit(browser, api, OFFICE_HOST, { timezoneId });
      const last = await abroad.locator('svg.days title').last().textContent();
      assert.equal(last?.split(':')[0], date.format(api.sample.now));
      await abroad.close();
    }
  });

  test('says that an answer cannot be read, such as the page of a proxy', async () => {
    const { page: other } = await visit(browser, api, '/');
    await other.route('**/networks/office', (route) => route.fulfill({ body: '<p>Sign in' }));
    await go(other, '/network/office');
    await other.locator('.doubt', { hasText: 'cannot be read' }).waitFor();
    await other.close();
  });

  test('adds no part of an earlier list of changes to the one that is shown', async () => {
    const { page: other } = await visit(browser, api, '/changes');
    const goOn = await holdUp(other, '**/changes?*cursor*');
    await other.getByRole('button', { name: 'Show more' }).click();
    await other.locator('.chip', { hasText: 'Alarms' }).click();
    await until(other, "document.querySelector('.change .dot:not(.alarm)') === null");
    const late = other.waitForResponse(/cursor/);
    goOn();
    await late;
    for (let i = 0; i < 3; i++) await other.evaluate('new Promise(requestAnimationFrame)');
    assert.equal(await other.locator('.change .dot:not(.alarm)').count(), 0);
    await other.close();
  });

  test('shows a new token once', async () => {
    await go(page, '/settings');
    await page.getByLabel('Name').fill('wallboard');
    await page.getByRole('button', { name: 'Create token' }).click();
    await page.locator('.secret', { hasText: 'es_0123456789abcdef' }).waitFor();
    await go(page, '/');
    await go(page, '/settings');
    assert.equal(await page.locator('.secret').count(), 0);
  });

  test('creates one token, however often the button is pressed meanwhile', async () => {
    await go(page, '/settings');
    const before = api.writes.length;
    await page.getByLabel('Name').fill('backup');
    await page.evaluate(`(() => {
      const form = document.querySelector('.inline-form');
      form.requestSubmit();
      form.requestSubmit();
    })()`);
    await page.locator('.secret').waitFor();
    await go(page, '/');
    assert.equal(api.writes.length - before, 1);
  });

  test('prints its tables whole and without buttons', async () => {
    await go(page, '/network/office/hosts?state=up');
    await page.emulateMedia({ media: 'print' });
    await page.locator('.rows.flowing').waitFor();
    assert.ok((await page.locator('.rows .row').count()) > 90);
    assert.equal(await page.locator('button:visible:not(.head *)').count(), 0);
    await go(page, '/network/datacentre/hosts');
    await page.locator('main', { hasText: /The first 200 of [\d,]+ hosts are printed/ }).waitFor();
    await page.emulateMedia({ media: 'screen' });
  });

  test('says how much of the audit it shows, and that signing out failed', async () => {
    const { page: other } = await visit(browser, api, '/');
    await other.route('**/audit?*', async (route) => {
      const answer = (await (await route.fetch()).json()) as object;
      await route.fulfill({ json: { ...answer, total: 1234 } });
    });
    await go(other, '/settings/audit');
    await other.locator('main', { hasText: 'The latest 1 of 1,234 are shown' }).waitFor();
    await other.route('**/session', (route) => route.abort());
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.locator('.toast', { hasText: 'cannot be reached' }).waitFor();
    await other.close();
  });

  test('complained of nothing, and sent no request elsewhere', () => {
    assert.deepEqual(complaints, []);
  });

  test('was shown nothing that the API does not answer', () => {
    assert.deepEqual(api.faults, []);
  });
});
