/** What a person writes as a target: what it stands for, and how a wrong one is refused. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EchosweepError } from '../../../src/errors.ts';
import { parseTarget } from '../../../src/targets/target-spec.ts';
import { rangesOf, targetsOf } from './made-sets.ts';

describe('a target', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['192.0.2.5/24', ['192.0.2.1-192.0.2.254']],
    ['192.0.2.0/30', ['192.0.2.1-192.0.2.2']],
    ['192.0.2.0/31', ['192.0.2.0-192.0.2.1']],
    ['192.0.2.7/32', ['192.0.2.7']],
    ['192.0.2.1-192.0.2.99', ['192.0.2.1-192.0.2.99']],
    ['192.0.2.1-99', ['192.0.2.1-192.0.2.99']],
    ['2001:db8::/120', ['2001:db8::-2001:db8::ff']],
    ['2001:db8::1-2001:db8::f', ['2001:db8::1-2001:db8::f']],
    ['2001:db8::192.0.2.9/124', ['2001:db8::c000:200-2001:db8::c000:20f']],
    ['fe80::1%eth0', ['fe80::1%eth0']],
    ['fe80::%eth-0.5/126', ['fe80::-fe80::3%eth-0.5']],
    ['both.example', ['192.0.2.10', '2001:db8::10']],
    ['garbage.example', ['192.0.2.11']],
    ['255.0.0.0/28', ['255.0.0.1-255.0.0.14']],
    ['255.0.0.0/30', ['255.0.0.1-255.0.0.2']],
    ['255.0.0.0/31', ['255.0.0.0-255.0.0.1']],
    ['192.0.2.0/255.255.255.0', ['192.0.2.1-192.0.2.254']],
    ['192.0.2.7/255.255.255.255', ['192.0.2.7']],
    ['192.0.2.0/255.255.255.252', ['192.0.2.1-192.0.2.2']],
    ['192.0.2.0/255.255.255.254', ['192.0.2.0-192.0.2.1']],
    ['192.0.2.0/0.0.0.255', ['192.0.2.1-192.0.2.254']],
    ['192.0.2.*', ['192.0.2.0-192.0.2.255']],
    ['192.0.2.1,5,9', ['192.0.2.1', '192.0.2.5', '192.0.2.9']],
    ['192.0.2.1,192.0.2.5, 192.0.2.8/30', ['192.0.2.1', '192.0.2.5', '192.0.2.9-192.0.2.10']],
    ['10.0-1.0.3-5', ['10.0.0.3-10.0.0.5', '10.1.0.3-10.1.0.5']],
    ['10.0.0-3.*', ['10.0.0.0-10.0.3.255']],
    ['10.0.0.250-', ['10.0.0.250-10.0.0.255']],
    ['192.0.2.1 - 192.0.2.9', ['192.0.2.1-192.0.2.9']],
    ['192.0.2.1–9', ['192.0.2.1-192.0.2.9']],
    ['fe80::/126%eth0', ['fe80::-fe80::3%eth0']],
    ['fe80::1%enp0s31f6-the-one-on-the-left', ['fe80::1%enp0s31f6-the-one-on-the-left']],
    ['BOTH.example.', ['192.0.2.10', '2001:db8::10']],
    ['münchen.example', ['192.0.2.12']],
    ['MÜNCHEN.example', ['192.0.2.12']],
  ];
  for (const [text, expected] of cases) {
    test(`${text} is ${expected.join(' and ')}`, async () => {
      assert.deepEqual(await rangesOf([text]), expected);
    });
  }

  const wrong = [
    '10.0.0',
    '10.0.0.256',
    '1.2.3.4.5',
    '300',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/08',
    '10.0.0.0/-1',
    '/24',
    '10.0.0.9-3',
    '10.0.0.1-x',
    '10.0.0.1-300',
    '10.0.0.1-010',
    '10.0.0.1-2001:db8::1',
    '::ffff:10.0.0.1',
    'fe80::1',
    'ff02::1',
    '224.0.0.0/4',
    '0.0.0.0',
    'a..b',
    '-host',
    'ho st',
    ':::',
    '1::2::3',
    '10.0.0.1%eth0',
    'ho\u0007st',
    '',
  ];
  for (const text of wrong) {
    test(`${JSON.stringify(text)} is refused in one line that names the place`, async () => {
      await assert.rejects(targetsOf([text]), (error) => {
        assert.ok(error instanceof EchosweepError && error.code === 'TARGET_INVALID');
        assert.match(error.message, /^command line: "[^\n]*$/);
        return true;
      });
    });
  }

  const advised: readonly (readonly [string, RegExp])[] = [
    ['192.0.2.1:80', /has a port: give the host without the port: write 192\.0\.2\.1$/],
    ['web.example:443', /without the port: write web\.example$/],
    ['[2001:db8::1]:443', /without the port: write 2001:db8::1$/],
    ['[2001:db8::1]', /has brackets: write 2001:db8::1$/],
    ['https://me@web.example:8080/a?b', /is a URL: give the host alone: write web\.example$/],
    ['web.example/index.html', /has a path: give the host alone: write web\.example$/],
    ['me@web.example', /has a user name: give the host alone: write web\.example$/],
    ['00:00:5e:00:53:01', /is a MAC address: give the IP address/],
    ['00-00-5E-00-53-01', /is a MAC address/],
    ['10.0.0/24', /is not a subnet: write all four numbers .* such as 10\.0\.0\.0\/24$/],
    ['10/\u0000', /such as 10\.0\.0\.0$/],
    ['10/8', /such as 10\.0\.0\.0\/8$/],
    ['10.0.*.0/24', /mixes a pattern with a prefix length/],
    ['192.0.2.0/255.0.255.0', /has a netmask with gaps/],
    ['192.0.2.0/0.0.0.0', /write the prefix length, \/0 or \/32$/],
    ['2001:db8::/255.255.0.0', /needs a prefix length from 0 to 128 after the slash/],
    ['255.255.255.0', /is a netmask, not a host/],
    ['192.168.001.010', /has leading zeros.*write 192\.168\.1\.10 if you mean that$/],
    ['10.0.0.1-x', /is not a range: .* such as 10\.0\.0\.1-10\.0\.0\.99 or 10\.0\.0\.1-99$/],
    ['2001:db8::1-9', /is not a range: .* such as 2001:db8::1-2001:db8::99, both in full$/],
    ['10.0.0.1,300', /is not a pattern of addresses/],
    ['10.0.0.9-1,3', /has the range 9-1, which ends before it begins/],
    ['*.*.*.1', /is 16777216 separate runs of addresses/],
    ['1.2.3', /is not an address: write four numbers/],
    ['999.1.1.1', /is not an address/],
    ['0x7f.1', /is not an address/],
    ['0x7f000001', /is not an address/],
    ['１０.０.０.１', /is not an address/],
    ['router.10', /is not an address/],
    ['--rate', /is not a target/],
    ['what?', /is not a target/],
    ['a\u202eb.example', /is not a target/],
    [`${'a'.repeat(64)}.example`, /is too long for a host name/],
    [`${'abcdefg.'.repeat(32)}example`, /is too long for a host name/],
    ['example..', /is not a target/],
    ['.', /is not a target/],
    ['_._', /is not a target/],
    ['1.2.3.4.5', /is not an address/],
    ['😀.example', /is not a target/],
    ['a b.example', /is not a target/],
  ];
  for (const [text, message] of advised) {
    test(`${JSON.stringify(text)} is refused with advice, and nothing is looked up`, async () => {
      const resolve = (name: string) => assert.fail(`${name} was looked up`);
      await assert.rejects(targetsOf([text], { resolve }), { code: 'TARGET_INVALID', message });
    });
  }

  test('may be the plain name of a host', async () => {
    const asked: string[] = [];
    const resolve = async (name: string) => {
      asked.push(name);
      return ['192.0.2.1'];
    };
    const names = ['localhost', 'printer', 'Srv_01', 'a-b', '3com.example', 'x'];
    await targetsOf(names, { resolve });
    assert.deepEqual(asked, ['localhost', 'printer', 'srv_01', 'a-b', '3com.example', 'x']);
  });

  test('however long, is refused at once', () => {
    const startedAt = performance.now();
    for (const piece of ['-', '1.', ':', '%', '/', 'a', '0', '10.0.0.1-']) {
      assert.throws(() => parseTarget({ text: piece.repeat(20_000), where: 'x' }), EchosweepError);
    }
    assert.ok(performance.now() - startedAt < 2000);
  });
});
