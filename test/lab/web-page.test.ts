/** The web interface as it is: the real server over the inventory of real scans, read in real browsers. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { NO_BROWSER, startBrowser } from '../browser/chromium.ts';
import { HOSTILE_NAMES } from '../browser/hostile-names.ts';
import { go, until as untilIn, type Visit, visit } from '../browser/web-visit.ts';
import { labTestUnless } from './lab-test.ts';
import { forgetNameServer, type PtrNames, startNameServer, useNameServer } from './name-server.ts';
import { freshFolder, type Running, startEchosweep, until } from './run.ts';

const URL = 'http://127.0.0.1:8469/';
const MOST_LABEL_OCTETS = 63;
/** Of one label each, in octets of UTF-8; dots in it are escaped by whoever reads them. */
const LABELS = HOSTILE_NAMES.map((name) => latin1Of(name.replaceAll('.', '-')));
const CONFIG = `sweep: { timeout: 200, retries: 0 }
networks:
  office: { targets: 127.0.7.1-127.0.7.${LABELS.length}, site: '<b>Ber</b>lin', sweep: { rdns: true } }
  plant: { targets: 127.64.0.0/16, sweep: { rate: 12000 } }
`;

function latin1Of(name: string): string {
  return Buffer.from(name).subarray(0, MOST_LABEL_OCTETS).toString('latin1');
}

/** The server with everything that this test has opened. */
class RealServer {
  private readonly running: Running;
  private stderr = '';
  private links = 0;

  constructor(folder: string) {
    const args = ['inventory', 'run', '--listen', '127.0.0.1:8469'];
    this.running = startEchosweep(args, { cwd: folder });
    this.running.process.stderr!.on('data', (text: string) => {
      this.stderr += text;
    });
  }

  /** The secret of a link that was not used yet. */
  async link(): Promise<string> {
    const found = (): string | undefined =>
      [...this.stderr.matchAll(/#link=([\w-]+)/g)][this.links]?.[1];
    if (this.links > 0) this.running.process.kill('SIGUSR1');
    await until('the server prints a link', () => found() !== undefined);
    const link = found()!;
    this.links++;
    return link;
  }

  async close(): Promise<void> {
    this.running.process.kill('SIGTERM');
    const { code, stderr } = await this.running.finished;
    assert.equal(code, 0, stderr);
  }
}

/** A reader with cookies of their own. */
async function signIn(browser: Browser, server: RealServer): Promise<Visit> {
  const opened = await visit(browser, { url: URL }, `link=${await server.link()}`);
  await opened.page.locator('h1', { hasText: 'Networks' }).waitFor();
  return opened;
}

async function served(
  body: (browser: Browser, server: RealServer) => Promise<void>,
): Promise<void> {
  const folder = freshFolder();
  writeFileSync(join(folder, 'echosweep.yaml'), CONFIG);
  const browser = await startBrowser();
  const server = new RealServer(folder);
  try {
    await body(browser, server);
  } finally {
    await browser.close();
    await server.close();
  }
}

const missing = NO_BROWSER === false ? undefined : NO_BROWSER;

labTestUnless(
  missing,
  'two readers see the first scan of a /16 fill the map, and one of them stops it',
  () =>
    served(async (browser, server) => {
      const one = await signIn(browser, server);
      const other = await signIn(browser, server);
      await go(one.page, '/network/plant');
      await one.page.locator('main', { hasText: 'No scan yet' }).waitFor();
      await one.page.getByRole('button', { name: /^Scan now/ }).click();
      for (const { page } of [one, other]) await page.locator('.progress').waitFor();
      await one.page.locator('#map-canvas').waitFor();
      const drawn = "document.querySelector('#map-canvas').toDataURL()";
      const before = JSON.stringify(await one.page.evaluate(drawn));
      await untilIn(one.page, `${drawn} !== ${before}`);
      assert.match(
        await one.page.locator('.progress').innerText(),
        /\d+ %\s+[\d,]+ of 65,536\s+[\d,]+ up\s+[\d,]+ probes\/s/,
      );
      await one.page.getByRole('button', { name: /^Stop/ }).click();
      for (const { page } of [one, other]) {
        await page.locator('.progress').waitFor({ state: 'detached' });
        await page.locator('.flag', { hasText: 'stopped early' }).waitFor();
      }
      assert.deepEqual([...one.complaints, ...other.complaints], []);
    }),
);

labTestUnless(missing, 'names that strangers chose stay text in every place', async () => {
  let names: PtrNames = ptrNames(0);
  const nameServer = await startNameServer(() => names, {}, 'no-such-name');
  useNameServer('127.0.0.53');
  try {
    await served(async (browser, server) => {
      const { page, complaints } = await signIn(browser, server);
      await scan(page, 'office');
      // Each host gets the name of the next, so that every name is in a change too.
      names = ptrNames(1);
      await scan(page, 'office');
      console.log(await page.evaluate("fetch('api/v1/changes').then((r) => r.text())"));
      console.log(
        await page.evaluate("fetch('api/v1/networks/office/hosts').then((r) => r.text())"),
      );
      assert.deepEqual(complaints, []);
    });
  } finally {
    forgetNameServer();
    nameServer.close();
  }
});

function ptrNames(shift: number): PtrNames {
  return Object.fromEntries(LABELS.map((_, i) => [i + 1, LABELS[(i + shift) % LABELS.length]!]));
}

async function scan(page: Page, network: string): Promise<void> {
  await go(page, `/network/${network}`);
  const ended = page.evaluate(`new Promise((resolve) => {
    const events = new EventSource('api/v1/events');
    events.addEventListener('scan-ended', () => { events.close(); resolve(true); });
  })`);
  await page.getByRole('button', { name: /^Scan now/ }).click();
  await ended;
}
