/** The configuration that `inventory init` writes, from the interfaces of this host. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configText } from '../../../../src/cli/inventory/init.ts';
import { configOf } from '../../inventory/config/config-texts.ts';

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

  test('is valid, and names the networks that this host is connected to', () => {
    const text = configText({
      ...address('lo', '127.0.0.1/8', true),
      ...address('eth0.7', '192.0.2.77/24'),
      ...address('big', '10.1.2.3/8'),
    });
    const { networks } = configOf(text);
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
    assert.equal(configOf(uncommented).networks.length, 2);
  });

  test('is one to try out where there is no network', () => {
    assert.deepEqual(configOf(configText({})).networks[0]!.targets.include, [
      { text: '127.0.0.0/28', where: 'networks.loopback.targets' },
    ]);
    assert.equal(configOf(configText(address('big', '10.1.2.3/8'))).networks.length, 1);
  });
});
