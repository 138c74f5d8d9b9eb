/** Settings of a sweep, made from what a program gives: defaults, options that belong together, and wrong types. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { longFlag } from '../../src/option-spec.ts';
import { OPTIONS } from '../../src/options.ts';
import { resolveSettings, type SweepOptions } from '../../src/settings.ts';
import { refusal } from './option-refusal.ts';

const settingsOf = (options: Omit<SweepOptions, 'targets'>) =>
  resolveSettings({ targets: '192.0.2.0/24', ...options });

/** As JavaScript would call it, or a command line: types are not looked at. */
const settingsOfAny = (options: Readonly<Record<string, unknown>>) =>
  settingsOf(options as Omit<SweepOptions, 'targets'>);

describe('settings', () => {
  test('without any option they are the defaults of the table', () => {
    const { seed, ...rest } = settingsOf({});
    assert.deepEqual(rest, {
      engine: 'auto',
      send: 'auto',
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

  test('hold what was given', () => {
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
