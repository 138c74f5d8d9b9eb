/** Events in the Elastic Common Schema: only fields that it has, of the types that it gives them, or our own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { INVENTORY_CHANGE_SHAPE } from '../../../src/inventory/change-report.ts';
import { CHANGE_KINDS, type ChangeKind } from '../../../src/inventory/host-memory.ts';
import { hostShape } from '../../../src/inventory/host-report.ts';
import { ECS } from '../../../src/report/ecs.ts';
import { HOSTILE_NAMES } from '../../browser/hostile-names.ts';
import { listedHost } from '../inventory/samples.ts';
import { runOf, settingsOf, silentHost, textOf, unsentHost, upHost } from './samples.ts';

type Json = Readonly<Record<string, unknown>>;

/** Of ECS 8.11: the fields that may occur, and what each takes. */
const FIELDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  '@timestamp': (value) => /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(String(value)),
  message: (value) => typeof value === 'string',
  tags: isList,
  'ecs.version': isText,
  'event.action': isText,
  'event.category': (value) => isList(value) && (value as string[]).join() === 'host',
  'event.dataset': isText,
  'event.kind': (value) => ['alert', 'event', 'metric', 'state'].includes(String(value)),
  'event.module': isText,
  'event.outcome': (value) => ['failure', 'success', 'unknown'].includes(String(value)),
  'event.reason': isText,
  // Those that are expected of the category `host`.
  'event.type': (value) =>
    isList(value) && ['access', 'change', 'end', 'info', 'start'].includes(String(value)),
  'host.geo.name': isText,
  'host.ip': (value) => isList(value) && /^[\d.]+$|^[\da-f:]+$/.test(String(value)),
  'host.mac': (value) => isList(value) && /^[\dA-F]{2}(-[\dA-F]{2}){5}$/.test(String(value)),
  'host.name': isText,
  'network.name': isText,
  'observer.hostname': isText,
  'observer.product': isText,
  'observer.type': isText,
  'observer.version': isText,
};

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText);
}

/** Checks a document field by field. @returns its leaves by their whole names */
function leavesOf(value: unknown, name = ''): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const isOurs = name.startsWith('echosweep.') && ['string', 'number'].includes(typeof value);
    assert.ok(isOurs || FIELDS[name]?.(value), `${name}: ${JSON.stringify(value)}`);
    return { [name]: value };
  }
  const leaves = Object.entries(value).map(([key, inner]) =>
    leavesOf(inner, name === '' ? key : `${name}.${key}`),
  );
  return Object.assign({}, ...leaves) as Json;
}

function read(lines: string): Json[] {
  assert.ok(lines.endsWith('\n'));
  return lines
    .slice(0, -1)
    .split('\n')
    .map((line) => leavesOf(JSON.parse(line)));
}

const { columns: _, ...REST } = settingsOf();
const SETTINGS = { ...REST, columns: undefined };

function changeOf(
  kind: ChangeKind,
  values: { readonly before?: string; readonly hostname?: string } = {},
) {
  const [before, after] = kind === 'slower' ? ['1.5', '20'] : ['a', 'b'];
  const seenAt = new Date('2026-03-04T05:06:07.089Z');
  return {
    network: 'office',
    address: '192.0.2.1',
    hostname: 'a.example',
    kind,
    before,
    after,
    seenAt,
    ...values,
  };
}

test('the hosts of a sweep are states', () => {
  const writer = ECS.rows(settingsOf());
  const rows = [
    upHost({ address: 'fe80::1%eth0', mac: '00:00:5e:00:53:01', hostname: 'a.example' }),
    silentHost(),
    unsentHost(),
  ];
  const [up, silent, unsent] = read(writer.begin(runOf()) + textOf(writer, rows));
  assert.equal(up!['event.kind'], 'state');
  assert.deepEqual(up!['host.ip'], ['fe80::1']);
  assert.equal(up!['echosweep.zone'], 'eth0');
  assert.deepEqual(up!['host.mac'], ['00-00-5E-00-53-01']);
  assert.equal(up!['host.name'], 'a.example');
  assert.equal(up!['echosweep.rtt_avg_ms'], 9.1);
  assert.equal(up!['@timestamp'], '2026-03-04T05:06:07.089Z');
  assert.equal(unsent!['@timestamp'], runOf().startedAt.toISOString());
  assert.deepEqual(
    [up, silent, unsent].map((each) => each!['event.outcome']),
    ['success', 'failure', 'unknown'],
  );
});

test('every kind of change is an event of the category host', () => {
  const writer = ECS.records!(INVENTORY_CHANGE_SHAPE, SETTINGS);
  const events = read(String(writer.rows(CHANGE_KINDS.map((kind) => changeOf(kind)))));
  assert.deepEqual(
    events.map((event) => event['event.action']),
    CHANGE_KINDS,
  );
  const typeOf = Object.fromEntries(
    events.map((event) => [event['event.action'], event['event.type']]),
  );
  assert.deepEqual(
    [typeOf['new'], typeOf['back'], typeOf['gone'], typeOf['moved']],
    [['start'], ['start'], ['end'], ['change']],
  );
  for (const event of events) {
    assert.equal(event['network.name'], 'office');
    // One type for all kinds, or a store that has seen a name takes no RTT.
    assert.equal(typeof event['echosweep.before'], 'string');
  }
});

test('the hosts of an inventory have their site and tags', () => {
  const shape = hostShape(['Rack.No'], [{ name: 'office', site: 'Berlin', tags: ['lan', 'b'] }]);
  const writer = ECS.records!(shape, SETTINGS);
  const [host] = read(
    String(writer.rows([listedHost({ address: '192.0.2.1' }, { 'Rack.No': '7' })])),
  );
  assert.equal(host!['host.geo.name'], 'Berlin');
  assert.deepEqual(host!['tags'], ['lan', 'b']);
  assert.equal(host!['echosweep.known_Rack_No'], '7');
  assert.equal(host!['message'], 'up 192.0.2.1');
});

test('hostile names are values, one object to a line', () => {
  const names = [...HOSTILE_NAMES, 'line\nbreak\u2028', '\uD800', '__proto__'];
  const writer = ECS.records!(INVENTORY_CHANGE_SHAPE, SETTINGS);
  const events = read(String(writer.rows(names.map((hostname) => changeOf('new', { hostname })))));
  assert.deepEqual(
    events.map((event) => event['host.name']),
    names,
  );
});
