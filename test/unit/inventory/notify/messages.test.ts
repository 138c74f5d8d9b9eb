/** Which receivers get a message about a scan, with which changes, and when. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HostChange } from '../../../../src/inventory/diff.ts';
import type { ChangeKind } from '../../../../src/inventory/host-memory.ts';
import type { ChangeMessage } from '../../../../src/inventory/notify/change-message.ts';
import type { HostLabels } from '../../../../src/inventory/notify/host-labels.ts';
import { messagesAbout } from '../../../../src/inventory/notify/messages.ts';
import { type QuietHours, WEEKDAYS } from '../../../../src/inventory/notify/quiet-hours.ts';
import type { Receiver } from '../../../../src/inventory/notify/receivers.ts';
import { hourOf } from '../samples.ts';
import { filterOf, mail, syslog, webhook } from './receiver-samples.ts';

const NETWORK = { name: 'office', site: null, tags: ['lan'] };
const NOW = hourOf(1);

function changeOf(kind: ChangeKind, values: Partial<HostChange> = {}): HostChange {
  const host = { address: '192.0.2.1', hostname: null, seenAt: hourOf(0) };
  return { ...host, kind, before: '', after: '', ...values };
}

function messagesOf(
  receivers: readonly Receiver[],
  changes: readonly HostChange[],
  now = NOW,
  noted: Readonly<Record<string, HostLabels>> = {},
) {
  const labels = new Map(Object.entries(noted));
  const news = { network: NETWORK, scannedAt: hourOf(0), changes, labels, now };
  return messagesAbout({ receivers }, news).map(({ channel, body, dueAt }) => {
    const { changes: told, severity } = JSON.parse(body) as ChangeMessage;
    return { channel, dueAt, severity, kinds: told.map(({ change }) => change) };
  });
}

const kindsFor = (receiver: Receiver, ...changes: HostChange[]): ChangeKind[] =>
  messagesOf([receiver], changes).flatMap(({ kinds }) => kinds);

describe('a scan with changes', () => {
  const both = [changeOf('new'), changeOf('gone')];

  test('makes a message for each receiver, due now, with the highest severity of its changes', () => {
    assert.deepEqual(messagesOf([webhook(), mail(), syslog({ name: 'log' })], both), [
      { channel: 'webhook', dueAt: NOW, severity: 'alarm', kinds: ['new', 'gone'] },
      { channel: 'mail', dueAt: NOW, severity: 'alarm', kinds: ['new', 'gone'] },
      { channel: 'log', dueAt: NOW, severity: 'alarm', kinds: ['new', 'gone'] },
    ]);
    assert.equal(messagesOf([webhook()], [changeOf('back')])[0]!.severity, 'info');
  });

  test('makes none without receivers', () => {
    assert.deepEqual(messagesOf([], both), []);
  });

  test('sends each receiver only the kinds and severities that it wants, and nothing if there are none', () => {
    const onlyGone = webhook({ filter: filterOf({ kinds: ['gone'] }) });
    assert.deepEqual(kindsFor(onlyGone, ...both), ['gone']);
    assert.deepEqual(messagesOf([onlyGone], [changeOf('new')]), []);
    const all = [...both, changeOf('back'), changeOf('conflict'), changeOf('slower')];
    const alarms = webhook({ filter: filterOf({ severity: 'alarm' }) });
    assert.deepEqual(kindsFor(alarms, ...all), ['gone', 'conflict']);
    const notices = webhook({ filter: filterOf({ severity: 'notice' }) });
    assert.deepEqual(kindsFor(notices, ...all), ['new', 'gone', 'conflict']);
  });

  test('waits for the next digest', () => {
    const digest = { cron: '0 7 * * *', timeZone: 'UTC' };
    const [waiting] = messagesOf([mail({ digest })], both);
    assert.deepEqual(waiting!.dueAt, new Date('2026-03-01T07:00:00.000Z'));
  });

  test('says once that a host is flapping', () => {
    const flapping = (after: string): HostChange => changeOf('flapping', { after });
    assert.deepEqual(kindsFor(webhook(), flapping('2')), ['flapping']);
    assert.deepEqual(kindsFor(webhook(), flapping('3'), flapping('17')), []);
  });

  test('says nothing about a host that is muted, until it no longer is', () => {
    const muted = (until: Date) => ({ '192.0.2.1': { name: null, tags: [], mutedUntil: until } });
    const other = changeOf('gone', { address: '192.0.2.2' });
    const told = (until: Date) =>
      messagesOf([webhook()], [...both, other], NOW, muted(until)).map(({ kinds }) => kinds.length);
    assert.deepEqual(told(hourOf(2)), [1]);
    assert.deepEqual(told(NOW), [3]);
  });
});

describe('a receiver', () => {
  const wanting = (values: Parameters<typeof filterOf>[0]): Receiver =>
    webhook({ filter: filterOf(values) });

  test('may name networks', () => {
    assert.deepEqual(kindsFor(wanting({ networks: ['lab', 'office'] }), changeOf('new')), ['new']);
    assert.deepEqual(kindsFor(wanting({ networks: ['lab'] }), changeOf('new')), []);
  });

  test('may name tags, of the network or of the host', () => {
    assert.deepEqual(kindsFor(wanting({ tags: ['x', 'lan'] }), changeOf('new')), ['new']);
    assert.deepEqual(kindsFor(wanting({ tags: ['server'] }), changeOf('new')), []);
    const labels = { '192.0.2.1': { name: null, tags: ['server'], mutedUntil: null } };
    const found = messagesOf(
      [wanting({ tags: ['server'] })],
      [changeOf('new'), changeOf('gone', { address: '192.0.2.2' })],
      NOW,
      labels,
    );
    assert.deepEqual(found[0]?.kinds, ['new']);
  });

  test('may name hosts by address, subnet and name', () => {
    const about = (hosts: string[], values: Partial<HostChange>, kind: ChangeKind = 'new') =>
      kindsFor(wanting({ hosts }), changeOf(kind, values)).length === 1;
    assert.ok(about(['192.0.2.1'], {}));
    assert.ok(!about(['192.0.2.2'], {}));
    assert.ok(about(['192.0.2.0/24'], {}));
    assert.ok(about(['2001:db8::/32'], { address: '2001:db8::7' }));
    assert.ok(about(['fe80::/10'], { address: 'fe80::1%eth0' }));
    assert.ok(!about(['192.0.3.0/24', '2001:db8::/32'], {}));
    assert.ok(about(['core-*.example'], { hostname: 'Core-1.example' }));
    assert.ok(about(['*re-*'], { hostname: 'x core-1 y' }));
    assert.ok(!about(['a*bc*c'], { hostname: 'abc' }));
    assert.ok(!about(['core-*'], { hostname: 'score-1' }));
    assert.ok(!about(['a.b'], { hostname: 'axb' }));
    assert.ok(!about(['core-*'], {}));
  });

  test('may name a host by the name that people gave it', () => {
    const noted = { '192.0.2.1': { name: 'Core-1', tags: [], mutedUntil: null } };
    const receiver = wanting({ hosts: ['core-*'] });
    assert.equal(messagesOf([receiver], [changeOf('new')], NOW, noted).length, 1);
  });

  test('hears of a host by the name and the address that it had', () => {
    const named = changeOf('name-changed', { hostname: 'x', before: 'core-1', after: 'x' });
    assert.deepEqual(kindsFor(wanting({ hosts: ['core-*'] }), named), ['name-changed']);
    const moved = changeOf('moved', { before: '198.51.100.7', after: '192.0.2.1' });
    assert.deepEqual(kindsFor(wanting({ hosts: ['198.51.100.7'] }), moved), ['moved']);
  });
});

describe('in quiet hours', () => {
  const night: QuietHours = {
    from: 22 * 60,
    to: 7 * 60,
    days: WEEKDAYS,
    timeZone: 'UTC',
    letAlarmsPass: true,
  };
  const morning = new Date('2026-03-01T07:00:00.000Z');
  const changes = [changeOf('new'), changeOf('gone')];

  test('alarms pass by themselves, and the rest waits until they end', () => {
    assert.deepEqual(messagesOf([webhook({ quiet: [night] })], changes), [
      { channel: 'webhook', dueAt: NOW, severity: 'alarm', kinds: ['gone'] },
      { channel: 'webhook', dueAt: morning, severity: 'notice', kinds: ['new'] },
    ]);
  });

  test('alarms wait as well if they are to', () => {
    const strict = { ...night, letAlarmsPass: false };
    assert.deepEqual(
      messagesOf([webhook({ quiet: [strict] })], changes).map(({ dueAt }) => dueAt),
      [morning],
    );
  });

  test('nothing waits outside of them', () => {
    const noon = hourOf(12);
    assert.deepEqual(
      messagesOf([webhook({ quiet: [night] })], changes, noon).map(({ dueAt }) => dueAt),
      [noon],
    );
  });
});

test('a scan without changes makes no message', () => {
  assert.deepEqual(messagesOf([webhook(), mail()], []), []);
});
