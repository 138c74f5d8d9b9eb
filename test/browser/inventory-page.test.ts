/** What the page of an inventory promises, in a real browser. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import type { InventoryHost } from '../../src/inventory/host-list.ts';
import { readCsv } from '../unit/report/read-csv.ts';
import { fits, NO_BROWSER, openPage, startBrowser, until } from './chromium.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { SAMPLE_DAYS, type SampleInventory, sampleInventory } from './sample-inventory.ts';
import { walkCells } from './walk-cells.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const HTML = join(FOLDER, 'inventory.html');
const LARGEST_OCTETS = 400_000;

let browser: Browser;
let page: Page;
let complaints: string[];
let sample: SampleInventory;

async function shownColumn(label: string): Promise<string[]> {
  const labels = await page.locator('[role=columnheader]').allTextContents();
  const column = labels.findIndex((text) => text.startsWith(label)) + 1;
  assert.ok(column > 0, label);
  const cells = await page.locator(`.rows .row > :nth-child(${column})`).allTextContents();
  assert.ok(cells.length > 0, 'no row is shown');
  return cells;
}

/** Hosts of the store in a state. */
function hostsIn(state: string): InventoryHost[] {
  return sample.hosts.flatMap(({ host }) => (host?.state === state ? [host] : []));
}

const WORDS = { Up: 'up', Missing: 'missing', 'Never seen': 'silent', Gone: 'gone' } as const;

describe('the page of an inventory', { skip: NO_BROWSER }, () => {
  before(async () => {
    sample = await sampleInventory({ names: HOSTILE_NAMES });
    writeFileSync(HTML, sample.html);
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
    assert.match(
      await page.locator('#when').innerText(),
      /^30\sMarch\s2026,\s18:00\sUTC\s· took\s4\.0\ss$/,
    );
    assert.match(
      await page.locator('.since').innerText(),
      new RegExp(`^${4 * SAMPLE_DAYS} scans since 2026-03-01: \\d+ new, \\d+ gone, \\d+ back`),
    );
  });

  test('counts what the store counts', async () => {
    const [up, missing, gone, silent] = ['up', 'missing', 'gone', 'silent'].map(
      (state) => hostsIn(state).length,
    );
    assert.match(
      await page.locator('#totals').innerText(),
      new RegExp(
        `^${up} of 254 addresses are up \\([\\d.]+ %\\), half of them within [\\d.]+ ms\\. ${missing} are missing, ${gone} are gone, ${silent} never answered\\.$`,
      ),
    );
    const chips = await page.locator('.chip').allInnerTexts();
    const legend = (await page.locator('.legend .key b').allInnerTexts()).map(Number);
    assert.deepEqual(
      chips.map((text) => text.split(/\s+(?=\d)/)),
      [
        ['Up', String(up)],
        ['Missing', String(missing)],
        ['Never seen', String(silent)],
        ['Gone', String(gone)],
      ],
    );
    assert.deepEqual(legend, [up, missing, silent, gone]);
    const most = Math.max(...sample.history.usedByDay);
    const [use, rtt] = await page.locator('#days figcaption').allInnerTexts();
    assert.match(use!, new RegExp(`, ${most} of 254 \\([\\d.]+ %\\) at most, `));
    assert.match(rtt!, /^Half of the hosts were faster: [\d.]+ ms on the fastest day/);
  });

  test('has a cell for each address, with the colour of its state and its story', async () => {
    await page.locator('#map-canvas').focus();
    await page.keyboard.press('Home');
    const colours = (await page.evaluate(
      "[...document.querySelectorAll('.legend .key')].map((each) => [each.textContent.replace(/[ \\d].*$/, ''), getComputedStyle(each.querySelector('i')).backgroundColor])",
    )) as [string, string][];
    const told = (await page.evaluate(walkCells(254))) as { story: string[]; colour: string }[];
    for (const [i, { host }] of sample.hosts.entries()) {
      const { story, colour } = told[i]!;
      assert.equal(story[0], host!.address);
      const word = colours.find(([, each]) => each === colour)?.[0] ?? 'Up';
      const state = Object.entries(WORDS).find(([words]) => words.startsWith(word))![1];
      assert.equal(state, host!.state, host!.address);
      const line = host!.state === 'up' ? /^Up$/ : /^(Missing|Gone|Never seen): arp-failed$/;
      assert.ok(
        story.some((text) => line.test(text)),
        story.join(),
      );
      const seen = host!.lastSeen?.toISOString().slice(0, 10);
      if (seen !== undefined) assert.ok(story.some((text) => text.endsWith(` to ${seen}`)));
    }
  });

  for (const [word, state] of Object.entries(WORDS)) {
    test(`leaves those who are ${state}, by a click`, async () => {
      await page.locator('.chip', { hasText: word }).click();
      const expected = hostsIn(state).map(({ address }) => address);
      const shown = await shownColumn('Address');
      assert.deepEqual(shown, expected.slice(0, shown.length));
      const words = await page.locator('#shown').innerText();
      assert.equal(words, `${expected.length} of 254 hosts`);
    });
  }

  test('sorts by the share of scans that were answered', async () => {
    const header = page.getByRole('button', { name: 'Up %' });
    const shares = [...sample.history.hosts.values()].map((days) => {
      const [up, asked] = ['up', 'asked'].map((what) =>
        days.reduce((sum, day) => sum + day[what as 'up' | 'asked'], 0),
      ) as [number, number];
      return (Math.floor((1000 * up) / asked) / 10).toFixed(1);
    });
    shares.sort((a, b) => Number(a) - Number(b));
    await header.click();
    const rising = await shownColumn('Up %');
    assert.deepEqual(rising, shares.slice(0, rising.length));
    await header.click();
    const falling = await shownColumn('Up %');
    assert.deepEqual(falling, shares.toReversed().slice(0, falling.length));
  });

  test('exports what is shown, and no formula', async () => {
    await page.getByLabel('Search').fill('@track');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#export').click(),
    ]);
    const saved = join(FOLDER, 'saved.csv');
    await download.saveAs(saved);
    const [names, ...rows] = readCsv(readFileSync(saved, 'utf8'));
    const cells = (name: string): string[] => rows.map((row) => row[names!.indexOf(name)]!);
    const expected = sample.hosts.filter(({ host }) => host?.mac?.startsWith('00:06:04'));
    assert.ok(expected.length > 0);
    assert.deepEqual(
      cells('address'),
      expected.map(({ host }) => host!.address),
    );
    assert.deepEqual(
      cells('state'),
      expected.map(({ host }) => host!.state),
    );
    assert.ok(cells('vendor').every((vendor) => vendor === "'@Track Communications, Inc."));
    assert.ok(!names!.includes('status'));
  });

  test('is walked by keyboard, and says aloud what bars only show', async () => {
    await page.locator('#map-canvas').focus();
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.locator('.row.chosen').waitFor();
    assert.match(await page.locator('.row.chosen').innerText(), /^10\.20\.30\.254\b/);
    const spoken = await page.locator('.row .strip').first().getAttribute('aria-label');
    assert.match(spoken!, /^(answered on \d+ of 30 days|not probed)$/);
  });

  test('fits a phone, a desk without scrolling sideways, and paper', async () => {
    const over = (): Promise<unknown> =>
      page.evaluate(
        "(() => { const s = document.querySelector('.scroller'); return s.scrollWidth - s.clientWidth })()",
      );
    assert.equal(await over(), 0);
    await page.setViewportSize({ width: 390, height: 844 });
    await until(page, fits(390));
    await page.emulateMedia({ media: 'print' });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    assert.equal(await page.locator('.rows .row').count(), 254);
  });

  test('says that its latest scan has doubts, or was stopped', async () => {
    const file = join(FOLDER, 'doubt.html');
    const last = { doubts: ['3 % of the replies were dropped'], partial: true };
    writeFileSync(file, (await sampleInventory({ days: 2, last })).html);
    const opened = await openPage(browser, file);
    assert.deepEqual(await opened.page.locator('.remark').allInnerTexts(), [
      'Do not trust this: 3 % of the replies were dropped',
      'Note: the latest scan reports no host that it doubts as missing or gone',
      'Note: the latest scan is not complete; hosts that it did not probe are as before',
    ]);
    await opened.page.close();
  });

  test('shows a year by week, and every column of it', async () => {
    const file = join(FOLDER, 'year.html');
    const { html, history } = await sampleInventory({ days: 365, scansPerDay: 1 });
    writeFileSync(file, html);
    assert.ok(statSync(file).size < LARGEST_OCTETS);
    const opened = await openPage(browser, file);
    await page.close();
    page = opened.page;
    const weeks = await shownColumn('By week');
    assert.ok(weeks.every((strip) => strip.length === Math.ceil(history.usedByDay.length / 7)));
    const shares = await shownColumn('Up %');
    for (const [i, strip] of weeks.entries()) {
      if (shares[i] === '100.0') assert.match(strip, /^ *█+$/);
    }
    assert.ok((await shownColumn('Maker')).some((maker) => maker.startsWith('Apple')));
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
    assert.deepEqual([...kinds].sort(), ['back', 'flapping', 'gone', 'new']);
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
      const found = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as {
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
