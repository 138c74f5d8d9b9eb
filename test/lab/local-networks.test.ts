/** `--local`: the networks of this host, in the lab and in a namespace with every kind of interface. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { rowsByAddress } from './csv.ts';
import { labTest } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { echosweep, type Finished, start } from './run.ts';
import { once } from './sweep-report.ts';

const PLACE = 'own-networks';

/** Two interfaces in one network, one that is wide, one that is down, a single address, and a tunnel if this kernel has one. */
const place = once(async () => {
  const made = spawnSync('sh', ['-e'], {
    input: `ip netns add ${PLACE}
      nsenter --net=/run/netns/${PLACE} sh -e <<'END'
        ip link set lo up
        ip addr add 198.19.0.1/24 dev lo
        for name in one two wide off single; do
          ip link add $name type veth peer name $name-end
          ip link set $name-end up
          test $name = off || ip link set $name up
        done
        ip addr add 198.18.1.1/24 dev one
        ip addr add 198.18.1.2/24 dev two
        ip addr add 198.18.9.1/29 dev two
        ip addr add 10.1.2.3/15 dev wide
        ip addr add 198.18.2.1/24 dev off
        ip addr add 198.18.3.1/32 dev single
        if ip tuntap add tunnel mode tun 2>/dev/null; then
          ip link set tunnel up
          ip addr add 198.18.4.1/24 dev tunnel
        fi
END`,
    encoding: 'utf8',
  });
  assert.equal(made.status, 0, made.stderr);
});

async function inPlace(...args: string[]): Promise<Finished> {
  await place();
  const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
  return start(['nsenter', `--net=/run/netns/${PLACE}`, LAB_NODE, main, ...args]).finished;
}

labTest('the networks are named once each, and what is none of them is not', async () => {
  const { code, stdout, stderr } = await inPlace('--local', '--dry-run');
  assert.equal(code, 0, stderr);
  assert.deepEqual(stderr.trimEnd().split('\n').sort(), [
    'local network 10.0.0.0/15 on wide: left out, because it is wider than a /16; --yes adds it',
    'local network 198.18.1.0/24 on one, two: 254 hosts',
    'local network 198.18.9.0/29 on two: 6 hosts',
  ]);
  assert.match(stdout, /^ranges +198\.18\.1\.1 - 198\.18\.1\.254 {2}\(254\)\n +198\.18\.9\.1 - /);
  assert.match(stdout, /^targets +260$/m);
});

labTest('they go together with targets, exclusions and --interface', async () => {
  const { stdout } = await inPlace(
    ...['--local', '192.0.2.1', '--exclude', '198.18.1.0/25', '-I', 'one', '--dry-run'],
  );
  assert.match(stdout, /^ranges +192\.0\.2\.1\n +198\.18\.1\.128 - 198\.18\.1\.254 {2}\(127\)$/m);
  assert.match(stdout, /^targets +128$/m);
});

labTest('a wide network is swept only with --yes', async () => {
  const refused = await inPlace('--local', '-I', 'wide', '--dry-run');
  assert.deepEqual(
    [refused.code, refused.stderr],
    [
      3,
      'echosweep: --local: local network 10.0.0.0/15 on wide is wider than a /16: add --yes if you mean that\n',
    ],
  );
  const meant = await inPlace('--local', '-I', 'wide', '--yes', '--dry-run');
  assert.equal(meant.code, 0, meant.stderr);
  assert.match(meant.stderr, /^local network 10\.0\.0\.0\/15 on wide: 131,070 hosts$/m);
});

labTest('without such a network the reason is given, and nothing is sent', async () => {
  for (const name of ['lo', 'off', 'single', 'nosuch']) {
    const { code, stderr } = await inPlace('--local', '-I', name, '--dry-run');
    assert.equal(code, 3, name);
    assert.match(stderr, new RegExp(`^echosweep: --local: ${name} has no address in a network `));
  }
  assert.match(
    (await inPlace('--local', '-6', '--dry-run')).stderr,
    /this host has no IPv6 address/,
  );
});

labTest('a sweep of the local network finds who is there, IPv6 too', async () => {
  const { code, stdout, stderr } = await echosweep([
    ...['--local', '-I', 'lab-lan', '--rate', '20000', '--only', 'up', '--format', 'csv'],
  ]);
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /^local network 10\.100\.0\.0\/21 on lab-lan: 2,046 hosts\nlocal network fd00:100::\/120 on lab-lan: 256 hosts\n/,
  );
  assert.deepEqual(
    [...rowsByAddress(stdout).keys()],
    [
      ...['10.100.0.1', '10.100.1.7', '10.100.3.77', '10.100.7.200'],
      ...['fd00:100::1', 'fd00:100::7', 'fd00:100::4d', 'fd00:100::c8'],
    ],
  );
});

labTest('with -q the networks are not named', async () => {
  const { stderr } = await inPlace('--local', '--dry-run', '-q');
  assert.equal(stderr, '');
});
