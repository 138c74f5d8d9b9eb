/** What the page of a /24 promises, in a real browser. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { renderCommand } from '../../src/cli/render-command.ts';
import { fakeSurroundings } from '../unit/cli/fakes.ts';
import { readCsv } from '../unit/report/read-csv.ts';
import { fits, NO_BROWSER, openPage, startBrowser, until } from './chromium.ts';
import { HOSTILE_NAMES } from './hostile-names.ts';
import { writeCsv } from './sample-files.ts';
import { sampleRows } from './sample-sweep.ts';
import { walkCells } from './walk-cells.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const CSV = join(FOLDER, 'report.csv');
const HTML = join(FOLDER, 'report.html');
const LARGEST_OCTETS = 400_000;

let browser: Browser;
let page: Page;
let complaints: string[];
let names: string[];
let rows: string[][];

/** A cell of the CSV. */
function cell(row: string[], name: string): string {
  return row[names.indexOf(name)]!;
}

async function shownRows(): Promise<string[]> {
  return page.locator('.rows .row').allInnerTexts();
}

/** The cells of a column in the rows in sight, from the top. */
async function shownColumn(label: string): Promise<string[]> {
  const labels = await page.locator('[role=columnheader]').allInnerTexts();
  const column = labels.findIndex((text) => text.startsWith(label)) + 1;
  const cells = await page.locator(`.rows .row > :nth-child(${column})`).allInnerTexts();
  assert.ok(cells.length > 0, `no row is shown, or no ${label}`);
  return cells;
}

describe('the page of a /24', { skip: NO_BROWSER }, () => {
  before(async () => {
    writeCsv(CSV, sampleRows(24, HOSTILE_NAMES));
    [names, ...rows] = readCsv(readFileSync(CSV, 'utf8')) as [string[], ...string[][]];
    const code = await renderCommand.run([CSV, '-o', HTML], fakeSurroundings());
    assert.equal(code, 0);
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

  test('is one file of modest size that loads without a complaint or a request', () => {
    assert.deepEqual(complaints, []);
    assert.ok(statSync(HTML).size < LARGEST_OCTETS, `${statSync(HTML).size} octets`);
  });

  test('counts what the CSV counts', async () => {
    const count = (status: string): number =>
      rows.filter((row) => cell(row, 'status') === status).length;
    const totals = await page.locator('#totals').innerText();
    assert.match(totals, new RegExp(`^${count('up')} of ${rows.length} addresses answer `));
    assert.match(totals, new RegExp(` ${count('unreachable')} cannot be reached, `));
    const chips = await page.locator('.chip').allInnerTexts();
    const expected = { Up: 'up', Unreachable: 'unreachable', Silent: 'down', 'Not sent': 'error' };
    assert.deepEqual(
      chips.map((text) => text.split(/\s+(?=\d)/)),
      Object.entries(expected).map(([word, status]) => [word, String(count(status))]),
    );
    assert.equal(await page.locator('[role=table]').getAttribute('aria-rowcount'), '255');
  });

  test('has a cell for each address, with its colour and its story', async () => {
    await page.locator('#map-canvas').focus();
    await page.keyboard.press('Home');
    const colours = (await page.evaluate(
      "[...document.querySelectorAll('.legend .swatch')].map((each) => [each.classList[1], getComputedStyle(each).backgroundColor])",
    )) as [string, string][];
    const walk = walkCells(rows.length);
    const told = (await page.evaluate(walk)) as { story: string[]; colour: string }[];
    for (const [i, row] of rows.entries()) {
      const { story, colour } = told[i]!;
      const status = cell(row, 'status');
      assert.equal(story[0], cell(row, 'address'));
      const found = colours.find(([, each]) => each === colour)?.[0] ?? 'up';
      assert.equal(found, status, cell(row, 'address'));
      if (status !== 'up') assert.match(story.join(' '), new RegExp(cell(row, 'reason')));
      const name = cell(row, 'hostname');
      if (/^host/.test(name)) assert.equal(story[1], name);
      assert.ok(story.includes(`MAC ${cell(row, 'mac')}`) || cell(row, 'mac') === '');
    }
  });

  test('sorts by a click: up, down, and back to the order of addresses', async () => {
    const header = page.getByRole('button', { name: 'RTT ms' });
    const fastest = rows.map((row) => cell(row, 'rtt_avg_ms')).filter((rtt) => rtt !== '');
    fastest.sort((a, b) => Number(a) - Number(b));
    await header.click();
    const up = await shownColumn('RTT ms');
    assert.deepEqual(up, fastest.slice(0, up.length));
    await header.click();
    const down = await shownColumn('RTT ms');
    assert.deepEqual(down, fastest.toReversed().slice(0, down.length));
    assert.equal(
      await page.locator('[role=columnheader]', { hasText: 'RTT ms' }).getAttribute('aria-sort'),
      'descending',
    );
    await header.click();
    assert.equal((await shownColumn('Address'))[0], '10.79.0.1');
  });

  test('filters by status and reason, and searches names', async () => {
    await page.getByRole('button', { name: /^Unreachable/ }).click();
    const refused = rows.filter((row) => cell(row, 'status') === 'unreachable');
    assert.deepEqual(
      await shownColumn('Address'),
      refused.map((row) => cell(row, 'address')),
    );
    assert.equal(await page.locator('#shown').innerText(), `${refused.length} of 254 hosts`);
    await page.getByRole('button', { name: /^Unreachable/ }).click();
    await page.locator('#reason').selectOption('permission-denied');
    assert.deepEqual(await shownColumn('Address'), ['10.79.0.199']);
    await page.locator('#reason').selectOption('');
    await page.locator('#search').fill('HYPERLINK');
    assert.equal((await shownRows()).length, 1);
    assert.deepEqual(complaints, []);
  });

  test('exports what is shown, with the cells of the CSV', async () => {
    await page.locator('#search').fill('10.79.0.1');
    await page.getByRole('button', { name: 'Name' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#export').click(),
    ]);
    const saved = join(FOLDER, 'saved.csv');
    await download.saveAs(saved);
    const [head, ...exported] = readCsv(readFileSync(saved, 'utf8'));
    const wanted = rows.filter((row) => row.some((text) => text.includes('10.79.0.1')));
    const byAddress = (table: string[][]): string[][] => table.toSorted();
    assert.deepEqual(head, names);
    assert.deepEqual(byAddress(exported), byAddress(wanted));
    assert.equal(download.suggestedFilename(), 'hosts.csv');
  });

  test('can be walked by keyboard from the map to the table', async () => {
    await page.locator('#map-canvas').focus();
    await page.keyboard.press('End');
    assert.match(await page.locator('.story').innerText(), /^10\.79\.0\.254\n/);
    await page.keyboard.press('Enter');
    const chosen = page.locator('.row.chosen');
    await chosen.waitFor();
    assert.match(await chosen.innerText(), /^10\.79\.0\.254\b/);
    await page.keyboard.press('ArrowUp');
    assert.match(await page.locator('.story').innerText(), /^10\.79\.0\.222\n/);
    await page.keyboard.press('Escape');
    assert.equal(await page.locator('.story').isHidden(), true);
    await page.getByRole('region', { name: 'Rows' }).focus();
    await page.keyboard.press('ArrowUp');
    assert.match(await chosen.innerText(), /^10\.79\.0\.253\b/);
    await page.keyboard.press('Enter');
    assert.match(await page.locator('.story').innerText(), /^10\.79\.0\.253\n/);
    assert.equal(await page.evaluate('document.activeElement.id'), 'map-canvas');
    await page.getByRole('region', { name: 'Rows' }).focus();
    await page.keyboard.press('Home');
    assert.equal(await chosen.getAttribute('aria-rowindex'), '2');
    await page.keyboard.press('End');
    const rows = await page.locator('.table').getAttribute('aria-rowcount');
    assert.equal(await chosen.getAttribute('aria-rowindex'), rows);
    await page.keyboard.press('PageUp');
    assert.ok(Number(await chosen.getAttribute('aria-rowindex')) < Number(rows) - 2);
  });

  test('tells a story at the first tap of a finger, and goes to the row at the second', async () => {
    const { page: phone } = await openPage(browser, HTML, {
      viewport: { width: 390, height: 844 },
      hasTouch: true,
    });
    const { x, y } = (await phone.locator('#map-canvas').boundingBox())!;
    const tap = (): Promise<void> => phone.touchscreen.tap(x + 30, y + 24);
    await tap();
    const address = (await phone.locator('.story strong').innerText()).trim();
    assert.match(address, /^10\.79\.0\.\d+$/);
    assert.equal(await phone.locator('.row.chosen').count(), 0);
    assert.equal(await phone.evaluate('scrollY'), 0);
    await tap();
    assert.match(await phone.locator('.row.chosen').innerText(), new RegExp(`^${address}\\b`));
    await phone.close();
  });

  test('is dark where the system is dark, and as the reader chooses', async () => {
    const ground = (): Promise<string> =>
      page.evaluate('getComputedStyle(document.body).backgroundColor');
    assert.equal(await ground(), 'rgb(16, 20, 24)');
    await page.locator('#theme').click();
    assert.equal(await ground(), 'rgb(250, 250, 249)');
    await page.locator('#theme').click();
    assert.equal(await ground(), 'rgb(16, 20, 24)');
  });

  test('shows hostile names as the text that they are', async () => {
    const shown = await page.locator('.rows .row > :nth-child(2)').evaluateAll(
      // biome-ignore lint/suspicious/noExplicitAny: the types of a browser are not those of the tests
      (cells: any[]) => cells.map((each) => each.textContent),
    );
    assert.deepEqual(shown.slice(0, HOSTILE_NAMES.length), HOSTILE_NAMES);
    await page.locator('#map-canvas').focus();
    for (const name of HOSTILE_NAMES) {
      const told = await page.locator('.story').textContent();
      assert.ok(told?.includes(name), name);
      await page.keyboard.press('ArrowRight');
    }
    assert.equal(await page.evaluate('typeof window.harmed'), 'undefined');
    assert.equal(await page.locator('body img, body svg').count(), 0);
    assert.equal(await page.locator('script').count(), 1);
    assert.deepEqual(complaints, []);
  });

  test('runs nothing but its own script', async () => {
    await page.evaluate(
      "try { document.body.innerHTML += '<b>x</b>' } catch (error) { window.refused = error.name }",
    );
    assert.equal(await page.evaluate('window.refused'), 'TypeError');
    const policy = await page.locator('meta[http-equiv]').getAttribute('content');
    assert.match(policy!, /^default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-/);
    assert.doesNotMatch(policy!, /unsafe|\*/);
  });

  for (const scheme of ['light', 'dark']) {
    test(`has no serious fault for axe, ${scheme}`, async () => {
      await page.locator('#map-canvas').focus();
      await page.keyboard.press('ArrowRight');
      await page.evaluate(axe.source);
      const { violations } = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as {
        violations: { id: string; impact: string; nodes: { html: string }[] }[];
      };
      const serious = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
      assert.deepEqual(
        serious.map(({ id, nodes }) => [id, nodes[0]!.html]),
        [],
      );
    });
  }

  test('fits a phone, and paper', async () => {
    for (const phone of [390, 360]) {
      await page.setViewportSize({ width: phone, height: 844 });
      // The map is laid in the frame after.
      await until(page, fits(phone));
    }
    await page.emulateMedia({ media: 'print' });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    assert.equal((await shownRows()).length, 254);
    await page.emulateMedia({ media: 'screen' });
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    assert.ok((await shownRows()).length < 100);
  });

  test('is printed in light colours from a dark screen, and owns up to the rows that are not', async () => {
    const corner = (): Promise<unknown> =>
      page.evaluate(
        "[...document.querySelector('#map-canvas').getContext('2d').getImageData(4, 21, 1, 1).data]",
      );
    const dark = await corner();
    await page.locator('#theme').click();
    const light = await corner();
    assert.notDeepEqual(dark, light);
    await page.locator('#theme').click();
    assert.deepEqual(await corner(), dark);
    await page.getByRole('button', { name: /^Unreachable/ }).click();
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'light');
    assert.equal((await shownRows()).at(-1), 'Chosen are 8 of 254 hosts.');
    await page.evaluate("dispatchEvent(new Event('afterprint'))");
    assert.equal(await page.evaluate('document.documentElement.dataset.theme'), 'dark');
    await page.getByRole('button', { name: /^Unreachable/ }).click();
    assert.deepEqual(await corner(), dark);
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    assert.deepEqual(await corner(), light);
    assert.ok(!(await shownRows()).at(-1)!.startsWith('Chosen'));
  });
});
