/** Which receivers get a message about a scan, with which changes, and when. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HostChange } from '../../../../src/inventory/diff.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../../../src/inventory/host-memory.ts';
import type { ChangeMessage } from '../../../../src/inventory/notify/change-message.ts';
import { messagesAbout } from '../../../../src/inventory/notify/messages.ts';
import type { Receivers } from '../../../../src/inventory/notify/receivers.ts';
import { hourOf } from '../samples.ts';

const NETWORK = { name: 'office', site: null, tags: [] };
const NOBODY: Receivers = {
  onChange: undefined,
  webhook: undefined,
  mail: undefined,
  syslog: undefined,
};
const NOW = hourOf(1);

function changeOf(kind: ChangeKind): HostChange {
  return { kind, address: '192.0.2.1', hostname: null, before: '', after: '', seenAt: hourOf(0) };
}

function webhook(kinds: readonly ChangeKind[] = CHANGE_KINDS): Receivers['webhook'] {
  return { url: 'https://hooks.example', secret: {}, kinds, timeoutMs: 1000 };
}

function mail(cron?: string): Receivers['mail'] {
  return {
    host: 'mail.example',
    port: 587,
    security: 'starttls',
    user: undefined,
    password: {},
    from: 'a@example.net',
    to: ['b@example.net'],
    kinds: CHANGE_KINDS,
    digest: cron === undefined ? undefined : { cron, timeZone: 'UTC' },
    timeoutMs: 1000,
  };
}

const SYSLOG: Receivers['syslog'] = {
  host: 'log.example',
  port: 514,
  transport: 'udp',
  facility: 'daemon',
  kinds: ['gone'],
  timeoutMs: 1000,
};

function messages(receivers: Partial<Receivers>, kinds: readonly ChangeKind[]) {
  const changes = kinds.map(changeOf);
  return messagesAbout({ ...NOBODY, ...receivers }, NETWORK, hourOf(0), changes, NOW).map(
    ({ channel, body, dueAt }) => ({
      channel,
      dueAt,
      kinds: (JSON.parse(body) as ChangeMessage).changes.map(({ change }) => change),
    }),
  );
}

describe('a scan with changes', () => {
  test('makes a message for each receiver, due now', () => {
    assert.deepEqual(messages({ webhook: webhook(), mail: mail() }, ['new', 'gone']), [
      { channel: 'webhook', dueAt: NOW, kinds: ['new', 'gone'] },
      { channel: 'mail', dueAt: NOW, kinds: ['new', 'gone'] },
    ]);
  });

  test('makes none without receivers; a program is run, and not queued for', () => {
    const onChange = { command: ['x'], kinds: CHANGE_KINDS, timeoutMs: 1000 };
    assert.deepEqual(messages({ onChange }, ['new']), []);
  });

  test('sends each receiver only the kinds that it wants, and nothing if there are none', () => {
    const receivers = { webhook: webhook(['gone']) };
    assert.deepEqual(messages(receivers, ['new', 'gone'])[0]!.kinds, ['gone']);
    assert.deepEqual(messages(receivers, ['new']), []);
  });

  test('makes a message for a syslog server as well', () => {
    assert.deepEqual(messages({ syslog: SYSLOG }, ['new', 'gone']), [
      { channel: 'syslog', dueAt: NOW, kinds: ['gone'] },
    ]);
  });

  test('waits for the next digest', () => {
    const [digest] = messages({ mail: mail('0 7 * * *') }, ['new']);
    assert.deepEqual(digest!.dueAt, new Date('2026-03-01T07:00:00.000Z'));
  });
});

test('a scan without changes makes no message', () => {
  assert.deepEqual(messages({ webhook: webhook(), mail: mail() }, []), []);
});
