/** The table of options, and the settings made from what a program asks for. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { COMMAND_OPTIONS } from '../../src/cli/command-options.ts';
import { EchosweepError } from '../../src/errors.ts';
import {
  defaultText,
  isOnByDefault,
  longFlag,
  offFlagOf,
  rangeText,
} from '../../src/option-spec.ts';
import { checkValue } from '../../src/option-value.ts';
import { ENGINES, OPTIONS } from '../../src/options.ts';
import { COLUMNS } from '../../src/report/columns.ts';
import { FORMATS } from '../../src/report/formats.ts';
import { STATUSES } from '../../src/results/outcome.ts';
import { resolveSettings, type SweepOptions } from '../../src/settings.ts';

const optionOf = (key: string) => COMMAND_OPTIONS.find((option) => option.key === key)!;
const settingsOf = (options: Omit<SweepOptions, 'targets'>) =>
  resolveSettings({ targets: '192.0.2.0/24', ...options });

/** As JavaScript would call it, or a command line: types are not looked at. */
const settingsOfAny = (options: Readonly<Record<string, unknown>>) =>
  settingsOf(options as Omit<SweepOptions, 'targets'>);

function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof EchosweepError, String(error));
    assert.equal(error.code, 'OPTION_INVALID');
    assert.doesNotMatch(error.message, /\n/, 'one line');
    return error.message;
  }
  return assert.fail('it was taken');
}

describe('the table', () => {
  test('no key and no flag is listed twice', () => {
    const keys = COMMAND_OPTIONS.map((option) => option.key);
    const flags = COMMAND_OPTIONS.flatMap(
      (option) =>
        `${option.flags} ${offFlagOf(option)?.flags ?? ''}`.match(/(?<!\S)-{1,2}[\w-]+/g)!,
    );
    assert.deepEqual(keys, [...new Set(keys)]);
    assert.deepEqual(flags, [...new Set(flags)]);
  });

  test('each option has a long flag and a sentence', () => {
    for (const option of COMMAND_OPTIONS) {
      assert.match(longFlag(option), /^--[a-z][a-z0-9-]+$/);
      assert.match(option.help, /^[A-Z].*\.$/, option.flags);
    }
  });

  test('a switch is on by default exactly if its flag turns it off', () => {
    for (const option of COMMAND_OPTIONS) {
      assert.equal(longFlag(option).startsWith('--no-'), isOnByDefault(option), option.flags);
    }
  });

  test('each option but a switch names its argument', () => {
    for (const option of COMMAND_OPTIONS) {
      assert.equal(/ <[a-z]+>$/.test(option.flags), option.kind !== 'switch', option.flags);
    }
  });

  test('every default is a value that the option itself would take', () => {
    for (const option of COMMAND_OPTIONS) {
      if (option.kind === 'switch' || option.default === undefined) continue;
      assert.equal(checkValue(option, String(option.default)), option.default, option.flags);
    }
  });

  test('its lists are those of the rooms that use them', () => {
    assert.equal(
      rangeText(optionOf('engine')),
      `auto, ${ENGINES.slice(0, -1).join(', ')} or system`,
    );
    assert.deepEqual(
      rangeText(optionOf('format')).split(/, | or /),
      FORMATS.map((format) => format.name),
    );
    assert.deepEqual(rangeText(optionOf('only')).split(/, | or /), [...STATUSES]);
    const columns = COLUMNS.map((column) => column.name);
    assert.deepEqual(checkValue(optionOf('columns'), columns.join()), columns);
  });

  test('what is left out is told in words', () => {
    assert.equal(defaultText(optionOf('timeoutMs')), '1000');
    assert.equal(defaultText(optionOf('workers')), 'as many as help');
    assert.equal(defaultText(optionOf('allowLarge')), '');
  });
});

describe('one value', () => {
  const taken: [string, unknown, unknown][] = [
    ['count', '1', 1],
    ['count', 1000, 1000],
    ['retries', '0', 0],
    ['timeoutMs', '0250.5', 250.5],
    ['timeoutMs', '600000', 600_000],
    ['backoff', '1', 1],
    ['ratePps', '0.1', 0.1],
    ['ratePps', 'max', Number.POSITIVE_INFINITY],
    ['ratePps', Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY],
    ['payloadBytes', '24', 24],
    ['payloadBytes', '65507', 65_507],
    ['tos', '0xB8', 184],
    ['tos', '184', 184],
    ['ttl', '255', 255],
    ['seed', '4294967295', 4_294_967_295],
    ['engine', 'raw-socket', 'raw-socket'],
    ['includeEdges', true, true],
    ['only', 'up, down', ['up', 'down']],
    ['only', ['up', 'error'], ['up', 'error']],
    ['exclude', 'a,b', ['a,b']],
    ['outputs', ['a.csv', '-'], ['a.csv', '-']],
    ['csvDecimal', ',', ','],
    ['tcp', '443, 22', [443, 22]],
    ['tcp', [1, 65_535], [1, 65_535]],
    ['tcp', 443, [443]],
  ];
  for (const [key, value, expected] of taken) {
    test(`${key} takes ${JSON.stringify(value)}`, () => {
      assert.deepEqual(checkValue(optionOf(key), value), expected);
    });
  }

  const refused: [string, unknown, string][] = [
    ['tcp', '22,0', '--tcp: "0" is not valid: use a whole number from 1 to 65535'],
    ['tcp', '22,', '--tcp: "" is not valid: use a whole number from 1 to 65535'],
    ['tcp', 'https', '--tcp: "https" is not valid: use a whole number from 1 to 65535'],
    ['tcp', [443, 65_536], '--tcp: 65536 is not valid: use a whole number from 1 to 65535'],
    ['tcp', [22.5], '--tcp: 22.5 is not valid: use a whole number from 1 to 65535'],
    ['tcp', false, '--tcp: false is not valid: use a whole number from 1 to 65535'],
    [
      'timeoutMs',
      'abc',
      '--timeout: "abc" is not valid: use a number of milliseconds from 1 to 600000',
    ],
    [
      'timeoutMs',
      '0.5',
      '--timeout: "0.5" is not valid: use a number of milliseconds from 1 to 600000',
    ],
    [
      'timeoutMs',
      600_001,
      '--timeout: 600001 is not valid: use a number of milliseconds from 1 to 600000',
    ],
    [
      'timeoutMs',
      Number.NaN,
      '--timeout: NaN is not valid: use a number of milliseconds from 1 to 600000',
    ],
    ['count', '0', '--count: "0" is not valid: use a whole number from 1 to 1000'],
    ['count', '1.5', '--count: "1.5" is not valid: use a whole number from 1 to 1000'],
    ['count', '', '--count: "" is not valid: use a whole number from 1 to 1000'],
    ['count', '-1', '--count: "-1" is not valid: use a whole number from 1 to 1000'],
    ['count', '1e2', '--count: "1e2" is not valid: use a whole number from 1 to 1000'],
    ['count', '0x10', '--count: "0x10" is not valid: use a whole number from 1 to 1000'],
    [
      'count',
      Number.POSITIVE_INFINITY,
      '--count: Infinity is not valid: use a whole number from 1 to 1000',
    ],
    ['retries', '1000', '--retries: "1000" is not valid: use a whole number from 0 to 999'],
    ['backoff', '0.9', '--backoff: "0.9" is not valid: use a number from 1 to 10'],
    [
      'periodMs',
      '3600001',
      '--period: "3600001" is not valid: use a number of milliseconds from 1 to 3600000',
    ],
    [
      'payloadBytes',
      '23',
      '--size: "23" is not valid: use a whole number of octets from 24 to 65507',
    ],
    [
      'payloadBytes',
      '65508',
      '--size: "65508" is not valid: use a whole number of octets from 24 to 65507',
    ],
    ['ttl', '0', '--ttl: "0" is not valid: use a whole number from 1 to 255'],
    ['tos', '0x100', '--tos: "0x100" is not valid: use a whole number from 0 to 255'],
    [
      'ratePps',
      '0',
      '--rate: "0" is not valid: use a number of probes a second from 0.1 to 10000000, or max',
    ],
    [
      'ratePps',
      'fast',
      '--rate: "fast" is not valid: use a number of probes a second from 0.1 to 10000000, or max',
    ],
    ['workers', '65', '--workers: "65" is not valid: use a whole number from 1 to 64'],
    [
      'seed',
      '4294967296',
      '--seed: "4294967296" is not valid: use a whole number from 0 to 4294967295',
    ],
    [
      'engine',
      'nmap',
      '--engine: "nmap" is not valid: use auto, raw, dgram, icmp, raw-socket or system',
    ],
    ['order', '', '--order: "" is not valid: use random or sequential'],
    ['only', 'up,dwon', '--only: "dwon" is not valid: use up, unreachable, down or error'],
    ['only', 'up,', '--only: "" is not valid: use up, unreachable, down or error'],
    ['interface', '', '--interface: "" is not valid: use a text of at least one character'],
    ['exclude', ['a', 5], '--exclude: 5 is not valid: use a text of at least one character'],
    ['includeEdges', 'yes', '--include-edges: "yes" is not valid: use true or false'],
    [
      'expectUp',
      '0',
      '--expect-up: "0" is not valid: use a whole number of hosts from 1 to 4294967296',
    ],
  ];
  for (const [key, value, message] of refused) {
    test(`${key} refuses ${JSON.stringify(value) ?? value}`, () => {
      assert.equal(
        refusal(() => checkValue(optionOf(key), value)),
        message,
      );
    });
  }

  test('every number is refused just outside its range, and taken at both ends', () => {
    for (const option of COMMAND_OPTIONS) {
      if (option.kind !== 'number') continue;
      const inItsForm = (value: number) => (option.isRepeatable ? [value] : value);
      assert.deepEqual(checkValue(option, option.from), inItsForm(option.from));
      assert.deepEqual(checkValue(option, String(option.to)), inItsForm(option.to));
      refusal(() => checkValue(option, option.from - 0.001));
      refusal(() => checkValue(option, option.to + 1));
    }
  });
});

describe('settings', () => {
  test('without any option they are the defaults of the table', () => {
    const { seed, ...rest } = settingsOf({});
    assert.deepEqual(rest, {
      engine: 'auto',
      send: 'raw',
      count: 1,
      retries: 2,
      timeoutMs: 1000,
      backoff: 1.5,
      periodMs: 1000,
      ratePps: 1000,
      payloadBytes: 56,
      dontFragment: false,
      arp: true,
      order: 'random',
      canary: 'gateway',
    });
    assert.ok(Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32);
  });

  test('a canary is an address of either family, with a zone where it has one, or nobody', () => {
    assert.deepEqual(settingsOf({ canary: '192.0.2.1' }).canary, {
      family: 4,
      value: 0xc0000201n,
      zone: '',
    });
    assert.deepEqual(settingsOf({ canary: 'fe80::1%eth0' }).canary, {
      family: 6,
      value: (0xfe80n << 112n) | 1n,
      zone: 'eth0',
    });
    assert.equal(settingsOf({ canary: false }).canary, undefined);
    assert.match(
      refusal(() => settingsOf({ canary: 'router.example' })),
      /^--canary: "router.example" is not valid: use an IPv4 or IPv6 address$/,
    );
    refusal(() => settingsOfAny({ canary: true }));
  });

  test('two sweeps without a seed do not go in the same order', () => {
    const seeds = new Set(Array.from({ length: 8 }, () => settingsOf({}).seed));
    assert.ok(seeds.size > 1);
  });

  test('what is asked for stands in them', () => {
    const asked = {
      engine: 'dgram',
      send: 'link',
      count: 1,
      retries: 4,
      timeoutMs: 250,
      backoff: 2,
      periodMs: 20,
      ratePps: Number.POSITIVE_INFINITY,
      arpRatePps: 5000,
      payloadBytes: 1472,
      ttl: 3,
      tos: 0xb8,
      dontFragment: true,
      interface: 'eth0',
      workers: 2,
      order: 'sequential',
      seed: 7,
    } as const;
    assert.deepEqual(settingsOf(asked), { ...asked, arp: true, canary: 'gateway' });
    const { arpRatePps: _, ...others } = asked;
    assert.equal(settingsOf({ ...others, arp: false }).arp, false);
    assert.ok(!('arpRatePps' in settingsOf(others)));
  });

  test('every option of the library is taken under its key in the table', () => {
    for (const option of OPTIONS) {
      const value = option.kind === 'switch' ? 'maybe' : {};
      assert.ok(refusal(() => settingsOfAny({ [option.key]: value })).startsWith(longFlag(option)));
    }
  });

  test('an unknown option is named, with those that there are', () => {
    const message = refusal(() => settingsOfAny({ timeout: 5 }));
    assert.match(message, /^unknown option "timeout": use .*timeoutMs/);
    refusal(() => settingsOfAny({ outputs: 'a.csv' }));
  });

  test('an option that is undefined is one that was not given', () => {
    assert.equal(settingsOf({ timeoutMs: undefined, ttl: undefined }).timeoutMs, 1000);
    assert.ok(!('ttl' in settingsOf({ ttl: undefined })));
  });
});

describe('options that belong together', () => {
  test('a count above 1 sends every probe and retries none', () => {
    assert.equal(settingsOf({ count: 5 }).retries, 0);
    assert.equal(settingsOf({ count: 5, retries: 0 }).retries, 0);
    assert.equal(settingsOf({ count: 1, retries: 5 }).retries, 5);
  });

  test('a count above 1 and retries exclude each other', () => {
    assert.match(
      refusal(() => settingsOf({ count: 5, retries: 2 })),
      /^--count 5 and --retries 2 exclude each other: leave --retries out, /,
    );
  });

  test('one family may be asked for, not both', () => {
    assert.equal(settingsOf({ ipv4: true }).family, 4);
    assert.equal(settingsOf({ ipv6: true, ipv4: false }).family, 6);
    assert.match(
      refusal(() => settingsOf({ ipv4: true, ipv6: true })),
      /^--ipv4 and --ipv6 exclude each other/,
    );
  });

  test('a rate of ARP requests needs requests of our own', () => {
    assert.match(
      refusal(() => settingsOf({ arpRatePps: 5000, arp: false })),
      /^--arp-rate and --no-arp exclude each other/,
    );
  });

  test('a source address is taken for its family, one for each', () => {
    const { source4, source6 } = settingsOf({ source: ['2001:db8::1', '192.0.2.1'] });
    assert.deepEqual([source4, source6], ['192.0.2.1', '2001:db8::1']);
    assert.equal(settingsOf({ source: '192.0.2.1' }).source4, '192.0.2.1');
    assert.equal(
      refusal(() => settingsOf({ source: 'eth0' })),
      '--source: "eth0" is not valid: use an IPv4 or IPv6 address of this host',
    );
    assert.equal(
      refusal(() => settingsOf({ source: ['192.0.2.1', '192.0.2.2'] })),
      '--source: 192.0.2.1 and 192.0.2.2 are both IPv4: give one address for each family',
    );
  });

  test('retries whose timeouts grow beyond a day are refused', () => {
    assert.match(
      refusal(() => settingsOf({ retries: 999 })),
      /^--timeout 1000, --backoff 1.5 and --retries 999 together .* lower one of them$/,
    );
    assert.equal(settingsOf({ retries: 999, backoff: 1 }).retries, 999);
    assert.equal(settingsOf({ count: 1000, timeoutMs: 600_000 }).count, 1000);
  });

  test('ports are tried once each, and no list or an empty one turns that off', () => {
    assert.deepEqual(settingsOf({ tcp: [443, 22, 443] }).tcpPorts, [443, 22]);
    assert.ok(!('tcpPorts' in settingsOf({})) && !('tcpPorts' in settingsOf({ tcp: [] })));
  });

  test('TCP connections cannot be bound to an interface', () => {
    assert.match(
      refusal(() => settingsOf({ tcp: 443, interface: 'eth0' })),
      /^--tcp and --interface exclude each other: .*--source/,
    );
    assert.equal(settingsOf({ tcp: 443, source: '192.0.2.1' }).source4, '192.0.2.1');
  });

  test('names have a limit of time where they are asked for', () => {
    assert.equal(settingsOf({}).rdnsTimeoutMs, undefined);
    assert.equal(settingsOf({ rdnsTimeoutMs: 5 }).rdnsTimeoutMs, undefined);
    assert.equal(settingsOf({ rdns: true }).rdnsTimeoutMs, 2000);
    assert.equal(settingsOf({ rdns: true, rdnsTimeoutMs: 5 }).rdnsTimeoutMs, 5);
    assert.match(
      refusal(() => settingsOf({ rdnsTimeoutMs: 0 })),
      /^--rdns-timeout: 0 is not/,
    );
  });
});

describe('wrong types, as JavaScript may give them', () => {
  const any = (options: unknown): string => refusal(() => resolveSettings(options as SweepOptions));

  test('an error names the option and what it takes', () => {
    assert.equal(
      any({ targets: 5 }),
      'targets: 5 is not valid: use a text such as 192.0.2.0/24, or an array of texts for targets',
    );
    assert.match(any({}), /^targets: undefined is not valid: /);
    assert.match(any({ targets: {} }), /^targets: an object is not valid: /);
    assert.match(any({ targets: ['192.0.2.1', null] }), /^targets\[1\]: null is not valid: /);
    assert.match(any({ targets: [], signal: 5 }), /^signal: 5 is not valid: use an AbortSignal$/);
    for (const options of [undefined, null, '192.0.2.1', ['192.0.2.1'], 5]) {
      assert.match(any(options), /^options: .* is not valid: use an object such as /);
    }
  });

  test('no option of the table takes an object, a function or a symbol', () => {
    const values = [{}, [{}], Object.create(null), () => {}, Symbol('x'), null];
    for (const option of OPTIONS) {
      for (const value of values) {
        const message = any({ targets: [], [option.key]: value });
        assert.ok(message.startsWith(`${longFlag(option)}: `), message);
      }
    }
    assert.match(
      any({ targets: [], exclude: {} }),
      /^--exclude: an object is not valid: use a text/,
    );
  });
});

test('a DNS server is an address, and everything else is refused by the name of the option', () => {
  assert.equal(settingsOf({ dnsServer: '[2001:db8::53]:5353' }).dnsServer, '[2001:db8::53]:5353');
  assert.equal(settingsOf({}).dnsServer, undefined);
  for (const value of ['dns.example', '192.0.2.53:0', '', 53, null, ['192.0.2.53'], true]) {
    assert.match(
      refusal(() => settingsOfAny({ dnsServer: value })),
      /^--dns-server: /,
    );
  }
});
