/** The address of a DNS server, as people write it. */

import assert from 'node:assert/strict';
import { Resolver } from 'node:dns';
import { test } from 'node:test';
import { readDnsServer } from '../../../src/names/dns-server.ts';

test('an address is read with and without a port, in a form that Node takes', () => {
  for (const [written, server] of [
    ['192.0.2.53', '192.0.2.53:53'],
    ['192.0.2.53:5353', '192.0.2.53:5353'],
    ['127.0.0.53:65535', '127.0.0.53:65535'],
    ['2001:DB8::53', '[2001:db8::53]:53'],
    ['[2001:db8::53]', '[2001:db8::53]:53'],
    ['[2001:db8::53]:5353', '[2001:db8::53]:5353'],
  ] as const) {
    assert.equal(readDnsServer(written), server, written);
    new Resolver().setServers([server]);
  }
});

test('everything else is refused, also a link-local address, which Node would use without its interface', () => {
  for (const written of [
    ...['', ' ', 'dns.example', '192.0.2', '192.0.2.53:', '192.0.2.53:0', '192.0.2.53:65536'],
    ...['192.0.2.53:053', '192.0.2.53:5x', '192.0.2.53 ', '[192.0.2.53]:53', '192.0.2.53%eth0'],
    ...['192.0.2.1,192.0.2.2', '192.0.2.53#53', 'udp://192.0.2.53', '192.0.2.53\n', '[::1'],
    ...['0.0.0.0', '::', '224.0.0.251', 'ff02::fb', '255.255.255.255', 'fe80::1', '::1%lo'],
    ...['fe80::1%', 'fe80::1%a b', 'fe80::1%a%b', '0300.0.2.1', '0x7f.1'],
    ...['fe80::1%eth0', '[fe80::1%eth0]', '[fe80::1%2]:53'],
  ]) {
    assert.equal(readDnsServer(written), undefined, JSON.stringify(written));
  }
});
