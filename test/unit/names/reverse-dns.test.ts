/** Names of addresses: the hosts file first, reverse DNS bounded in number and time, and its answers made harmless. */

import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { parseHosts, readHostsFile, systemHostsPath } from '../../../src/names/hosts-file.ts';
import { ReverseLookup, reverseName } from '../../../src/names/reverse-dns.ts';

/** Lets every promise that is ready run on. */
const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A resolver that keeps every question until it is told the answer. */
class HeldResolver {
  readonly asked: string[] = [];
  inFlight = 0;
  mostInFlight = 0;
  readonly #answers = new Map<string, (names: string[]) => void>();

  readonly reverse = (address: string): Promise<string[]> => {
    this.asked.push(address);
    this.inFlight++;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    return new Promise((resolve) => {
      this.#answers.set(address, (names) => {
        this.inFlight--;
        resolve(names);
      });
    });
  };

  answer(address: string, names: string[]): void {
    this.#answers.get(address)!(names);
  }
}

/** Asks as `reverse` does, on a host whose hosts file is empty. */
const askedOf = (timeoutMs: number, reverse: (address: string) => Promise<string[]>) =>
  new ReverseLookup(timeoutMs, { reverse, hosts: new Map() });

const hosts = (count: number) =>
  Array.from({ length: count }, (_, i) => `10.0.${i >> 8}.${i & 255}`);

async function nameFor(names: string[]): Promise<string | undefined> {
  const lookup = askedOf(1000, async () => names);
  return (await lookup.namesOf(['10.0.0.1'])).names.get('10.0.0.1');
}

test('the name to look up is that of RFC 1035 section 3.5 and RFC 3596 section 2.5', () => {
  assert.equal(reverseName('10.2.0.52'), '52.0.2.10.in-addr.arpa');
  assert.equal(
    reverseName('4321:0:1:2:3:4:567:89ab'),
    'b.a.9.8.7.6.5.0.4.0.0.0.3.0.0.0.2.0.0.0.1.0.0.0.0.0.0.0.1.2.3.4.ip6.arpa',
  );
});

describe('what is asked', () => {
  test('every address is asked once, never more than 64 at a time', async () => {
    const resolver = new HeldResolver();
    const addresses = hosts(300);
    const found = askedOf(1000, resolver.reverse).namesOf(addresses);
    for (let next = 0; next < addresses.length; next++) {
      while (resolver.asked.length <= next) await turn();
      const address = resolver.asked[next]!;
      resolver.answer(address, [`host-${addresses.indexOf(address)}.example`]);
    }
    assert.deepEqual(new Set(resolver.asked), new Set(addresses));
    assert.equal(resolver.asked.length, 300);
    const { names, unanswered } = await found;
    assert.deepEqual(unanswered, []);
    assert.equal(resolver.mostInFlight, 64);
    assert.equal(names.size, 300);
    assert.equal(names.get('10.0.1.3'), 'host-259.example');
  });

  test('a link-local address is asked without its zone and named with it', async () => {
    const asked: string[] = [];
    const lookup = askedOf(1000, async (address) => {
      asked.push(address);
      return ['printer.example'];
    });
    const { names } = await lookup.namesOf(['fe80::1%eth0']);
    assert.deepEqual(asked, ['fe80::1']);
    assert.deepEqual([...names], [['fe80::1%eth0', 'printer.example']]);
  });

  test('no addresses: nobody is asked', async () => {
    const resolver = new HeldResolver();
    assert.equal((await askedOf(1000, resolver.reverse).namesOf([])).names.size, 0);
    assert.deepEqual(resolver.asked, []);
  });

  test('an address without a name does not keep others from theirs', async () => {
    const lookup = askedOf(1000, async (address) => {
      if (address === '10.0.0.0') throw Object.assign(new Error('no name'), { code: 'ENOTFOUND' });
      return ['named.example'];
    });
    const { names, unanswered } = await lookup.namesOf(hosts(2));
    assert.deepEqual([...names], [['10.0.0.1', 'named.example']]);
    assert.deepEqual(unanswered, [], '“no such name” is an answer too');
  });

  test('a resolver that throws at once is an address without a name', async () => {
    const lookup = askedOf(1000, () => {
      throw new Error('EINVAL');
    });
    assert.equal((await lookup.namesOf(hosts(1))).names.size, 0);
  });
});

describe('what the hosts file says', () => {
  const { names } = parseHosts(
    '\uFEFF# comment\r\n10.0.0.1 router.example router # gateway\r\n' +
      '10.0.0.1 other.example\nfe80::1%eth0 printer.example\n::0001 six\nnonsense\n10.0.0.2\n' +
      '10.0.0.3 <b>\u001b[31m\nfe80::2 scanner.example\n',
  );

  test('comes first, and DNS is not asked', async () => {
    const lookup = new ReverseLookup(1000, { hosts: names, reverse: () => assert.fail('asked') });
    const addresses = ['10.0.0.1', '10.0.0.3', '::1', 'fe80::1%eth0', 'fe80::2%eth1'];
    const { names: found } = await lookup.namesOf(addresses);
    assert.deepEqual(Object.fromEntries(found), {
      '10.0.0.1': 'router.example',
      '10.0.0.3': '<b>\\027[31m',
      '::1': 'six',
      'fe80::1%eth0': 'printer.example',
      'fe80::2%eth1': 'scanner.example',
    });
  });

  test('leaves the other addresses to DNS', async () => {
    const lookup = new ReverseLookup(1000, { hosts: names, reverse: async () => ['dns.example'] });
    const { names: found } = await lookup.namesOf(['10.0.0.1', '10.0.0.2']);
    assert.deepEqual([...found.values()], ['router.example', 'dns.example']);
  });

  test('is read from where the system keeps it, and may be absent', () => {
    assert.equal(systemHostsPath('linux'), '/etc/hosts');
    assert.match(
      systemHostsPath('win32', { SystemRoot: 'D:\\Win' }),
      /^D:\\Win.System32.drivers.etc.hosts$/,
    );
    assert.equal(readHostsFile('/nonexistent/hosts').names.size, 0);
  });

  test('knows the addresses of a name too, in any case', () => {
    const { addresses } = parseHosts('10.0.0.1 A.example\n::1 a.Example\n10.0.0.1 a.example\n');
    assert.deepEqual(addresses.get('a.example'), ['10.0.0.1', '::1']);
  });
});

describe('when it ends', () => {
  test('when no server has answered for the timeout', async () => {
    const resolver = new HeldResolver();
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const found = askedOf(1000, resolver.reverse).namesOf(hosts(100));
      mock.timers.tick(999);
      await turn();
      assert.equal(resolver.inFlight, 64);
      mock.timers.tick(1);
      assert.deepEqual(await found, { names: new Map(), unanswered: hosts(100) });
    } finally {
      mock.timers.reset();
    }
  });

  test('not while servers answer, however many addresses there are', async () => {
    const resolver = new HeldResolver();
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      const found = askedOf(1000, resolver.reverse).namesOf(hosts(100));
      mock.timers.tick(999);
      resolver.answer('10.0.0.4', ['first.example']);
      await turn();
      mock.timers.tick(1999);
      resolver.answer('10.0.0.6', ['second.example']);
      await turn();
      mock.timers.tick(2000);
      const { names, unanswered } = await found;
      assert.deepEqual([...names.values()], ['first.example', 'second.example']);
      assert.equal(unanswered.length, 98);
      const asked = resolver.asked.length;
      resolver.answer('10.0.0.8', ['late.example']);
      await turn();
      assert.equal(names.size, 2);
      assert.equal(resolver.asked.length, asked, 'there are no look-ups after the end');
    } finally {
      mock.timers.reset();
    }
  });

  test('with its signal', async () => {
    const resolver = new HeldResolver();
    const controller = new AbortController();
    const found = askedOf(60_000, resolver.reverse).namesOf(hosts(2), controller.signal);
    resolver.answer('10.0.0.1', ['named.example']);
    await turn();
    controller.abort();
    const { names, unanswered } = await found;
    assert.deepEqual([...names.keys()], ['10.0.0.1']);
    assert.deepEqual(unanswered, [], 'no server is to blame');
  });

  test('before it began, where the signal was there already', async () => {
    const resolver = new HeldResolver();
    const lookup = askedOf(60_000, resolver.reverse);
    const { names, unanswered } = await lookup.namesOf(hosts(3), AbortSignal.abort());
    assert.deepEqual([names.size, unanswered, resolver.asked], [0, [], []]);
  });

  test('when it is closed, also for calls under way', async () => {
    const lookup = askedOf(60_000, new HeldResolver().reverse);
    const found = lookup.namesOf(hosts(3));
    lookup.close();
    assert.equal((await found).names.size, 0);
    assert.equal((await lookup.namesOf(hosts(3))).names.size, 0);
  });
});

describe('servers that do not answer', () => {
  const silence = (code: string) => Promise.reject(Object.assign(new Error(code), { code }));
  const [silent, heard] = [hosts(512).slice(0, 256), hosts(512).slice(256)];

  test('cost the names of their own zone only', async () => {
    const asked: string[] = [];
    const lookup = askedOf(1000, (address) => {
      asked.push(address);
      return silent.includes(address)
        ? silence('ETIMEOUT')
        : Promise.resolve([`h${address}.example`]);
    });
    const { names, unanswered } = await lookup.namesOf([...silent, ...heard]);
    assert.deepEqual(new Set(names.keys()), new Set(heard));
    assert.deepEqual(unanswered, silent);
    const tries = asked.filter((address) => silent.includes(address)).length;
    assert.ok(tries < 64, `${tries} look-ups of a silent zone`);
  });

  test('are queried three times for a zone, if its addresses come one after the other', async () => {
    const zone = ['192.0.2.0', '192.0.2.1', '192.0.2.2', '192.0.2.3'];
    const asked: string[] = [];
    const lookup = askedOf(1000, (address) => {
      asked.push(address);
      return zone.includes(address) ? silence('ETIMEOUT') : Promise.resolve([]);
    });
    // Of 256 addresses, every fourth is looked up first, and each that follows it in a later turn.
    const { unanswered } = await lookup.namesOf([...zone, ...heard.slice(4)]);
    assert.deepEqual(
      asked.filter((address) => zone.includes(address)),
      zone.slice(0, 3),
    );
    assert.deepEqual(unanswered, zone);
  });

  test('do not cost the names of others in a zone that has answered', async () => {
    const lookup = askedOf(1000, async (address) =>
      Number(address.split('.')[3]) % 3 === 0 ? ['named.example'] : silence('ESERVFAIL'),
    );
    const { names, unanswered } = await lookup.namesOf(heard);
    assert.deepEqual([names.size, unanswered.length], [86, 170]);
  });

  test('of IPv6 zones, a /64 each', async () => {
    const zones = ['2001:db8::', '2001:db8:0:1::', 'fe80::'];
    const lookup = askedOf(1000, async (address) =>
      address.startsWith('2001:db8::') ? silence('ECONNREFUSED') : ['named.example'],
    );
    const addresses = zones.flatMap((zone) => [1, 2, 3, 4].map((host) => `${zone}${host}`));
    const { names, unanswered } = await lookup.namesOf(addresses);
    assert.deepEqual([...names.keys()], addresses.slice(4));
    assert.deepEqual(unanswered, addresses.slice(0, 4));
  });
});

describe('what a name may hold', () => {
  test('printable ASCII stays as it is', async () => {
    assert.equal(await nameFor(['web-1_a.example']), 'web-1_a.example');
  });

  test('blanks, controls and other octets become \\DDD', async () => {
    assert.equal(await nameFor(['a b\u001b[31m\u007f\n']), 'a\\032b\\027[31m\\127\\010');
    assert.equal(await nameFor(['bücher.example']), 'b\\195\\188cher.example');
  });

  test('of several names the first in sort order is taken', async () => {
    assert.equal(await nameFor(['b.example', 'a.example', 'c.example']), 'a.example');
  });

  test('names longer than 253 characters, and empty ones, are dropped', async () => {
    const longest = 'a'.repeat(253);
    assert.equal(await nameFor([longest]), longest);
    assert.equal(await nameFor([`${longest}a`]), undefined);
    assert.equal(await nameFor(['']), undefined);
    assert.equal(await nameFor([`${longest}a`, 'short.example']), 'short.example');
    assert.equal(await nameFor([]), undefined);
  });
});
