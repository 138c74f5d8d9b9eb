/** Files of configurations: the same in each format, and each problem with its line and field. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configOf } from './config-texts.ts';

describe('a configuration', () => {
  test('is the same in YAML, JSON and TOML', () => {
    const yaml = configOf('networks:\n  a:\n    targets: 192.0.2.1\n    schedule: "0 * * * *"\n');
    const json = '{"networks": {"a": {"targets": ["192.0.2.1"], "schedule": "0 * * * *"}}}';
    assert.deepEqual(configOf(json, 'c.json'), yaml);
    assert.deepEqual(
      configOf('[networks.a]\ntargets = "192.0.2.1"\nschedule = "0 * * * *"\n', 'c.toml'),
      yaml,
    );
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
      /line 4: networks\.a\.gone-after is too small: write 1 or more$/,
    ],
    [
      'too large',
      one('gone-after: 1001'),
      /line 4: networks\.a\.gone-after is too large: write 1000 at most$/,
    ],
    [
      'an empty list',
      'networks: { a: { targets: [] } }',
      /line 1: networks\.a\.targets is empty: name at least one$/,
    ],
    ['an empty text', `database: ""\n${one('site: x')}`, /database is empty: write some text$/],
    [
      'a cron expression without quotes',
      one('schedule: */5 * * * *'),
      /line 4: .*: put text that begins with \* in quotes$/,
    ],
    ['two documents', 'a: 1\n---\na: 1\n', /line 2: .*: leave one part between the lines of ---$/],
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
      /line 1: on-change\.only\.0 is not valid: use new, gone, .* or slower$/,
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
    [
      'a field of an entry in a list',
      `receivers:\n  - name: a\n    type: slack\n    url: none\n${one('site: x')}`,
      /^c\.yaml, line 4: receivers\.0\.url is not a web address: write/,
    ],
    [
      'the address of a server with a path',
      `web:\n  url: https://inventory.example/sub\n${one('site: x')}`,
      /^c\.yaml, line 2: web\.url is not the address of a web server: write one without a path, such as/,
    ],
    [
      'an entry of a list',
      `mail:\n  host: x\n  from: a@b.c\n  to:\n    - a@b.c\n    - d\n${one('site: x')}`,
      /^c\.yaml, line 6: mail\.to\.1 is not a mail address: write/,
    ],
    [
      'a block that lacks a field, where a list may be too',
      `webhook:\n  url: http://x\n  quiet:\n    from: "22:00"\n${one('site: x')}`,
      /^c\.yaml, line 3: webhook\.quiet\.to is missing: add it, text$/,
    ],
    [
      'a wrong entry of such a list',
      `webhook:\n  url: http://x\n  quiet:\n    - { from: "1:00", to: "2:00" }\n    - { from: "3:00", to: 4 }\n${one('site: x')}`,
      /^c\.yaml, line 5: webhook\.quiet\.1\.to has the wrong type: write text$/,
    ],
    [
      'neither a block nor a list',
      `webhook:\n  url: http://x\n  quiet: night\n${one('site: x')}`,
      /^c\.yaml, line 3: webhook\.quiet has the wrong type: write a block of fields or a list$/,
    ],
    [
      'neither text nor a list',
      `known-hosts: 5\n${one('exclude: 5')}`,
      /^c\.yaml, line 1: known-hosts has the wrong type: write text \(and 1 more\)$/,
    ],
    [
      'no text in a list of texts',
      one('exclude: [x, 5]'),
      /line 4: networks\.a\.exclude\.1 has the wrong type: write text$/,
    ],
    [
      'known hosts that an export would replace',
      `known-hosts: hosts.csv\nexport-files: [x.csv, ./hosts.csv]\n${one('site: x')}`,
      /^c\.yaml, line 2: export-files names the file of known-hosts: name another$/,
    ],
    [
      'a database that the metrics would replace',
      `metrics-file: echosweep.db\n${one('site: x')}`,
      /^c\.yaml, line 1: metrics-file names the file of database: name another$/,
    ],
    ['several things', one('schedul: x\n    tag: y'), /\(and 1 more\)$/],
    [
      'aliases of aliases',
      bomb(),
      /^c\.yaml: Excessive alias count.*: write without so many aliases$/,
    ],
  ];
  for (const [what, text, message] of cases) {
    test(what, () => {
      assert.throws(() => configOf(text), { code: 'CONFIG_INVALID', message });
    });
  }

  test('an unknown field is told those that there are, where they are few', () => {
    assert.throws(() => configOf(one('shedule: "0 * * * *"')), {
      message: /networks\.a\.shedule is not a field here: use targets, exclude, .*schedule, /,
    });
    assert.throws(() => configOf(one('sweep: { rat: 5 }')), {
      message: /networks\.a\.sweep\.rat is not a field here: see echosweep inventory schema/,
    });
  });

  test('broken JSON is not called YAML', () => {
    assert.throws(() => configOf('{"networks": {', 'c.json'), {
      message: /^c\.json, line 1: .*: correct the JSON$/,
    });
  });

  test('in TOML with the field, and the line where its grammar is broken', () => {
    assert.throws(() => configOf('[networks.a]\ntargets = "x"\nbogus = 1\n', 'c.toml'), {
      code: 'CONFIG_INVALID',
      message: /^c\.toml: networks\.a\.bogus is not a field here/,
    });
    assert.throws(() => configOf('x = 1\n[networks.a\n', 'c.toml'), {
      code: 'CONFIG_INVALID',
      message: /^c\.toml, line 2: .*: correct the TOML$/,
    });
  });
});
