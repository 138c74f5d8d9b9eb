/** What the page of an inventory promises, in a real browser. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { NO_BROWSER, openPage, startBrowser } from './chromium.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { inventoryPage, SAMPLE_DAYS } from './sample-inventory.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const HTML = join(FOLDER, 'inventory.html');
const LARGEST_OCTETS = 400_000;

let browser: Browser;
let page: Page;
let complaints: string[];

async function shownColumn(label: string): Promise<string[]> {
  const labels = await page.locator('[role=columnheader]').allTextContents();
  const column = labels.findIndex((text) => text.startsWith(label)) + 1;
  assert.ok(column > 0, label);
  return page.locator(`.rows .row > :nth-child(${column})`).allTextContents();
}

describe('the page of an inventory', { skip: NO_BROWSER }, () => {
  before(async () => {
    writeFileSync(HTML, await inventoryPage(HOSTILE_NAMES));
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    rmSync(FOLDER, { recursive: true });
  });
  beforeEach(async (context) => {
    await page?.close();
    const colorScheme = context.name.includes('dark') ? 'dark' : 'light';
    ({ page, complaints } = await openPage(browser, HTML, { colorScheme }));
  });

  test('loads from disk, complains of nothing, asks for nothing, and is small', () => {
    assert.deepEqual(complaints, []);
    assert.ok(statSync(HTML).size < LARGEST_OCTETS);
  });

  test('says what the month came to, and when it was looked last', async () => {
    assert.equal(await page.locator('h1').innerText(), 'office · 10.20.30.0/24');
    assert.match(await page.locator('#when').innerText(), /^30\sMarch\s2026,\s18:00\sUTC$/);
    assert.match(
      await page.locator('.since').innerText(),
      new RegExp(`^${4 * SAMPLE_DAYS} scans since 2026-03-01: \\d+ new, \\d+ gone, \\d+ back`),
    );
  });

  test('tells of each host how it stands and on which days it answered', async () => {
    const days = await shownColumn('By day');
    const states = await shownColumn('State');
    const shares = await shownColumn('Up %');
    assert.ok(days.length > 10);
    for (const [i, strip] of days.entries()) {
      assert.equal(strip.length, SAMPLE_DAYS);
      // Who always answered has a full bar each day; who never did was never looked for in vain.
      if (shares[i] === '100.0') assert.match(strip, /^ *█+$/);
      if (states[i] === 'silent') assert.deepEqual([strip.trim(), shares[i]], ['', '']);
      if (states[i] === 'gone') assert.match(strip, /·$/);
    }
    assert.ok(new Set(states).size >= 3, [...new Set(states)].join());
  });

  test('tells the changes, the newest first', async () => {
    const times = await page.locator('.changes tbody td:first-child').allTextContents();
    assert.ok(times.length > 50);
    assert.deepEqual(times, [...times].sort().reverse());
    const kinds = new Set(await page.locator('.changes .kind').allTextContents());
    assert.deepEqual([...kinds].sort(), ['back', 'gone', 'new']);
  });

  test('names who made the cards, and whose nobody made', async () => {
    await page.getByLabel('Search').fill('apple');
    assert.ok((await shownColumn('Maker')).every((maker) => maker.startsWith('Apple')));
    await page.getByLabel('Search').fill('(local)');
    const macs = await shownColumn('MAC address');
    assert.ok(macs.length > 0 && macs.every((mac) => mac.startsWith('da:a1:19')));
  });

  test('shows hostile names as text, wherever they stand', async () => {
    const text = await page.locator('main').textContent();
    const shown = HOSTILE_NAMES.filter((name) => text!.includes(name));
    assert.ok(shown.length > 0);
    assert.equal(await page.locator('main script, main img, main iframe').count(), 0);
    assert.equal(await page.evaluate('window.harmed'), undefined);
    assert.deepEqual(complaints, []);
  });

  for (const theme of ['light', 'dark']) {
    test(`is open to everybody in ${theme} colours`, async () => {
      await page.evaluate(axe.source);
      const found = (await page.evaluate('axe.run()')) as {
        violations: { id: string; impact: string; nodes: { html: string }[] }[];
      };
      const grave = found.violations.filter(({ impact }) => /serious|critical/.test(impact));
      assert.deepEqual(
        grave.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
        [],
      );
    });
  }
});
