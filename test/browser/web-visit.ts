/** Visits of the web page in a real browser, with all that it complained of or requested. */

import type { Browser, Page } from 'playwright-core';

export interface Visit {
  readonly page: Page;
  /** Messages on the console, errors, and requests for anything but the server itself. */
  readonly complaints: string[];
}

/** @param place such as `/network/office` */
export async function visit(
  browser: Browser,
  api: { readonly url: string },
  place: string,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<Visit> {
  const page = await openTab(browser, options);
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => complaints.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!/^data:/.test(request.url()) && !request.url().startsWith(api.url)) {
      complaints.push(`request: ${request.url()}`);
    }
  });
  await arrive(page, api, place);
  return { page, complaints };
}

export async function openTab(
  browser: Browser,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 }, ...options });
  page.setDefaultTimeout(60_000);
  return page;
}

/**
 * Visits a server in a tab that is open: a new one takes several times as long. What the tab keeps belongs to a server, so
 * one that it has not visited finds nothing of what was before.
 */
export async function arrive(
  page: Page,
  api: { readonly url: string },
  place: string,
): Promise<void> {
  await page.unrouteAll({ behavior: 'wait' });
  await page.goto(`${api.url}#${place}`);
  await shown(page);
}

/** Goes to another view of the same page. The view is another only after the event: until then, what is shown is of the last one. */
export async function go(page: Page, place: string): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const before = location.href;
    addEventListener('hashchange', () => requestAnimationFrame(resolve), { once: true });
    location.hash = ${JSON.stringify(`#${place}`)};
    if (location.href === before) resolve();
  })`);
  await shown(page);
}

/** Holds the answers to requests up. @param url as of `Page.route` @returns lets them through */
export async function holdUp(page: Page, url: string): Promise<() => void> {
  let goOn = (): void => {};
  const isHeldUp = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await page.route(url, async (route) => {
    await isHeldUp;
    await route.continue();
  });
  return goOn;
}

/** Waits until everything has arrived. */
async function shown(page: Page): Promise<void> {
  // By a locator: an element that the browser hands out, and the view that it is in, stays in memory.
  await page.locator('html[data-ready] h1').first().waitFor();
  await page.waitForSelector('.pending', { state: 'detached' });
}
