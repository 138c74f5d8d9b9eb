/** The targets of a call of fping: their order, their names, and what is said about those without an address. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { parseArguments } from '../../../../src/cli/fping/arguments.ts';
import { FpingEnded } from '../../../../src/cli/fping/ended.ts';
import { ProbedHosts } from '../../../../src/cli/fping/probed-hosts.ts';
import { type FpingResolvers, readTargets } from '../../../../src/cli/fping/targets.ts';

const ADDRESSES: Readonly<Record<string, readonly string[]>> = {
  'both.example': ['2001:db8::5', '192.0.2.5'],
  'one.example': ['192.0.2.1'],
};

const RESOLVERS: FpingResolvers = {
  addressesOf: (name) => {
    const code = name === 'slow.example' ? 'EAI_AGAIN' : 'ENOTFOUND';
    const found = ADDRESSES[name];
    return found === undefined
      ? Promise.reject(Object.assign(new Error(code), { code }))
      : Promise.resolve(found);
  },
  namesOf: async (addresses) =>
    new Map(addresses.filter((each) => each === '192.0.2.1').map((each) => [each, 'ptr.example'])),
  zoneIndex: async (zone) => (zone === 'eth0' ? 2 : undefined),
};

function read(line: string, stdin = '') {
  const args = line.split(' ').filter((word) => word !== '');
  return readTargets(parseArguments(args), Readable.from([Buffer.from(stdin)]), RESOLVERS);
}

async function shownOf(line: string, stdin?: string): Promise<string[]> {
  return (await read(line, stdin)).targets.map(({ shown }) => shown);
}

async function endOf(line: string): Promise<string> {
  try {
    await read(line);
  } catch (error) {
    if (error instanceof FpingEnded) return error.text;
    throw error;
  }
  return assert.fail(`${line} was accepted`);
}

describe('the targets of fping', () => {
  test('keep their order, even if they are given twice', async () => {
    const line = '192.0.2.9 one.example 192.0.2.1 192.0.2.9';
    assert.deepEqual(await shownOf(line), line.split(' '));
  });

  test('are the first words of the lines of a list', async () => {
    assert.deepEqual(await shownOf('', '192.0.2.1\n#192.0.2.2\n\n  192.0.2.3 x\r\n192.0.2.4'), [
      '192.0.2.1',
      '192.0.2.3',
      '192.0.2.4',
    ]);
  });

  test('end at a NUL, beyond which the resolver would read no further', async () => {
    assert.deepEqual(
      await shownOf('', '192.0.2.1\0x\none.example\0.org x\n\x0192.0.2.3\n192.0.2.4'),
      ['192.0.2.1', 'one.example', '192.0.2.4'],
    );
  });

  test('of a name are its first address, or all of them', async () => {
    assert.deepEqual(await shownOf('-A both.example'), ['2001:db8::5']);
    assert.deepEqual(await shownOf('-A -m both.example'), ['2001:db8::5', '192.0.2.5']);
    assert.deepEqual(await shownOf('-A -4 both.example'), ['192.0.2.5']);
  });

  test('go by the names that reverse DNS has', async () => {
    const line = '192.0.2.1 192.0.2.2 one.example both.example';
    assert.deepEqual(await shownOf(`-n ${line}`), [
      'ptr.example',
      '192.0.2.2',
      'one.example',
      'both.example',
    ]);
    assert.deepEqual(await shownOf(`-d ${line}`), [
      'ptr.example',
      '192.0.2.2',
      'ptr.example',
      '2001:db8::5',
    ]);
    assert.deepEqual(await shownOf('-d -A one.example'), ['ptr.example (192.0.2.1)']);
  });

  test('without an address are named in the words of the resolver', async () => {
    const { targets, complaints } = await read(
      '-4 no.example slow.example 2001:db8::1 one.example',
    );
    assert.deepEqual(complaints, [
      'no.example: Name or service not known\n',
      'slow.example: Temporary failure in name resolution\n',
      '2001:db8::1: Address family for hostname not supported\n',
    ]);
    assert.equal(targets.length, 1);
    assert.deepEqual((await read('-6 one.example')).complaints, [
      'one.example: No address associated with hostname\n',
    ]);
  });

  test('whose zone no interface has cost no other target', async () => {
    const { targets, complaints } = await read('fe80::7%nosuch fe80::7%eth0 192.0.2.1');
    assert.deepEqual(complaints, ['fe80::7%nosuch: Name or service not known\n']);
    assert.deepEqual(
      targets.map(({ shown }) => shown),
      ['fe80::7%eth0', '192.0.2.1'],
    );
  });

  test('without a name are looked up nowhere', async () => {
    const { complaints } = await readTargets(parseArguments(['']), Readable.from([]), RESOLVERS);
    assert.deepEqual(complaints, [': Name or service not known\n']);
  });

  test('cannot change the terminal by their names', async () => {
    const { complaints } = await read('no\u001b[31m.example');
    assert.deepEqual(complaints, ['no\uFFFD[31m.example: Name or service not known\n']);
  });

  test('are the hosts of a subnet, or both addresses of a /31', async () => {
    assert.deepEqual(await shownOf('-g 192.0.2.77/30'), ['192.0.2.77', '192.0.2.78']);
    assert.deepEqual(await shownOf('-g 192.0.2.76/31'), ['192.0.2.76', '192.0.2.77']);
    assert.deepEqual(await shownOf('-g 255.255.255.255/32'), ['255.255.255.255']);
    assert.equal((await shownOf('-g 192.0.2.0/23')).length, 510);
  });

  test('have their addresses in the short forms of inet_aton too', async () => {
    assert.deepEqual(await shownOf('-g 10.79.1/30'), ['10.79.0.1', '10.79.0.2']);
    assert.deepEqual(await shownOf('-g 10.79.0xff 10.79.256'), ['10.79.0.255', '10.79.1.0']);
    assert.deepEqual(await shownOf('-A 127.1 0x7f.010'), ['127.0.0.1', '127.0.0.8']);
    assert.deepEqual(await shownOf('-n 192.0.513'), ['ptr.example']);
    const { complaints } = await read('-6 127.1');
    assert.deepEqual(complaints, ['127.1: Address family for hostname not supported\n']);
  });

  test('are a range with both ends', async () => {
    assert.deepEqual(await shownOf('-g 192.0.2.255 192.0.3.1'), [
      '192.0.2.255',
      '192.0.3.0',
      '192.0.3.1',
    ]);
    assert.deepEqual(await shownOf('-g 192.0.2.2 192.0.2.1'), []);
  });

  test('are refused in the words of fping', async () => {
    const unknown = 'Name or service not known\n';
    assert.equal(await endOf('-g x/24'), `fping, can't parse address x: ${unknown}`);
    assert.equal(await endOf('-g 192.0.2.1 x'), `fping: can't parse address x: ${unknown}`);
    assert.equal(
      await endOf('-g 192.0.2.0/0'),
      'fping: netmask must be between 1 and 32 (is: 0)\n',
    );
    assert.equal(await endOf('-g 2001:db8::/120'), 'fping: -g works only with IPv4 addresses\n');
    assert.equal(
      await endOf('-g 10.0.0.0 11.0.0.0'),
      'fping: -g parameter generates too many addresses\n',
    );
    assert.match(await endOf('-g 10.0.0.0/8'), /^fping: more than 1048576 targets; use echosweep/);
    assert.match(await endOf('-g 192.0.2.0'), /^Usage: fping/);
    assert.equal(await endOf('-f /nonexistent/list'), 'fping: fopen : No such file or directory\n');
  });
});

describe('the addresses that are probed', () => {
  test('are in address order, each once, with their rank among the targets', async () => {
    const { targets } = await read('192.0.2.9 2001:db8::1 192.0.2.1 192.0.2.9');
    const probed = new ProbedHosts(targets, 1);
    assert.equal(probed.targetSet.count, 3);
    assert.deepEqual(
      probed.byNumber.map((hosts) => hosts.map(({ name }) => name)),
      [['192.0.2.1'], ['192.0.2.9', '192.0.2.9'], ['2001:db8::1']],
    );
    assert.deepEqual([...probed.ranks], [2, 0, 1]);
  });

  test('are not those of many hosts, and not link-local ones without an interface', async () => {
    const { targets } = await read('224.0.0.1 fe80::1 fe80::1%eth0 0.0.0.0 192.0.2.1');
    const probed = new ProbedHosts(targets, 1);
    assert.deepEqual(
      probed.unprobed().map(({ shown }) => shown),
      ['224.0.0.1', 'fe80::1', '0.0.0.0'],
    );
    assert.equal(probed.targetSet.count, 2);
  });
});
