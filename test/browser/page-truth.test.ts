/** Whatever the page says of a sweep, held against the CSV that it was made of. */

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { renderCommand } from '../../src/cli/render-command.ts';
import { timeText } from '../../src/report/html/totals-sentence.ts';
import type { ReportedRow } from '../../src/results/host-result.ts';
import { fakeSurroundings } from '../unit/cli/fakes.ts';
import { readCsv } from '../unit/report/read-csv.ts';
import { silentHost, upHost } from '../unit/report/samples.ts';
import { NO_BROWSER, openPage, startBrowser } from './chromium.ts';
import { writeCsv } from './sample-files.ts';
import { sampleRows } from './sample-sweep.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
const WORDS = { up: 'Up', unreachable: 'Unreachable', down: 'Silent', error: 'Not sent' } as const;

/** A sweep of two families with all that may stand in a row. */
function* rows(): Generator<ReportedRow> {
  yield* sampleRows(23);
  yield upHost({ address: '198.51.100.7', responder: '198.51.100.9', duplicates: 2 });
  yield upHost({ address: '2001:db8::7', rttMinMs: 0.0004, rttAvgMs: 0.0006, rttMaxMs: 0.0008 });
  yield silentHost({
    address: '2001:db8::8',
    status: 'unreachable',
    reason: 'no-route',
    responder: '2001:db8:ffff::1',
    icmpType: 1,
    icmpCode: 0,
  });
  yield silentHost({ address: 'fe80::1%eth0', reason: 'arp-failed' });
}

type Row = Readonly<Record<string, string>>;

function tableOf(csv: string): { names: string[]; rows: Row[] } {
  const [names, ...cells] = readCsv(csv) as [string[], ...string[][]];
  return {
    names,
    rows: cells.map((row) => Object.fromEntries(names.map((name, i) => [name, row[i]!]))),
  };
}

function countBy<Key>(values: Iterable<Key>): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** The least time that so large a share of the hosts does not exceed. */
function within(sortedUs: readonly number[], share: number): string {
  return timeText(sortedUs.find((_, i) => i + 1 >= share * sortedUs.length)!);
}

/** What a chart reads under the pointer, from its left edge to its right. */
async function readings(page: Page, chart: number): Promise<Set<string>> {
  const figure = page.locator('figure').nth(chart);
  await figure.scrollIntoViewIfNeeded();
  const { x, y, width, height } = (await figure.locator('.u-over').boundingBox())!;
  const read = new Set<string>();
  for (let at = 1; at < width; at += 2) {
    await page.mouse.move(x + at, y + height / 2);
    read.add(await figure.locator('.reading').innerText());
  }
  return read;
}

describe('the page of a CSV', { skip: NO_BROWSER }, () => {
  let browser: Browser;
  before(async () => {
    browser = await startBrowser();
  });
  after(async () => {
    await browser?.close();
    rmSync(FOLDER, { recursive: true });
  });

  async function pageOf(csv: string): Promise<Page> {
    const html = csv.replace('.csv', '.html');
    assert.equal(await renderCommand.run([csv, '-o', html], fakeSurroundings()), 0);
    const { page, complaints } = await openPage(browser, html);
    assert.deepEqual(complaints, []);
    return page;
  }

  async function exported(page: Page): Promise<string> {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.locator('#export').click(),
    ]);
    const saved = join(FOLDER, 'saved.csv');
    await download.saveAs(saved);
    return readFileSync(saved, 'utf8');
  }

  test('says of every host, and of all of them, what stands there', async () => {
    const file = join(FOLDER, 'whole.csv');
    writeCsv(file, rows());
    const csv = readFileSync(file, 'utf8');
    const table = tableOf(csv);
    const page = await pageOf(file);

    assert.equal(await exported(page), csv);

    const statuses = countBy(table.rows.map(({ status }) => status as keyof typeof WORDS));
    const legend = await page.locator('.legend .key').allInnerTexts();
    for (const [status, hosts] of statuses) {
      const key = legend.find((text) => text.startsWith(WORDS[status]))!;
      assert.match(key, new RegExp(`^${WORDS[status]}\\s+${hosts}\\b`));
    }

    const times = table.rows.flatMap(({ rtt_avg_ms: ms }) => (ms ? [Number(ms) * 1000] : []));
    const sorted = times.map(Math.round).sort((a, b) => a - b);
    const captions = await page.locator('figcaption').allInnerTexts();
    assert.equal(
      captions[0],
      `Fastest ${timeText(sorted[0]!)}, median ${within(sorted, 0.5)}, ` +
        `95 % within ${within(sorted, 0.95)}, slowest ${timeText(sorted.at(-1)!)}`,
    );
    const inBars = [...(await readings(page, 0))].map((text) => Number(/: (\d+)/.exec(text)![1]));
    assert.equal(
      inBars.reduce((sum, hosts) => sum + hosts),
      sorted.length,
    );
    const hops = countBy(table.rows.flatMap((row) => (row['hops'] ? [row['hops']] : [])));
    const read = await readings(page, 1);
    for (const [hop, hosts] of hops) {
      assert.ok(read.has(`${hop} ${hop === '1' ? 'hop' : 'hops'}: ${hosts} hosts`) || hosts === 1);
    }

    const spoken = table.rows.filter((row) => row['status'] !== 'up' || row['responder'] !== '');
    const voices = countBy(
      spoken.map((row) => `${row['status']} ${row['reason']} ${row['responder']}`),
    );
    const told = await page.locator('.verdicts li .who').allInnerTexts();
    assert.equal(told.length, voices.size);
    for (const [voice, hosts] of voices) {
      const [status, reason, responder] = voice.split(' ') as [string, string, string];
      const wanted = [responder, String(hosts), status === 'up' ? 'answered' : reason];
      assert.ok(
        told.some((sentence) => wanted.every((word) => sentence.includes(word))),
        `${voice}: ${told.join('; ')}`,
      );
    }
    await page.close();
  });

  test('gives each part of a /24 the room that it needs', async () => {
    const file = join(FOLDER, 'parts.csv');
    const subnets = ['10.0.0.', '10.0.9.', '192.0.2.', '198.51.100.', '203.0.113.', '2001:db8::'];
    const addresses = subnets.flatMap((subnet) => [`${subnet}64`, `${subnet}77`]);
    writeFileSync(file, `address,status\n${addresses.map((text) => `${text},up\n`).join('')}`);
    const page = await pageOf(file);
    await page.locator('#map-canvas').focus();
    await page.keyboard.press('Home');
    const side = (await page.locator('.cursor').boundingBox())!.width - 4;
    assert.ok(side >= 19, `${side} pixels`);
    await page.close();
  });

  test('makes nothing up that is not there', async () => {
    const file = join(FOLDER, 'few.csv');
    const header = 'status;address;rtt_avg_ms;sent';
    writeFileSync(file, `${header}\nup;192.0.2.1;1,250;3\ndown;192.0.2.2;;3\n`);
    const page = await pageOf(file);
    const [first, second] = tableOf(await exported(page)).rows;
    const given = (row: Row): string =>
      Object.entries(row)
        .filter(([, cell]) => cell !== '')
        .flat()
        .join(' ');
    assert.equal(given(first!), 'address 192.0.2.1 status up sent 3 rtt_avg_ms 1.250');
    assert.equal(given(second!), 'address 192.0.2.2 status down sent 3');
    await page.close();
  });

  test('says who refused hosts only if the report does', async () => {
    for (const [column, sentence] of [
      ['responder', '1 host refused by themselves: admin-prohibited'],
      ['sent', '1 host cannot be reached: admin-prohibited'],
    ]) {
      const file = join(FOLDER, 'refused.csv');
      const header = `address,status,reason,${column}`;
      writeFileSync(file, `${header}\n192.0.2.1,unreachable,admin-prohibited,\n`);
      const page = await pageOf(file);
      assert.equal(await page.locator('.verdicts li .who').innerText(), sentence);
      await page.close();
    }
  });

  test('says no code of an ICMP error that the report does not have', async () => {
    const file = join(FOLDER, 'vague.csv');
    writeFileSync(
      file,
      'address,status,reason,icmp_type,icmp_code\n192.0.2.1,unreachable,host-unreach,3,\n',
    );
    const page = await pageOf(file);
    await page.locator('#map-canvas').focus();
    await page.keyboard.press('Home');
    const [, outcome] = await page.locator('.story').locator('strong, span').allInnerTexts();
    assert.equal(outcome, 'Unreachable: host-unreach (ICMP type 3)');
    await page.close();
  });
});
