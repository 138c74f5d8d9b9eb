/** The selftest, in a network of its own that has a gateway. */

import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { labTest } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { freshFolder, start } from './run.ts';

const GATEWAY = '10.90.0.1';

/** Inside another network namespace, whose only neighbour is the gateway in a third one. */
const SCRIPT = `
set -e
ip link set lo up
ip link add near type veth peer name far
unshare --net sleep 120 &
gateway=$!
trap 'kill $gateway' EXIT
until [ "$(readlink /proc/$gateway/ns/net)" != "$(readlink /proc/$$/ns/net)" ]; do :; done
ip link set far netns $gateway
nsenter --target $gateway --net sh -c 'ip link set far up; ip addr add ${GATEWAY}/24 dev far'
ip link set near up
ip addr add 10.90.0.2/24 dev near
ip route add default via ${GATEWAY}
"$@"
`;

/** A ping that shows no times, as that of Windows shows none below a millisecond. */
const PING = `#!/bin/sh
PATH="$REAL_PATH" ping "$@" | sed 's/ time=.*//'
`;

labTest(
  'the selftest tries every engine on loopback and gateway, and shows no address',
  async () => {
    const selftest = [LAB_NODE, `${LAB_PACKAGE}/scripts/selftest.mjs`];
    const command = ['unshare', '--net', 'sh', '-c', SCRIPT, 'sh', ...selftest];
    const folder = freshFolder();
    writeFileSync(join(folder, 'ping'), PING);
    chmodSync(join(folder, 'ping'), 0o755);
    const path = process.env['PATH']!;
    const env = { REAL_PATH: path, PATH: `${folder}${delimiter}${path}` };
    const { code, stdout, stderr } = await start(command, { deadlineMs: 220_000, env }).finished;
    assert.equal(code, 0, `${stdout}${stderr}`);
    for (const engine of ['raw', 'system']) {
      assert.match(stdout, new RegExp(`^ok {7}${engine}: loopback +up echo-reply, `, 'm'));
      assert.match(stdout, new RegExp(`^ok {7}${engine}: gateway, IPv4 +up echo-reply, `, 'm'));
    }
    assert.match(stdout, /^ok {7}engines agree on the IPv4 gateway +up /m);
    assert.match(stdout, /^\d+ checks, 0 failed$/m);
    assert.ok(!stdout.includes(GATEWAY), stdout);
  },
);
