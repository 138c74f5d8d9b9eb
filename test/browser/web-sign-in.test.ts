/** How readers sign in to the web page, in a real browser. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { accessibilityFaults } from './accessibility.ts';
import { NO_BROWSER, startBrowser } from './chromium.ts';
import { WebApi } from './web-api.ts';
import { go, visit } from './web-visit.ts';

describe('signing in', { skip: NO_BROWSER }, () => {
  let browser: Browser;
  let closed: WebApi;
  let page: Page;
  before(async () => {
    browser = await startBrowser();
    closed = await WebApi.start({ ways: ['password', 'link'], role: 'view' });
    closed.isSignedIn = false;
    ({ page } = await visit(browser, closed, '/settings'));
  });
  after(async () => {
    await browser?.close();
    await closed?.close();
  });

  test('takes a password, and leads to where the reader wanted to go', async () => {
    assert.equal(await page.locator('h1').innerText(), 'Sign in');
    await page.evaluate(axe.source);
    assert.deepEqual(await accessibilityFaults(page), []);
    await page.getByLabel('User').fill('ada');
    await page.getByLabel('Password').fill('secret');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.locator('h1', { hasText: 'Settings' }).waitFor();
    assert.deepEqual(closed.writes.at(-1)!.body, { user: 'ada', password: 'secret' });
  });

  test('leaves out what a role may not do', async () => {
    await page.locator('main', { hasText: 'Your role is to view' }).waitFor();
    await go(page, '/host/10.20.30.41?network=office');
    assert.equal(await page.getByRole('button', { name: 'Edit' }).count(), 0);
    await go(page, '/');
    assert.equal(await page.getByRole('button', { name: /Scan now/ }).count(), 0);
  });

  test('is over with the first answer: a late refusal signs nobody out', async () => {
    closed.isSignedIn = false;
    const { page: opened } = await visit(browser, closed, '/');
    let sent = 0;
    let goOn = (): void => {};
    const isHeldUp = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    await opened.route('**/session', async (route) => {
      if (route.request().method() !== 'POST' || sent++ === 0) return route.continue();
      await isHeldUp;
      const error = { message: 'the link was used already', advice: 'take a new one' };
      await route.fulfill({ status: 401, json: { error } });
    });
    await opened.getByLabel('Link').fill('abc');
    await opened.evaluate(`(() => {
      const form = document.querySelector('form:has([name=link])');
      form.requestSubmit();
      form.requestSubmit();
    })()`);
    await opened.locator('h1', { hasText: 'Networks' }).waitFor();
    const late = opened.waitForResponse(/session$/);
    goOn();
    await late;
    for (let i = 0; i < 3; i++) await opened.evaluate('new Promise(requestAnimationFrame)');
    assert.equal(await opened.locator('h1').innerText(), 'Networks');
    await opened.close();
  });

  test('takes the token of a link, and leaves no trace of it in the URL', async () => {
    closed.isSignedIn = false;
    const { page: opened } = await visit(browser, closed, 'link=abc-DEF_123');
    await opened.locator('h1', { hasText: 'Networks' }).waitFor();
    assert.deepEqual(closed.writes.at(-1)!.body, { link: 'abc-DEF_123' });
    assert.equal(new URL(opened.url()).hash, '#/');
    await opened.close();
  });
});
