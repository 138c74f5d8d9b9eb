/** The configuration: what it may say, and line and field of what is wrong. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { configText } from '../../../../src/cli/inventory/init.ts';
import { configJsonSchema } from '../../../../src/inventory/config/config.ts';
import { parseConfig } from '../../../../src/inventory/config/config-file.ts';
import { SWEEP_FIELDS, sweepOptionsOf } from '../../../../src/inventory/config/sweep-fields.ts';
import { OPTIONS } from '../../../../src/options.ts';
import { filterOf } from '../notify/receiver-samples.ts';

const NETWORKS = 'networks: { a: { targets: 192.0.2.1 } }\n';
const read = (text: string, path = 'c.yaml') => parseConfig(text, path);

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
export-files: [hosts.csv, targets.sd.json]
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
    const { networks, web: _, ...others } = read(WHOLE);
    assert.deepEqual(others, {
      database: 'state/x.db',
      knownHosts: 'hosts.csv',
      keepDays: 90,
      metricsFile: 'm.prom',
      hostMetrics: undefined,
      exportFiles: ['hosts.csv', 'targets.sd.json'],
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
    const [office, lab] = read(WHOLE).networks.map(({ settings }) => settings);
    assert.equal(office!.ratePps, Number.POSITIVE_INFINITY);
    assert.equal(office!.source4, '192.0.2.1');
    assert.equal(lab!.ratePps, 500);
    assert.equal(lab!.source4, undefined);
    assert.deepEqual([lab!.retries, lab!.rdnsTimeoutMs], [2, 2000]);
  });

  test('draws no seed: a configured one repeats an order, and without it each scan draws its own', () => {
    const seeds = (sweep: string) =>
      read(`networks: { a: { targets: 192.0.2.1, sweep: ${sweep} } }`).networks[0]!.settings.seed;
    assert.equal(seeds('{}'), undefined);
    assert.equal(seeds('{ seed: 7 }'), 7);
  });

  test('says what to sweep, and which field each target comes from', () => {
    const options = '{ ipv4: true, include-edges: true, first-address: true, yes: true }';
    const [a] = read(
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
    assert.deepEqual(read('networks: { a: { targets: x } }').networks[0]!.targets, {
      include: [{ text: 'x', where: 'networks.a.targets' }],
      exclude: [],
    });
  });

  test('is the same in YAML, JSON and TOML', () => {
    const yaml = read('networks:\n  a:\n    targets: 192.0.2.1\n    schedule: "0 * * * *"\n');
    const json = '{"networks": {"a": {"targets": ["192.0.2.1"], "schedule": "0 * * * *"}}}';
    assert.deepEqual(read(json, 'c.json'), yaml);
    assert.deepEqual(
      read('[networks.a]\ntargets = "192.0.2.1"\nschedule = "0 * * * *"\n', 'c.toml'),
      yaml,
    );
  });

  test('has every option of the sweep, by its name on the command line', () => {
    for (const option of OPTIONS.filter(({ key }) => key !== 'exclude')) {
      const name = /--([a-z0-9-]+)/.exec(option.flags)![1]!;
      const value =
        option.kind === 'switch'
          ? true
          : option.kind === 'number'
            ? option.from
            : option.kind === 'choice'
              ? option.choices[0]!
              : 'x';
      const given = sweepOptionsOf(SWEEP_FIELDS.parse({ [name]: value }));
      assert.deepEqual(Object.keys(given), [option.key]);
    }
  });
});

describe('the ports of TCP connections', () => {
  const config = (tcp: string) =>
    read(`networks: { a: { targets: 192.0.2.1, sweep: { tcp: ${tcp} } } }`);

  test('are a number, a list, or a text with commas', () => {
    const portsOf = (tcp: string) => config(tcp).networks[0]!.settings.tcpPorts;
    for (const tcp of ['443', '[443]', '"443"']) assert.deepEqual(portsOf(tcp), [443]);
    for (const tcp of ['[443, 22]', '"443,22"']) assert.deepEqual(portsOf(tcp), [443, 22]);
  });

  test('are refused with their line and field', () => {
    for (const tcp of ['0', '[443, 70000]', '"https"'])
      assert.throws(() => config(tcp), /c\.yaml, line 1: networks\.a\.sweep/);
  });
});

describe('what a program gives as false', () => {
  const optionsOf = (sweep: object) => sweepOptionsOf(SWEEP_FIELDS.parse(sweep));

  test('is turned off in a configuration by the name of its flag', () => {
    assert.deepEqual(optionsOf({ 'no-arp': true, 'no-canary': true, yes: true }), {
      arp: false,
      canary: false,
      allowLarge: true,
    });
    assert.deepEqual(optionsOf({ 'no-arp': false, 'no-canary': false, canary: '192.0.2.1' }), {
      arp: true,
      canary: '192.0.2.1',
    });
  });

  test('cannot be given there at the same time', () => {
    assert.throws(() => optionsOf({ canary: '192.0.2.1', 'no-canary': true }), {
      code: 'OPTION_INVALID',
      message: '--canary and --no-canary exclude each other: give one, or neither',
    });
  });
});

/** A few hundred octets that would be 9^9 values. */
function bomb(): string {
  const lines = Array.from({ length: 9 }, (_, i) => {
    const inner = i === 0 ? 'x' : `*a${i - 1}`;
    return `a${i}: &a${i} [${Array(9).fill(inner).join()}]\n`;
  });
  return lines.join('');
}

describe('a problem is reported with its line and field', () => {
  const one = (field: string) => `networks:\n  a:\n    targets: 192.0.2.1\n    ${field}\n`;
  const cases: [string, string, RegExp][] = [
    ['nothing at all', '', /^c\.yaml: networks is missing: add it, a block of fields$/],
    ['no networks', 'networks: {}', /^c\.yaml, line 1: networks names no network: add one$/],
    [
      'no targets',
      'networks:\n\n  a:\n    site: x\n',
      /^c\.yaml, line 3: networks\.a\.targets is missing: add it$/,
    ],
    [
      'an unknown field',
      one('schedul: x'),
      /^c\.yaml, line 4: networks\.a\.schedul is not a field here: use targets, /,
    ],
    [
      'no cron',
      one('schedule: hourly'),
      /line 4: networks\.a\.schedule is not a cron expression: write one/,
    ],
    [
      'never',
      one('schedule: "0 0 31 2 *"'),
      /line 4: networks\.a\.schedule never comes: write one/,
    ],
    [
      'no time zone',
      one('time-zone: Mars/Base'),
      /line 4: networks\.a\.time-zone is not a time zone: write/,
    ],
    [
      'a wrong type',
      one('gone-after: often'),
      /line 4: networks\.a\.gone-after has the wrong type: write a number$/,
    ],
    [
      'a fraction',
      one('gone-after: 1.5'),
      /line 4: networks\.a\.gone-after has the wrong type: write a whole number$/,
    ],
    [
      'too small',
      one('gone-after: 0'),
      /line 4: networks\.a\.gone-after is wrong \(.*>=1\): correct it$/,
    ],
    [
      'an unknown option',
      one('sweep: {speed: 1}'),
      /line 4: networks\.a\.sweep\.speed is not a field here/,
    ],
    [
      'a wrong option',
      one('sweep: {rate: fast}'),
      /line 4: networks\.a\.sweep\.rate is not valid: use 0\.1 to/,
    ],
    [
      'a wrong choice',
      one('sweep: {engine: x}'),
      /networks\.a\.sweep\.engine is not valid: use auto, raw/,
    ],
    [
      'options that contradict each other',
      one('sweep: {count: 3, retries: 2}'),
      /line 4: networks\.a\.sweep is wrong: --count 3 and --retries 2 exclude each other: leave/,
    ],
    [
      'options for all networks that contradict each other',
      `sweep: {count: 3, retries: 2}\n${one('site: x')}`,
      /^c\.yaml, line 1: sweep is wrong: --count 3 and --retries 2 exclude each other: leave/,
    ],
    [
      'an unknown kind of change',
      `on-change: {command: [x], only: [lost]}\n${one('site: x')}`,
      /line 1: on-change\.only\.0 is wrong/,
    ],
    [
      'a name with blanks',
      'networks:\n  "a b": {targets: x}\n',
      /line 2: networks\.a b is not a valid network name: use/,
    ],
    [
      'a name twice',
      'networks:\n  a: {targets: x}\n  a: {targets: x}\n',
      /line 3: Map keys must be unique: correct/,
    ],
    ['broken YAML', 'networks: [\n', /^c\.yaml, line 2: .*: correct the YAML$/],
    ['several things', one('schedul: x\n    tag: y'), /\(and 1 more\)$/],
    [
      'aliases of aliases',
      bomb(),
      /^c\.yaml: Excessive alias count.*: write without so many aliases$/,
    ],
  ];
  for (const [what, text, message] of cases) {
    test(what, () => {
      assert.throws(() => read(text), { code: 'CONFIG_INVALID', message });
    });
  }

  test('an unknown field is told those that there are, where they are few', () => {
    assert.throws(() => read(one('shedule: "0 * * * *"')), {
      message: /networks\.a\.shedule is not a field here: use targets, exclude, .*schedule, /,
    });
    assert.throws(() => read(one('sweep: { rat: 5 }')), {
      message: /networks\.a\.sweep\.rat is not a field here: see echosweep inventory schema/,
    });
  });

  test('in TOML with the field, and the line where its grammar is broken', () => {
    assert.throws(() => read('[networks.a]\ntargets = "x"\nbogus = 1\n', 'c.toml'), {
      code: 'CONFIG_INVALID',
      message: /^c\.toml: networks\.a\.bogus is not a field here/,
    });
    assert.throws(() => read('x = 1\n[networks.a\n', 'c.toml'), {
      code: 'CONFIG_INVALID',
      message: /^c\.toml, line 2: .*: correct the TOML$/,
    });
  });
});

describe('the configuration that init writes', () => {
  const address = (name: string, cidr: string, internal = false) => ({
    [name]: [
      {
        address: cidr.split('/')[0]!,
        cidr,
        internal,
        family: 'IPv4' as const,
        netmask: '',
        mac: '',
      },
    ],
  });

  test('names a network once that two interfaces stand in', () => {
    const text = configText({
      ...address('eth0', '192.0.2.7/24'),
      ...address('wlan0', '192.0.2.9/24'),
    });
    assert.deepEqual(text.match(/targets: .*/g), ['targets: [192.0.2.0/24]']);
  });

  test('is right, and names the networks that this host stands in', () => {
    const text = configText({
      ...address('lo', '127.0.0.1/8', true),
      ...address('eth0.7', '192.0.2.77/24'),
      ...address('big', '10.1.2.3/8'),
    });
    const { networks } = read(text);
    assert.deepEqual(
      networks.map(({ name, targets, schedule }) => [
        name,
        targets.include.map(({ text: target }) => target),
        schedule?.cron,
      ]),
      [['eth0-7', ['192.0.2.0/24'], '0 * * * *']],
    );
    assert.match(text, /^ {2}# {3}targets: \[10\.0\.0\.0\/8\]$/m);
    const uncommented = text.replaceAll(/^ {2}# (?!a large)(?=big:| {2}\w)/gm, '  ');
    assert.equal(read(uncommented).networks.length, 2);
  });

  test('is one to try out where there is no network', () => {
    assert.deepEqual(read(configText({})).networks[0]!.targets.include, [
      { text: '127.0.0.0/28', where: 'networks.loopback.targets' },
    ]);
    assert.equal(read(configText(address('big', '10.1.2.3/8'))).networks.length, 1);
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

describe('who is told', () => {
  const MAIL = 'host: mail.example, from: a@example.net';

  test('is refused where nobody could be told by it', () => {
    for (const [text, words] of [
      ['webhook: { url: "ftp://hooks.example" }', /webhook\.url is not a web address/],
      [
        'netbox: { url: "https://a:b@nb.example", token-env: T }',
        /netbox\.url is not a web address/,
      ],
      [
        'netbox: { url: "https://nb.example" }',
        /netbox needs the place of its token: give token-env/,
      ],
      [
        'netbox: { url: "https://nb.example", token-env: T, tag: a b }',
        /netbox\.tag is not the slug/,
      ],
      ['webhook: { url: "https://me:word@hooks.example" }', /without a password/],
      [
        'webhook: { url: "https://hooks.example", secret-env: A, secret-file: b }',
        /webhook\.secret-file is in two places/,
      ],
      [`mail: { ${MAIL}, to: [] }`, /mail\.to/],
      [
        'syslog: { host: log.example, facility: mail }',
        /syslog\.facility is not valid.*use user, d/,
      ],
      ['export-files: hosts.html', /export-files does not name a format of hosts.*\.sd\.json/],
      ['export-files: [hosts.csv, hosts.lp]', /export-files\.1 does not name a format of hosts/],
      [`mail: { ${MAIL}, to: "a@b.example, c@d.example" }`, /is not a mail address/],
      [`mail: { ${MAIL}, to: "a@b.example\\r\\nBcc: x@y.example" }`, /is not a mail address/],
      [
        `mail: { ${MAIL}, to: b@example.net, security: plain }`,
        /security is not valid: use starttls, tls or none$/,
      ],
      [
        `mail: { ${MAIL}, to: b@example.net, digest: daily }`,
        /mail\.digest is not a time that comes again: write "daily at 07:00"/,
      ],
    ] as const) {
      assert.throws(
        () => read(`${text}\n${NETWORKS}`),
        (error: Error) => {
          assert.match(error.message, words);
          assert.doesNotMatch(error.message, /word@/);
          return true;
        },
      );
    }
  });

  test('goes to the port that the encryption has', () => {
    const portOf = (more: string): number | undefined => {
      const text = `mail: { ${MAIL}, to: b@example.net, ${more} }\n${NETWORKS}`;
      const [receiver] = read(text).receivers;
      return receiver?.type === 'mail' ? receiver.port : undefined;
    };
    assert.deepEqual(
      [portOf('security: tls'), portOf('security: none'), portOf('port: 25')],
      [465, 587, 25],
    );
  });
});

describe('receivers in the list', () => {
  const receivers = (...items: string[]): string =>
    `receivers:\n${items.map((item) => `  - { ${item} }\n`).join('')}${NETWORKS}`;

  test('may be of every type, any number of times', () => {
    const { receivers: all } = read(
      receivers(
        'name: a, type: webhook, url: "https://hooks.example", secret-file: s',
        'name: b, type: slack, url-env: SLACK',
        'name: c, type: slack, url-file: slack.url',
        'name: d, type: teams, url-env: TEAMS',
        'name: e, type: discord, url-env: DISCORD',
        'name: f, type: ntfy, url: "https://ntfy.sh/topic", token-env: T',
        'name: g, type: telegram, token-env: T, chat: "@channel"',
        'name: h, type: mail, host: mail.example, from: a@example.net, to: b@example.net',
        'name: i, type: syslog, host: log.example',
        'name: j, type: telegram, token-file: t, chat: -1001234567890',
      ),
    );
    assert.deepEqual(
      all.map(({ name, type }) => `${name} ${type}`),
      [
        'a webhook',
        'b slack',
        'c slack',
        'd teams',
        'e discord',
        'f ntfy',
        'g telegram',
        'h mail',
        'i syslog',
        'j telegram',
      ],
    );
    assert.deepEqual(
      all.flatMap((each) => (each.type === 'telegram' ? [each.chat] : [])),
      ['@channel', '-1001234567890'],
    );
  });

  test('come after those that have a field of their own', () => {
    const webhook = 'webhook: { url: "https://hooks.example" }\n';
    const { receivers: all } = read(webhook + receivers('name: a, type: slack, url-env: S'));
    assert.deepEqual(
      all.map(({ name }) => name),
      ['webhook', 'a'],
    );
  });

  test('are refused with line and field', () => {
    const slack = 'name: a, type: slack, url-env: S';
    for (const [items, words] of [
      [
        ['name: a, type: pager'],
        /line 2: receivers\.0\.type is not a type of receiver: use webhook, slack/,
      ],
      [['name: a'], /line 2: receivers\.0\.type is missing/],
      [['type: slack, url-env: S'], /line 2: receivers\.0\.name is missing/],
      [['name: a, type: slack'], /receivers\.0\.url is missing: add it, or url-env or url-file/],
      [[`${slack}, url: "https://x.example"`], /receivers\.0\.url-env is in two places/],
      [['name: a, type: slack, url: "ftp://x"'], /receivers\.0\.url is not a web address/],
      [['name: a, type: ntfy, url: "https://ntfy.sh"'], /receivers\.0\.url names no topic/],
      [['name: a, type: telegram, chat: "1"'], /receivers\.0\.token-env is missing/],
      [['name: a, type: telegram, token-env: T, chat: "a b"'], /receivers\.0\.chat is not a chat/],
      [[slack, slack], /line 3: receivers\.1\.name is taken/],
      [['name: b c, type: slack, url-env: S'], /receivers\.0\.name is not a valid name/],
      [
        [`${slack}, networks: nowhere`],
        /receivers\.0\.networks names "nowhere", which is not a network/,
      ],
      [[`${slack}, hosts: 192.0.2.0/33`], /receivers\.0\.hosts is not a host/],
      [[`${slack}, hosts: [192.0.2.256]`], /receivers\.0\.hosts.* is not a host/],
      [
        [`${slack}, severity: bad`],
        /receivers\.0\.severity is not valid: use info, notice or alarm/,
      ],
      [
        [`${slack}, quiet: { from: "25:00", to: "7:00" }`],
        /receivers\.0\.quiet.*is not a time of day/,
      ],
      [
        [`${slack}, quiet: { from: "24:00", to: "7:00" }`],
        /receivers\.0\.quiet.*is not a time of day/,
      ],
      [[`${slack}, time-zone: Mars`], /receivers\.0\.time-zone is not a time zone/],
      [[`${slack}, token-env: T`], /receivers\.0\.token-env is not a field here/],
    ] as const) {
      assert.throws(() => read(receivers(...items)), words, items.join());
    }
  });

  test('may be chosen by networks also with a field of their own', () => {
    const text = `webhook: { url: "https://hooks.example", networks: nowhere }\n${NETWORKS}`;
    assert.throws(() => read(text), /line 1: webhook\.networks names "nowhere"/);
  });
});

test('hosts with metrics of their own are named, and have a limit', () => {
  const metrics = (fields: string) => read(`host-metrics: { ${fields} }\n${NETWORKS}`).hostMetrics;
  assert.deepEqual(metrics('hosts: core-*'), { hosts: ['core-*'], tags: [], limit: 200 });
  assert.deepEqual(metrics('tags: [a, b], limit: 5'), { hosts: [], tags: ['a', 'b'], limit: 5 });
  assert.throws(() => metrics('limit: 5'), /host-metrics names no hosts: add hosts or tags/);
});
