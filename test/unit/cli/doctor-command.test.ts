/** The doctor: what it says of each engine, and its exit code. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doctorCommand, reportEngines } from '../../../src/cli/doctor-command.ts';
import type { EngineTrial } from '../../../src/coordinator/engine-trials.ts';
import type { LinkSendingTrial } from '../../../src/coordinator/link-sending-trial.ts';
import type { LocalNetworkTrial } from '../../../src/coordinator/local-network-trial.ts';
import { fakeSurroundings, KeptStream } from './fakes.ts';

const REFUSED: EngineTrial = {
  engine: 'raw',
  works: false,
  detail: 'the system does not allow raw sockets',
  remedies: ['sudo setcap cap_net_raw+ep /usr/bin/node', 'AmbientCapabilities=CAP_NET_RAW'],
};
const WORKING: EngineTrial = {
  engine: 'system',
  works: true,
  detail: '127.0.0.1 answered in 0.041 ms',
  remedies: [],
};

const LINK_SENDING: readonly LinkSendingTrial[] = [
  { works: true, detail: "IPv4 to the gateway's MAC address on eth0, past routing and firewall" },
  { works: false, detail: 'IPv6 through the system: no gateway' },
];

async function doctor(trials: EngineTrial[], localNetwork?: LocalNetworkTrial) {
  const stdout = new KeptStream();
  const code = await reportEngines(fakeSurroundings({ stdout }), {
    tryEngines: async () => trials,
    tryOwnLinkSending: async () => LINK_SENDING,
    tryOwnLocalNetwork: async () => localNetwork,
  });
  return { code, lines: stdout.text.split('\n') };
}

test('each engine, what was seen, what would help, and what auto takes', async () => {
  const { code, lines } = await doctor([REFUSED, WORKING]);
  assert.deepEqual(lines.slice(2), [
    'raw         no     the system does not allow raw sockets',
    '                   sudo setcap cap_net_raw+ep /usr/bin/node',
    '                   AmbientCapabilities=CAP_NET_RAW',
    'system      works  127.0.0.1 answered in 0.041 ms',
    'auto takes  system',
    '',
  ]);
  assert.equal(code, 0);
});

test('local networks that the system keeps from us are named, with what a person can do', async () => {
  const hidden = { isKnown: true, works: false, detail: 'hidden', remedies: ['allow it'] };
  const untried = { isKnown: false, works: false, detail: 'no neighbour', remedies: [] };
  assert.deepEqual((await doctor([WORKING], hidden)).lines.slice(-4), [
    'auto takes  system',
    'neighbours  no     hidden',
    '                   allow it',
    '',
  ]);
  const { code, lines } = await doctor([WORKING], untried);
  assert.equal(lines.at(-2), 'neighbours  ?      no neighbour');
  assert.equal(code, 0);
});

test('where raw works, each way to send is named, and why a family cannot take it', async () => {
  const { code, lines } = await doctor([{ ...WORKING, engine: 'raw' }]);
  assert.deepEqual(lines.slice(3), [
    'auto takes  raw',
    '--send raw  works  through the system',
    "--send link works  IPv4 to the gateway's MAC address on eth0, past routing and firewall",
    '--send link no     IPv6 through the system: no gateway',
    '',
  ]);
  assert.equal(code, 0);
});

test('the versions that a report of a fault needs come first', async () => {
  const { lines } = await doctor([WORKING]);
  assert.equal(lines[0], `Node        ${process.version}`);
  assert.match(lines[1]!, /^system {6}\S+ \S+, \S+$/);
});

test('where no engine works the code is 4', async () => {
  const { code, lines } = await doctor([REFUSED]);
  assert.equal(code, 4);
  assert.ok(lines.includes('auto takes  none: no engine works here'));
});

test('its help is printed without trying anything', async () => {
  const stdout = new KeptStream();
  assert.equal(await doctorCommand.run(['--help'], fakeSurroundings({ stdout })), 0);
  assert.match(stdout.text, /^Usage: echosweep doctor \[options\]\n/);
  assert.doesNotMatch(stdout.text, /auto takes/);
});

test('it takes no targets', async () => {
  await assert.rejects(doctorCommand.run(['192.0.2.1'], fakeSurroundings()), {
    code: 'OPTION_INVALID',
    message: 'doctor takes no arguments: write echosweep doctor',
  });
});
