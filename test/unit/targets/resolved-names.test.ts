/** Names among the targets: how they are resolved, and what becomes of those that resolve to nothing or to several. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { excluding, rangesOf, targetsOf } from './made-sets.ts';

describe('a set', () => {
  test('knows the names that were asked for, and those that did not resolve', async () => {
    const { hostnames, unresolved, count } = await targetsOf([
      'both.example',
      'none.example',
      '192.0.2.10',
    ]);
    assert.deepEqual(
      [...hostnames],
      [
        ['192.0.2.10', 'both.example'],
        ['2001:db8::10', 'both.example'],
      ],
    );
    assert.deepEqual(unresolved, [
      { name: 'none.example', where: 'command line', reason: 'does not resolve: not found' },
    ]);
    assert.equal(count, 2);
    assert.deepEqual(await rangesOf(['both.example'], { firstAddressOnly: true }), ['192.0.2.10']);
  });

  test('waits for no name once the sweep is stopped, and has those that resolved before', async () => {
    const stopper = new AbortController();
    const { signal } = stopper;
    const resolve = async (name: string): Promise<string[]> => {
      if (name === 'fast.example') return ['192.0.2.10'];
      setImmediate(() => stopper.abort());
      return new Promise(() => {});
    };
    const names = ['fast.example', 'slow.example'];
    const { ranges, unresolved } = await targetsOf(names, { resolve, signal });
    assert.equal(ranges.length, 1);
    assert.deepEqual(unresolved, [
      {
        name: 'slow.example',
        where: 'command line',
        reason: 'does not resolve: the sweep was stopped',
        isStopped: true,
      },
    ]);
    const asked = targetsOf(['192.0.2.0/24'], { ...excluding('slow.example'), resolve, signal });
    await assert.rejects(asked, { code: 'TARGET_INVALID', message: /the sweep was stopped/ });
  });

  test('is not made if a name to exclude does not resolve, and says how many do not', async () => {
    const asking = targetsOf(['192.0.2.0/24'], excluding('none.example', 'never.example'));
    await assert.rejects(asking, {
      code: 'TARGET_INVALID',
      message:
        /^--exclude: "none\.example" cannot be excluded, since it does not resolve.* \(and 1 more like it\)/,
    });
  });

  test('is not made if a name to exclude is blocked or has no address', async () => {
    for (const [addresses, why] of [
      [['0.0.0.0', '::'], 'resolves to 0.0.0.0, ::, which cannot be probed: no host can have it'],
      [[], 'has no address'],
    ] as const) {
      const request = { ...excluding('printer.example'), resolve: async () => addresses };
      await assert.rejects(targetsOf(['192.0.2.0/24'], request), {
        message: `--exclude: "printer.example" cannot be excluded, since it ${why}: exclude its address`,
      });
    }
  });

  test('spares every address of a name, as it does those that are written', async () => {
    const sparing = (...addresses: string[]) => ({
      ...excluding('printer.example'),
      resolve: async () => addresses,
    });
    assert.deepEqual(await rangesOf(['fe80::1-fe80::3%eth0'], sparing('fe80::2')), [
      'fe80::1%eth0',
      'fe80::3%eth0',
    ]);
    assert.deepEqual(await rangesOf(['192.0.2.1-3'], sparing('0.0.0.0', '::ffff:192.0.2.2')), [
      '192.0.2.1',
      '192.0.2.3',
    ]);
  });

  test('keeps names with all that was asked for, in order, for an address that has several', async () => {
    const resolve = async () => ['192.0.2.10'];
    const names = ['www2.example', 'www1.example', 'WWW2.example', 'münchen.example'];
    const { hostnames, count } = await targetsOf(names, { resolve });
    assert.equal(count, 1);
    assert.equal(hostnames.get('192.0.2.10'), 'www2.example www1.example münchen.example');
  });

  const useless: readonly (readonly [readonly string[], string])[] = [
    [['0.0.0.0', '::'], 'resolves to 0.0.0.0, ::, which cannot be probed: no host can have it'],
    [
      ['224.0.0.1'],
      'resolves to 224.0.0.1, which cannot be probed: multicast goes to many hosts at once',
    ],
    [
      ['fe80::1'],
      'resolves to fe80::1, which cannot be probed: it is link-local and does not name an interface',
    ],
    [
      ['::ffff:10.0.0.1'],
      'resolves to ::ffff:10.0.0.1, which cannot be probed: it is an IPv4 address written as IPv6',
    ],
    [[], 'has no address'],
  ];
  for (const [addresses, reason] of useless) {
    test(`keeps a name that ${reason.split(':')[0]}, with the reason`, async () => {
      const resolve = async () => addresses;
      const { unresolved, count } = await targetsOf(['blocked.example', '192.0.2.1'], { resolve });
      assert.deepEqual(unresolved, [{ name: 'blocked.example', where: 'command line', reason }]);
      assert.equal(count, 1);
    });
  }

  test('notes which addresses of a swept name cannot be probed', async () => {
    const resolve = async () => ['0.0.0.0', '192.0.2.10', 'fe80::1'];
    const { notes, unresolved, count } = await targetsOf(['web.example'], { resolve });
    assert.deepEqual([count, unresolved], [1, []]);
    assert.deepEqual(notes, [
      'web.example also resolves to 0.0.0.0, fe80::1, which cannot be probed: no host can have it',
    ]);
    const many = Array.from({ length: 1000 }, (_, i) => `n${i}.example`);
    assert.equal((await targetsOf(many, { resolve })).notes.at(-1), 'and 990 more names like it');
    const eleven = await targetsOf(many.slice(0, 11), { resolve });
    assert.equal(eleven.notes.length, 11);
    assert.equal(eleven.notes.at(-1), 'and 1 more name like it');
  });

  test('notes that a name may have addresses of a family whose look-up failed', async () => {
    const error = Object.assign(new Error(), { code: 'ESERVFAIL' });
    const resolve = async () => ({ addresses: ['192.0.2.10'], failed: 6, error }) as const;
    const failed = 'the DNS server failed (ESERVFAIL)';
    const { notes, count } = await targetsOf(['web.example'], { resolve });
    assert.deepEqual([count, notes], [1, [`web.example may also have IPv6 addresses: ${failed}`]]);
    assert.deepEqual((await targetsOf(['web.example'], { resolve, family: 4 })).notes, []);
    const { unresolved } = await targetsOf(['web.example'], { resolve, family: 6 });
    assert.equal(unresolved[0]!.reason, `does not resolve now: ${failed}`);
  });

  test('tells a name that does not exist from a resolver that does not say', async () => {
    const reasonFor = async (code: string) => {
      const error = Object.assign(new Error(`queryA ${code} a.example`), { code });
      const resolve = () => Promise.reject(error);
      return (await targetsOf(['a.example'], { resolve })).unresolved[0]!.reason;
    };
    assert.equal(await reasonFor('ENOTFOUND'), 'does not resolve');
    const now = 'does not resolve now: ';
    assert.equal(await reasonFor('EAI_AGAIN'), `${now}the resolver did not reply (EAI_AGAIN)`);
    assert.equal(await reasonFor('ESERVFAIL'), `${now}the DNS server failed (ESERVFAIL)`);
    assert.equal(await reasonFor('EREFUSED'), `${now}the DNS server refused to answer (EREFUSED)`);
    assert.match(await reasonFor('ECONNREFUSED'), /now: there is no DNS server at that address/);
    assert.equal(await reasonFor('EBADRESP'), 'does not resolve: queryA EBADRESP a.example');
  });

  test('asks for each name once, and for 32 at most at a time', async () => {
    const asked: string[] = [];
    let now = 0;
    let most = 0;
    const resolve = async (name: string): Promise<string[]> => {
      asked.push(name);
      most = Math.max(most, ++now);
      await new Promise((next) => setImmediate(next));
      now--;
      return ['192.0.2.1'];
    };
    const names = Array.from({ length: 100 }, (_, i) => `host-${i}.example`);
    await targetsOf([...names, ...names], { resolve });
    assert.deepEqual(asked, names);
    assert.equal(most, 32);
  });
});
