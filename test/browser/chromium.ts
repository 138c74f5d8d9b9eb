/** A real browser for tests: Chromium without a window, which reaches nothing but files. */

import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium, type Page } from 'playwright-core';

const PLACES = [
  process.env['CHROMIUM'] ?? '',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];
const QUIET = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

const place = PLACES.find((path) => path !== '' && existsSync(path));

/** Why browser tests cannot run here; false where they can. */
export const NO_BROWSER =
  place === undefined ? 'no Chromium here: apt-get install chromium, or set CHROMIUM' : false;

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: place!, args: QUIET });
}

/** A page with all that it complained of or asked for. */
export interface OpenedPage {
  readonly page: Page;
  /** Messages on the console, errors, and requests for anything but the file itself. */
  readonly complaints: string[];
  /** From the navigation until the page could be used, milliseconds. */
  readonly readyMs: number;
}

export async function openPage(
  browser: Browser,
  file: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<OpenedPage> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  page.setDefaultTimeout(60_000);
  const url = pathToFileURL(file).href;
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const isOwn = request.url() === url || /^(data|blob):/.test(request.url());
    if (!isOwn) complaints.push(`request: ${request.url()}`);
  });
  const start = performance.now();
  await page.goto(url);
  await page.waitForSelector('html[data-ready]');
  return { page, complaints, readyMs: performance.now() - start };
}

const LATEST_MS = 60_000;

/** Waits from frame to frame; the page's policy forbids the browser to do it by itself. @param expression of the page */
export async function until(page: Page, expression: string): Promise<void> {
  const latest = performance.now() + LATEST_MS;
  while ((await page.evaluate(expression)) !== true) {
    if (performance.now() > latest) throw new Error(`not within ${LATEST_MS} ms: ${expression}`);
    await page.evaluate('new Promise(requestAnimationFrame)');
  }
}

/** Whether nothing is wider than a window of that width, as an expression of the page. */
export function fits(width: number): string {
  return `innerWidth === ${width} && document.scrollingElement.scrollWidth <= ${width}`;
}
