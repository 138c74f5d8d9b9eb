/** What the web page promises about a note that is not saved yet: its writer finds it again, and nobody else does. */

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { NO_BROWSER, startBrowser, until } from './chromium.ts';
import { WebApi } from './web-api.ts';
import { arrive, go, holdUp, openTab } from './web-visit.ts';

const HOST = '/host/10.20.30.41?network=office';

let browser: Browser;
let api: WebApi;

async function signIn(page: Page, user = 'ada'): Promise<void> {
  await page.locator('h1', { hasText: 'Sign in' }).waitFor();
  await page.getByLabel('User').fill(user);
  await page.getByLabel('Password').fill('secret');
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.locator('h1:not(:text("Sign in"))').waitFor();
}

describe('a note that is being written', { skip: NO_BROWSER }, () => {
  let page: Page;
  const field = () => page.locator('textarea[name=note]');
  before(async () => {
    browser = await startBrowser();
    page = await openTab(browser);
  });
  afterEach(() => api.close());
  after(() => browser?.close());

  async function write(ways: readonly string[] = ['password', 'oidc']): Promise<void> {
    api = await WebApi.start({ ways });
    await arrive(page, api, HOST);
    await page.getByRole('button', { name: 'Edit' }).click();
    await field().fill('In the cellar, behind the boiler');
    await page.getByLabel('Known').uncheck();
  }

  for (const [how, expire] of [
    ['saves it', () => page.getByRole('button', { name: 'Save' }).click()],
    ['reads on', async () => api.emit('changes', {})],
  ] as const) {
    test(`is there again after the session has ended and its writer ${how}`, async () => {
      await write();
      api.isSignedIn = false;
      await expire();
      await signIn(page);
      await page.locator('form', { hasText: 'not saved yet' }).waitFor();
      assert.equal(await field().inputValue(), 'In the cellar, behind the boiler');
      assert.equal(await page.getByLabel('Known').isChecked(), false);
      await page.getByRole('button', { name: 'Save' }).click();
      await page.locator('.toast', { hasText: 'Saved' }).waitFor();
      assert.deepEqual(api.writes.at(-1)!.body, {
        note: 'In the cellar, behind the boiler',
        known: null,
      });
      await page.reload();
      await page.getByRole('button', { name: 'Edit' }).waitFor();
      assert.equal(await page.locator('footer', { hasText: 'not saved' }).count(), 0);
    });
  }

  test('is there again after a provider has signed its writer in, at the same place', async () => {
    await write();
    await page.route('**/sign-in/oidc', (route) => {
      api.isSignedIn = true;
      return route.fulfill({ status: 302, headers: { location: '/' } });
    });
    api.isSignedIn = false;
    api.emit('changes', {});
    await page.getByRole('link', { name: 'Sign in with your organization' }).click();
    await page.waitForURL(/#\/host\/10\.20\.30\.41/);
    await field().waitFor();
    assert.equal(await field().inputValue(), 'In the cellar, behind the boiler');
  });

  test('is deleted, and never shown, if another person signs in', async () => {
    await write();
    api.isSignedIn = false;
    api.emit('changes', {});
    await page.locator('h1', { hasText: 'Sign in' }).waitFor();
    await page.locator('main', { hasText: 'If another person signs in here' }).waitFor();
    api.user = 'grace';
    await signIn(page, 'grace');
    await page.getByRole('button', { name: 'Edit' }).waitFor();
    await page.getByRole('button', { name: 'Edit' }).click();
    assert.doesNotMatch(await field().inputValue(), /cellar/);
    assert.doesNotMatch(
      String(await page.evaluate('JSON.stringify({ ...sessionStorage, ...localStorage })')),
      /cellar/,
    );
  });

  test('is not shown to a person who signs in in another tab', async () => {
    await write();
    api.user = 'grace';
    api.emit('reloaded', {});
    await page.getByRole('button', { name: 'Edit' }).waitFor();
    assert.equal(await field().count(), 0);
    assert.doesNotMatch(
      String(await page.evaluate('JSON.stringify({ ...sessionStorage })')),
      /cellar/,
    );
  });

  test('is kept while its writer looks elsewhere, and no tab is closed over it unasked', async () => {
    await write();
    await go(page, '/');
    await page.locator('footer', { hasText: 'Notes not saved' }).waitFor();
    const isLeft = "dispatchEvent(new Event('beforeunload', { cancelable: true }))";
    assert.equal(await page.evaluate(isLeft), false);
    await page.locator('footer a', { hasText: '10.20.30.41' }).click();
    await field().waitFor();
    assert.equal(await field().inputValue(), 'In the cellar, behind the boiler');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await until(page, "document.activeElement.textContent === 'Edit'");
    assert.equal(await page.locator('footer', { hasText: 'not saved' }).count(), 0);
    assert.equal(await page.evaluate(isLeft), true);
  });

  test('says that another person has saved the same field meanwhile', async () => {
    await write();
    await page.route('**/api/v1/hosts/10.20.30.41?*', async (route) => {
      const { items } = (await (await route.fetch()).json()) as { items: { note: object }[] };
      const note = { ...items[0]!.note, note: 'Moved to the attic' };
      await route.fulfill({ json: { items: [{ ...items[0], note }], next: null, total: 1 } });
    });
    await page.reload();
    await page.locator('form .doubt', { hasText: 'Note: Moved to the attic' }).waitFor();
    assert.equal(await field().inputValue(), 'In the cellar, behind the boiler');
    assert.equal(await page.locator('form .doubt').count(), 1);
  });

  test('keeps what is typed while it is being saved', async () => {
    await write();
    const goOn = await holdUp(page, '**/note');
    await page.getByRole('button', { name: 'Save' }).click();
    await field().fill('In the cellar, behind the boiler, left');
    goOn();
    await page.locator('.toast', { hasText: 'Saved' }).waitFor();
    assert.equal(await field().inputValue(), 'In the cellar, behind the boiler, left');
  });

  test('goes on in a tab whose reader opened the link in another one', async () => {
    await write(['link']);
    api.isSignedIn = false;
    api.emit('changes', {});
    await page.locator('h1', { hasText: 'Sign in' }).waitFor();
    api.isSignedIn = true;
    await page.evaluate("dispatchEvent(new Event('focus'))");
    await field().waitFor();
    assert.equal(await field().inputValue(), 'In the cellar, behind the boiler');
  });
});
