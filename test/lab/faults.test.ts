/** What goes wrong below a sweep: links that come and go, tables and buffers that are too small, threads with nothing to do. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEngine } from '../../src/coordinator/engines.ts';
import { probeInOrder } from '../../src/coordinator/in-order.ts';
import { cutIntoBlocks } from '../../src/coordinator/plan.ts';
import { SO_RCVBUF, SO_RCVBUFFORCE, SOL_SOCKET } from '../../src/native/linux/constants.ts';
import { close, setsockopt } from '../../src/native/linux/libc.ts';
import { EchoRequestWriter } from '../../src/probe/echo-request.ts';
import { prepareSharedState, SharedState } from '../../src/probe/shared-state.ts';
import { TokenMaker } from '../../src/probe/token.ts';
import { STATUSES } from '../../src/results/outcome.ts';
import { resolveSettings } from '../../src/settings.ts';
import { LinuxClock } from '../../src/transport/linux/clock.ts';
import { LinuxIcmpSocket } from '../../src/transport/linux/linux-icmp-socket.ts';
import { openIcmpSocket } from '../../src/transport/linux/open-icmp-socket.ts';
import { monotonicNs } from '../../src/transport/monotonic-clock.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { unlessRealRoot } from './ordinary-user.ts';
import { freshFolder, startEchosweep } from './run.ts';
import { type HostRecord, type RunSummary, sweep } from './sweep-report.ts';
import { untilSent } from './wire.ts';

/** More than any buffer here has room for. */
const SENT = 1000;
/** Outside of what the lab routes: without its link nobody can be asked. */
const OWN = '198.18.0.1/16';

function run(command: string): void {
  const done = spawnSync('sh', ['-ec', command], { encoding: 'utf8' });
  assert.equal(done.status, 0, `${command}: ${done.stderr}`);
}

/** Lends a link of our own to the namespace lan, where what `answering` says is alive. */
async function withLink(answering: string, body: () => Promise<void>): Promise<void> {
  const inLan = 'nsenter --net=/run/netns/lan ip';
  run(`ip link add lab-flap type veth peer name flap netns lan
    ip addr add ${OWN} dev lab-flap; ip link set lab-flap up
    ${inLan} link set flap up; ${inLan} addr add 198.18.255.254/16 dev flap
    ${inLan} route add local ${answering} dev lo`);
  try {
    await body();
  } finally {
    run(`ip link del lab-flap; ${inLan} route del local ${answering} dev lo`);
  }
}

interface Records {
  readonly run: RunSummary;
  readonly hosts: readonly HostRecord[];
}

function recordsIn(report: string): Records {
  const records = readFileSync(report, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  return { run: records.at(-1), hosts: records.slice(1, -1) };
}

for (const options of ['', '--no-arp', '--engine dgram']) {
  labTest(
    `a link that goes down and comes back costs only those asked meanwhile ${options}`,
    async () => {
      await withLink('198.18.7.0/24', async () => {
        const folder = freshFolder();
        const report = join(folder, 'report.jsonl');
        const args = `198.18.7.0/24 --include-edges --rate 100 -r 0 -t 300 -q ${options}`
          .trim()
          .split(' ');
        const { finished } = startEchosweep([...args, '-o', report]);
        await untilSent(60, 'lab-flap');
        run('ip link set lab-flap down');
        await sleep(700);
        run('ip link set lab-flap up');
        const { code, stderr } = await finished;
        const { hosts } = recordsIn(report);
        assert.equal(hosts.length, 256);
        const count = (status: string): number =>
          hosts.filter((host) => host.status === status).length;
        if (options === '') {
          // ARP requests that were refused are sent again while their hosts are waited for.
          assert.deepEqual([code, count('up')], [0, 256], stderr);
          return;
        }
        assert.equal(code, 4, stderr);
        assert.match(stderr, /^echosweep: .*lab-flap.*: \d+ hosts could not be probed/m);
        assert.ok(count('error') > 20, `${count('error')} could not be probed`);
        assert.ok(count('up') > 100, `${count('up')} answered`);
        assert.ok(
          hosts.filter(({ status }) => status === 'error').every(({ errno }) => errno !== null),
        );
      });
    },
  );
}

labTest('a link that is down for a moment costs nobody where hosts are asked again', async () => {
  await withLink('198.18.7.0/24', async () => {
    const swept = sweep('--include-edges --rate 100 -r 9 -t 500', ['198.18.7.0/24']);
    await untilSent(100, 'lab-flap');
    run('ip link set lab-flap down');
    await sleep(250);
    run('ip link set lab-flap up');
    const { run: record } = await swept;
    assert.equal(record.statuses['up'], 256);
  });
});

labTest('a connected /16 with a neighbour table for 1,024 is searched whole', async () => {
  await withLink('198.18.99.0/29', async () => {
    const { hosts, run: record } = await sweep('--rate 20000 -r 1', ['198.18.0.0/16']);
    assert.equal(hosts.length, 65_534);
    const up = hosts.filter(({ status }) => status === 'up').map(({ address }) => address);
    const alive = Array.from({ length: 8 }, (_, i) => `198.18.99.${i}`);
    assert.deepEqual(up, ['198.18.0.1', ...alive, '198.18.255.254']);
    assert.deepEqual(Object.keys(record.reasons).sort(), ['arp-failed', 'echo-reply']);
    assert.deepEqual([record.failure, record.doubts], [null, []]);
  });
});

labTest(
  'a worker that is done gives its places among the neighbours to those that are not',
  async () => {
    const settings = resolveSettings({ targets: [], engine: 'dgram', retries: 0, timeoutMs: 300 });
    // Places for the one worker's hosts, and none besides until the kernel has given these up.
    const limits = { ratePps: 10_000, neighbourCap: 64, nowNs: monotonicNs() };
    const memory = prepareSharedState(limits);
    const shared = new SharedState(memory);
    const opened = await openEngine({ settings, families: [4], zones: [], workers: 2, links: [] });
    const engine = await opened.start(memory, shared);
    const patience = setTimeout(() => shared.stop(), 15_000);
    const absent = { family: 4, zone: '', first: 0x0a64_0600n, last: 0x0a64_067fn } as const;
    const [mine, yours] = [...cutIntoBlocks([absent], [absent], 64, () => 0)];
    const first = engine.probe(mine!);
    await sleep(100);
    // The first worker is busy, so that this is the other's.
    const found = await Promise.all([first, engine.probe(yours!)]);
    clearTimeout(patience);
    await engine.close();
    await opened.close();
    for (const results of found) {
      const statuses = [...(results?.status ?? [])].map((status) => STATUSES[status]);
      assert.deepEqual(statuses, new Array(64).fill('down'));
    }
  },
);

/** Descriptors of this process's sockets. */
function socketFds(): number[] {
  return readdirSync('/proc/self/fd')
    .map(Number)
    .filter((fd) => {
      try {
        return readlinkSync(`/proc/self/fd/${fd}`).startsWith('socket:');
      } catch {
        return false;
      }
    });
}

labTestUnless(
  unlessRealRoot('only root of the machine may force the size of a buffer'),
  'a receive buffer for a few packets costs time or a doubt, and never a host in silence',
  async () => {
    const settings = resolveSettings({
      targets: [],
      ratePps: Number.POSITIVE_INFINITY,
      engine: 'raw',
    });
    const limits = { ratePps: settings.ratePps, neighbourCap: 100, nowNs: monotonicNs() };
    const memory = prepareSharedState(limits);
    const shared = new SharedState(memory);
    const before = new Set(socketFds());
    const opened = await openEngine({ settings, families: [4], zones: [], workers: 1, links: [] });
    // The kernel makes it the least that it allows, 2,304 octets.
    for (const fd of socketFds().filter((one) => !before.has(one)))
      assert.equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, Uint8Array.of(1, 0, 0, 0), 4), 0);
    const engine = await opened.start(memory, shared);
    const first = 0x0a4f0000n;
    const range = { family: 4, zone: '', first, last: first + 8191n } as const;
    const statuses = new Map<string, number>();
    for await (const results of probeInOrder(
      cutIntoBlocks([range], [], 4096, () => 0),
      engine,
      assert.ifError,
    )) {
      for (const status of results.status) {
        const name = STATUSES[status]!;
        statuses.set(name, (statuses.get(name) ?? 0) + 1);
      }
    }
    await engine.close();
    await opened.close();
    const { dropped, doubtful } = shared.counts();
    assert.ok(dropped > 0, 'the buffer was never full');
    const down = statuses.get('down') ?? 0;
    assert.equal((statuses.get('up') ?? 0) + down, 8192);
    assert.ok(down <= doubtful, `${down} down, of which ${doubtful} are owned up to`);
    assert.ok(down < 400, `${down} of 8192 were not heard, however often they were asked`);
  },
);

for (const payloadBytes of [56, 8000, 60_000]) {
  labTest(
    `what a full receive buffer had no room for is counted at once, replies of ${payloadBytes} octets`,
    async () => {
      const options = { payloadBytes, dontFragment: false, longestTimeoutMs: 1000 };
      const handle = openIcmpSocket('raw', 4, options);
      // What a system grants by default to a program without CAP_NET_ADMIN.
      const usual = new Uint8Array(Uint32Array.of(212_992).buffer);
      assert.equal(setsockopt(handle.fd, SOL_SOCKET, SO_RCVBUF, usual, 4), 0);
      const socket = new LinuxIcmpSocket(handle, payloadBytes, new LinuxClock());
      try {
        const { tx } = socket;
        const writer = new EchoRequestWriter(4, socket.identifier, new TokenMaker(1, 2), tx);
        for (let sequence = 0; sequence < SENT; sequence++) {
          writer.write(0, sequence, 0, sequence);
          tx.addressView.setUint32(tx.addressOffset, 0x7f000001);
          assert.equal(socket.send(0, 1), 1);
        }
        let received = 0;
        for (let count = socket.receive(); count > 0; count = socket.receive()) received += count;
        assert.ok(received < SENT, 'the buffer was never full');
        assert.ok(socket.droppedPackets >= SENT - received, `${socket.droppedPackets} dropped`);
      } finally {
        assert.equal(close(handle.fd), 0);
      }
    },
  );
}
