/** Whatever way targets are written: each is asked once, and what is left out is not asked at all. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after } from 'node:test';
import { LAB } from './address-plan.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { freshFolder } from './run.ts';
import { type SweepReport, sweep } from './sweep-report.ts';
import { countEchoes, type EchoCount } from './wire.ts';

const HOSTS_FILE = '/etc/hosts';
const HOSTS = `127.0.0.1 localhost
10.79.9.1 dual.lab
10.79.9.2 dual.lab
fd00:79::9 dual.lab
10.79.9.2 second.lab
`;

const noNames = useOwnHosts();

/** Lays a file of ours over the system's, in the lab's own mount namespace. @returns why that cannot be */
function useOwnHosts(): string | undefined {
  if (process.env['LAB_SKIP'] !== undefined) return undefined;
  if (!existsSync(HOSTS_FILE)) return `there is no ${HOSTS_FILE} here`;
  const own = join(freshFolder(), 'hosts');
  writeFileSync(own, HOSTS);
  const done = spawnSync('mount', ['--bind', own, HOSTS_FILE], { encoding: 'utf8' });
  if (done.status !== 0) return `${HOSTS_FILE} cannot be replaced: ${done.stderr.trim()}`;
  after(() => spawnSync('umount', [HOSTS_FILE]));
  return undefined;
}

/** The addresses of the report in its order, and what the kernel sent. */
async function asked(
  options: string,
  targets: readonly string[],
  stdin = '',
): Promise<{ report: SweepReport; addresses: readonly string[]; echoes: EchoCount }> {
  const { value, echoes } = await countEchoes(() =>
    sweep(`--no-canary --no-arp ${options}`, targets, { stdin }),
  );
  const addresses = value.hosts.map(({ address }) => address);
  assert.deepEqual([...value.rows.keys()], addresses);
  return { report: value, addresses, echoes };
}

function range4(prefix: string, first: number, last: number): string[] {
  return Array.from({ length: last - first + 1 }, (_, i) => `${prefix}${first + i}`);
}

labTest('subnets, ranges, addresses, files and standard input become one list', async () => {
  const folder = freshFolder();
  const [file, excluded] = [join(folder, 'hosts.txt'), join(folder, 'not.txt')];
  writeFileSync(file, '# the lab\n10.79.3.40-42, 10.79.3.41\n\nfd00:79::8/126  10.79.3.50\n');
  writeFileSync(excluded, '10.79.3.50 # not this one\n');
  const { addresses, echoes, report } = await asked(
    `-f ${file} -f - --exclude 10.79.3.4/30 --exclude 10.79.3.99 --exclude-file ${excluded}`,
    ['fe80::7%lab-lan', 'fd00:79::a', '10.79.3.0/28', '10.79.3.12', '10.79.3.9-10.79.3.20'],
    '10.79.3.15-18 10.79.3.98-100\n10.79.3.3\n',
  );
  assert.deepEqual(addresses, [
    ...range4('10.79.3.', 1, 3),
    ...range4('10.79.3.', 8, 20),
    ...range4('10.79.3.', 40, 42),
    '10.79.3.98',
    '10.79.3.100',
    'fd00:79::8',
    'fd00:79::9',
    'fd00:79::a',
    'fd00:79::b',
    'fe80::7%lab-lan',
  ]);
  assert.ok(report.hosts.every(({ status, sent }) => status === 'up' && sent === 1));
  assert.deepEqual(echoes, { v4: 21, v6: 5 });
});

labTest('network and broadcast address of a subnet are asked only when wanted', async () => {
  const plain = await asked('', ['10.79.3.16/29', '10.79.3.64/31', '10.79.3.70/32']);
  assert.deepEqual(plain.addresses, [
    ...range4('10.79.3.', 17, 22),
    '10.79.3.64',
    '10.79.3.65',
    '10.79.3.70',
  ]);
  const whole = await asked('--include-edges', ['10.79.3.16/29']);
  assert.deepEqual(whole.addresses, range4('10.79.3.', 16, 23));
});

labTest('one family of the targets may be asked alone', async () => {
  const targets = ['10.79.3.1', 'fd00:79::1', LAB.linkLocalLive6[1], '10.79.3.2'];
  const v4 = await asked('-4', targets);
  assert.deepEqual(v4.addresses, ['10.79.3.1', '10.79.3.2']);
  assert.deepEqual(v4.echoes, { v4: 2, v6: 0 });
  const v6 = await asked('-6', targets);
  assert.deepEqual(v6.addresses, ['fd00:79::1', LAB.linkLocalLive6[1]]);
  assert.deepEqual(v6.echoes, { v4: 0, v6: 2 });
});

labTestUnless(noNames, 'a name stands for all of its addresses, and in their rows', async () => {
  const { addresses, report } = await asked('', ['dual.lab', '10.79.9.3']);
  assert.deepEqual(addresses, ['10.79.9.1', '10.79.9.2', '10.79.9.3', 'fd00:79::9']);
  assert.deepEqual(
    report.hosts.map(({ hostname }) => hostname),
    ['dual.lab', 'dual.lab', null, 'dual.lab'],
  );
});

labTestUnless(noNames, 'a name may stand for its first address, or for one family', async () => {
  assert.equal((await asked('--first-address', ['dual.lab'])).addresses.length, 1);
  assert.deepEqual((await asked('-6', ['dual.lab'])).addresses, ['fd00:79::9']);
  assert.deepEqual((await asked('-4 --first-address', ['dual.lab'])).addresses, ['10.79.9.1']);
});

labTestUnless(noNames, 'names of one address, and its number, are asked once', async () => {
  const { addresses, echoes } = await asked('-4', ['dual.lab', 'second.lab', '10.79.9.0/30']);
  assert.deepEqual(addresses, ['10.79.9.1', '10.79.9.2']);
  assert.deepEqual(echoes, { v4: 2, v6: 0 });
});
