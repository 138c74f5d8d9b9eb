/** docs/notifications.md held to the configuration that the code takes, and to what it sends. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { notificationsDocument } from '../../src/cli/notifications-doc.ts';
import { parseConfig } from '../../src/inventory/config/config-file.ts';
import { changeMessage } from '../../src/inventory/notify/change-message.ts';
import { CHAT_SERVICES } from '../../src/inventory/notify/receivers.ts';
import { hourOf } from '../unit/inventory/samples.ts';
import { codeIn, codeSpansOf, fencesOf, tableOf, textOf } from './markdown.ts';

const PAGE = textOf('docs/notifications.md');

test('its tables are as the code makes them; else run `npm run docs`', () => {
  assert.equal(PAGE, notificationsDocument(PAGE));
});

test('every example of a configuration is valid', () => {
  const examples = fencesOf(PAGE).filter(({ info }) => info === 'yaml');
  assert.ok(examples.length >= 6);
  for (const { code } of examples) {
    const whole = code.includes('networks:\n')
      ? code
      : `${code}networks: { a: { targets: 192.0.2.1 } }\n`;
    parseConfig(whole, 'docs/notifications.md');
  }
});

test('every service has a row that says what to give it', () => {
  assert.deepEqual(
    tableOf(PAGE, 'Type').map(([type]) => codeIn(type!)),
    CHAT_SERVICES,
  );
});

test('every field of a message is described', () => {
  const network = { name: 'office', site: null, tags: [] };
  const fields = Object.keys(JSON.parse(changeMessage(network, hourOf(0), [])));
  const described = codeSpansOf(PAGE);
  for (const field of fields) assert.ok(described.includes(field), field);
});
