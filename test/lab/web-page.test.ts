/** The web interface as it is: the real server over the inventory of real scans, read in real browsers. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { NO_BROWSER, startBrowser, until as untilIn } from '../browser/chromium.ts';
import { HOSTILE_NAMES } from '../browser/hostile-names.ts';
import { go, type Visit, visit } from '../browser/web-visit.ts';
import { labTestUnless } from './lab-test.ts';
import { forgetNameServer, type PtrNames, startNameServer, useNameServer } from './name-server.ts';
import { freshFolder, type Running, startEchosweep, until } from './run.ts';

const URL = 'http://127.0.0.1:8469/';
const MOST_LABEL_OCTETS = 63;
/** Those for which DNS needs no escapes, and the rest as it passes them on. */
const LABELS = [
  '<img/src=x/onerror=harmed=1>',
  '<svg/onload=harmed=1>',
  '<script>harmed=1</script>',
  ...HOSTILE_NAMES,
].map((name) => latin1Of(name.replaceAll('.', '-')));
const SITE = '<b>Ber</b>lin';
const CONFIG = `sweep: { timeout: 200, retries: 0 }
known-hosts: known.csv
networks:
  office: { targets: 127.0.7.1-127.0.7.${LABELS.length}, site: '${SITE}', sweep: { rdns: true } }
  plant: { targets: 127.64.0.0/16, sweep: { rate: 2500 } }
`;
/** A documented host, with a column that is no better than its value. */
const KNOWN = `address,<i>rack</i>
127.0.7.1,"<img src=x onerror=""window.harmed=1"">"
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
  writeFileSync(join(folder, 'known.csv'), KNOWN);
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
      const words = /\d+ %\s*[\d,]+ of 65,534\s*[\d,]+ up\s*[\d,]+ probes\/s/;
      await one.page.locator('.progress', { hasText: words }).waitFor();
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
      await write(page);
      for (const [place, words] of await placesOf(page)) {
        await go(page, place);
        const shown = String(await page.evaluate("document.querySelector('main').textContent"));
        for (const word of words) assert.ok(shown.includes(word), `${place}: ${word} in ${shown}`);
        const made = 'main :is(script, img, iframe, i[class=""], svg[onload], b b)';
        assert.equal(await page.locator(made).count(), 0, place);
      }
      assert.equal(await page.evaluate('window.harmed'), undefined);
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

/** What the API answers. */
async function read<Answer>(page: Page, path: string): Promise<Answer> {
  const answer = await page.evaluate(`fetch('api/v1/${path}').then((response) => response.json())`);
  return answer as Answer;
}

/** Every second host gets a note, and there is a token, all of which are as hostile as the names. */
async function write(page: Page): Promise<void> {
  const send = async (method: string, path: string, body: object): Promise<void> => {
    const init = {
      method,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    };
    const asked = `fetch('api/v1/${path}', ${JSON.stringify(init)}).then(({ status }) => status)`;
    assert.equal(await page.evaluate(asked), 200, path);
  };
  for (const [i, name] of HOSTILE_NAMES.entries()) {
    if (i % 2 === 1) continue;
    const note = {
      name,
      owner: name,
      note: name,
      tags: [name.replaceAll(/[\s,]/g, '').slice(0, 50)],
    };
    await send('PATCH', `networks/office/hosts/127.0.7.${i + 1}/note`, note);
  }
  await send('POST', 'tokens', { name: HOSTILE_NAMES[0]!, role: 'view' });
}

interface ShownHost {
  readonly address: string;
  readonly hostname: string;
  readonly note: { readonly name: string; readonly tags: readonly string[] } | null;
}

/** Every view that shows foreign text, with what it has to show. */
async function placesOf(page: Page): Promise<[string, string[]][]> {
  const { items: hosts } = await read<{ items: ShownHost[] }>(page, 'networks/office/hosts');
  const { items: changes } = await read<{ items: { before: string; after: string }[] }>(
    page,
    'changes',
  );
  assert.equal(hosts.length, LABELS.length);
  assert.equal(changes.length, LABELS.length);
  assert.ok(hosts.some(({ hostname }) => hostname === '<svg/onload=harmed=1>'));
  const names = hosts.map(({ hostname, note }) => note?.name ?? hostname);
  const changed = changes.flatMap(({ before, after }) => [before, after]);
  const [first] = hosts;
  const facts = ['<i>rack</i>', '<img src=x onerror="window.harmed=1">', first!.hostname];
  return [
    ['/', [SITE]],
    ['/network/office', [SITE]],
    ['/network/office/hosts', names],
    ['/network/office/changes', changed],
    ['/changes', changed],
    ['/search?q=127.0.7', names],
    ['/host/127.0.7.1?network=office', [...facts, ...first!.note!.tags]],
    ...hosts
      .slice(1, 4)
      .map(({ address, hostname }): [string, string[]] => [
        `/host/${address}?network=office`,
        [hostname],
      ]),
    ['/settings', [HOSTILE_NAMES[0]!]],
    ['/settings/audit', [JSON.stringify(HOSTILE_NAMES[0]!).slice(1, -1)]],
  ];
}
