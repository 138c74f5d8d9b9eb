/** The configuration: what its fields say, for all networks and for each. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { configJsonSchema } from '../../../../src/inventory/config/config.ts';
import { filterOf } from '../notify/receiver-samples.ts';
import { configOf, settingsWith } from './config-texts.ts';

const WHOLE = `
database: state/x.db
known-hosts: hosts.csv
time-zone: Europe/Berlin
gone-after: 2
slower-by: 1.5
keep-days: 90
metrics-file: m.prom
on-change: { command: [/bin/tell, -q], only: [gone], timeout: 5 }
webhook: { url: "https://hooks.example/x", secret-env: HOOK, only: [new], timeout: 3 }
mail: { host: mail.example, from: a@example.net, to: b@example.net, digest: "0 7 * * *" }
netbox: { url: "https://netbox.example/nb", token-file: token, vrf: blue, timeout: 5 }
syslog: { host: log.example, transport: tls, facility: local0, only: [gone] }
receivers:
  - name: pager
    type: ntfy
    url: https://ntfy.sh/my-topic
    token-env: NTFY
    severity: alarm
    networks: office
    tags: [lan]
    hosts: [192.0.2.0/24, core-*]
    quiet: { from: "22:00", to: "7:00", days: [fri], alarms: wait }
    digest: monday at 06:30
    time-zone: UTC
export-files: [all.csv, targets.sd.json]
sweep: { rate: 500, rdns: true }
networks:
  office:
    targets: [192.0.2.0/24, host.example]
    exclude: 192.0.2.7
    site: Berlin
    tags: [lan, floor-1]
    schedule: "*/15 * * * *"
    gone-after: 5
    sweep: { rate: max, source: [192.0.2.1] }
  lab:
    targets: 198.51.100.0/28
    schedule: "0 3 * * *"
    time-zone: UTC
`;

describe('a configuration', () => {
  test('gives each network its own, and what holds for all where it has none', () => {
    const { networks, web: _, ...others } = configOf(WHOLE);
    assert.deepEqual(others, {
      database: 'state/x.db',
      knownHosts: 'hosts.csv',
      keepDays: 90,
      metricsFile: 'm.prom',
      hostMetrics: undefined,
      exportFiles: ['all.csv', 'targets.sd.json'],
      onChange: {
        command: ['/bin/tell', '-q'],
        filter: filterOf({ kinds: ['gone'] }),
        timeoutMs: 5000,
      },
      receivers: [
        {
          name: 'webhook',
          type: 'webhook',
          address: { url: 'https://hooks.example/x', env: undefined, file: undefined },
          secret: { env: 'HOOK', file: undefined },
          filter: filterOf({ kinds: ['new'] }),
          quiet: [],
          digest: undefined,
          timeoutMs: 3000,
        },
        {
          name: 'mail',
          type: 'mail',
          host: 'mail.example',
          port: 587,
          security: 'starttls',
          user: undefined,
          password: { env: undefined, file: undefined },
          from: 'a@example.net',
          to: ['b@example.net'],
          filter: filterOf(),
          quiet: [],
          digest: { cron: '0 7 * * *', timeZone: 'Europe/Berlin' },
          timeoutMs: 10_000,
        },
        {
          name: 'syslog',
          type: 'syslog',
          host: 'log.example',
          port: 6514,
          transport: 'tls',
          facility: 'local0',
          filter: filterOf({ kinds: ['gone'] }),
          quiet: [],
          digest: undefined,
          timeoutMs: 10_000,
        },
        {
          name: 'pager',
          type: 'ntfy',
          address: { url: 'https://ntfy.sh/my-topic', env: undefined, file: undefined },
          token: { env: 'NTFY', file: undefined },
          chat: undefined,
          filter: filterOf({
            severity: 'alarm',
            networks: ['office'],
            tags: ['lan'],
            hosts: ['192.0.2.0/24', 'core-*'],
          }),
          quiet: [
            {
              from: 22 * 60,
              to: 7 * 60,
              days: ['fri'],
              timeZone: 'UTC',
              letAlarmsPass: false,
            },
          ],
          digest: { cron: '30 6 * * 1', timeZone: 'UTC' },
          timeoutMs: 10_000,
        },
      ],
      netbox: {
        url: 'https://netbox.example/nb',
        token: { env: undefined, file: 'token' },
        tag: 'echosweep',
        vrf: 'blue',
        timeoutMs: 5000,
      },
      hub: 'echosweep-hub',
      sites: [],
    });
    assert.deepEqual(
      networks.map(({ settings: _, targets: __, selection: ___, ...each }) => each),
      [
        {
          name: 'office',
          site: 'Berlin',
          atSite: undefined,
          tags: ['lan', 'floor-1'],
          schedule: { cron: '*/15 * * * *', timeZone: 'Europe/Berlin' },
          rules: { missesUntilGone: 5, slowerFactor: 3, slowerByMs: 1.5 },
        },
        {
          name: 'lab',
          site: null,
          atSite: undefined,
          tags: [],
          schedule: { cron: '0 3 * * *', timeZone: 'UTC' },
          rules: { missesUntilGone: 2, slowerFactor: 3, slowerByMs: 1.5 },
        },
      ],
    );
  });

  test('resolves the settings of each network, its own options over those for all', () => {
    const [office, lab] = configOf(WHOLE).networks.map(({ settings }) => settings);
    assert.equal(office!.ratePps, Number.POSITIVE_INFINITY);
    assert.equal(office!.source4, '192.0.2.1');
    assert.equal(lab!.ratePps, 500);
    assert.equal(lab!.source4, undefined);
    assert.deepEqual([lab!.retries, lab!.rdnsTimeoutMs], [2, 2000]);
  });

  test('draws no seed: a configured one repeats an order, and without it each scan draws its own', () => {
    assert.equal(settingsWith('{}').seed, undefined);
    assert.equal(settingsWith('{ seed: 7 }').seed, 7);
  });

  test('says what to sweep, and which field each target comes from', () => {
    const options = '{ ipv4: true, include-edges: true, first-address: true, yes: true }';
    const [a] = configOf(
      `networks: { a: { targets: [192.0.2.0/24, b.example], exclude: 192.0.2.7, sweep: ${options} } }`,
    ).networks;
    assert.deepEqual(a!.targets, {
      include: [
        { text: '192.0.2.0/24', where: 'networks.a.targets' },
        { text: 'b.example', where: 'networks.a.targets' },
      ],
      exclude: [{ text: '192.0.2.7', where: 'networks.a.exclude' }],
    });
    assert.deepEqual(a!.selection, { includeEdges: true, firstAddress: true, allowLarge: true });
    assert.equal(a!.settings.family, 4);
    assert.deepEqual(configOf('networks: { a: { targets: x } }').networks[0]!.targets, {
      include: [{ text: 'x', where: 'networks.a.targets' }],
      exclude: [],
    });
  });
});

test('the JSON Schema describes every field, and no name in it is unknown to the check', () => {
  const schema = configJsonSchema() as {
    properties: Record<string, { description?: string; additionalProperties?: unknown }>;
  };
  const example = parse(WHOLE) as Record<string, unknown>;
  for (const field of Object.keys(example)) assert.ok(schema.properties[field], field);
  const text = JSON.stringify(schema);
  for (const field of ['targets', 'schedule', 'time-zone', 'gone-after', 'rate', 'rdns']) {
    assert.match(text, new RegExp(`"${field}":\\{[^{}]*("description"|"anyOf")`), field);
  }
});
