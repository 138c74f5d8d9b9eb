/** `--tcp`: hosts behind a router that answer no pings, and what TCP connections find out about them. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { pretendedMac } from '../darwin/pretended-mac.ts';
import { assertSoon } from '../machine-speed.ts';
import { LAB } from './address-plan.ts';
import { rowsByAddress } from './csv.ts';
import { WHO } from './engine-runs.ts';
import {
  assertOutcomes,
  type Expected,
  refusedBy,
  SILENT,
  UP,
  without,
} from './expected-outcomes.ts';
import { labTest } from './lab-test.ts';
import { freshFolder, start, startEchosweep, until } from './run.ts';
import { hostIn, silentPattern, sweep } from './sweep-report.ts';
import { untilSent } from './wire.ts';

const OPEN = without('up', 'tcp-open');
const REFUSED = without('up', 'tcp-refused');
/** Parts of the lab's live ranges whose pings the router drops here. */
const QUIET4 = '10.79.20.0/24';
const QUIET6 = 'fd00:79::2000/120';
const PORT = { listening: 443, closed: 22 } as const;
/** By place in both ranges: what the router does with TCP to the host. */
const HOST = {
  untouched: 1,
  onlyClosed: 2,
  dropped: 3,
  portUnreachable: 4,
  prohibited: 5,
  resetByRouter: 6,
} as const;

function rulesOf(family: 'ip' | 'ip6', range: string): string[] {
  const to = (place: number): string => `${family} daddr ${hostIn(range, place)} tcp dport`;
  const all = '1-65535';
  return [
    `${family} daddr ${range} meta l4proto { icmp, icmpv6 } drop`,
    `${to(HOST.onlyClosed)} ${PORT.listening} drop`,
    `${to(HOST.dropped)} ${all} drop`,
    `${to(HOST.portUnreachable)} ${all} reject`,
    `${to(HOST.prohibited)} ${all} reject with icmpx type admin-prohibited`,
    `${to(HOST.resetByRouter)} ${all} reject with tcp reset`,
  ];
}

const RULES = `table inet tcp_test {
  chain forward {
    type filter hook forward priority -10
    ${[...rulesOf('ip', QUIET4), ...rulesOf('ip6', QUIET6)].join('\n    ')}
    ip daddr ${LAB.dropped4} drop
  }
}`;

/** Accepts connections to every address, and prints how each ends and how much was sent over it. */
const LISTENER = `
  require('node:net')
    .createServer((socket) => {
      socket.on('error', ({ code }) => console.log(code, socket.bytesRead));
      socket.on('end', () => console.log('end', socket.bytesRead));
    })
    .listen(${PORT.listening}, '::', () => console.log('listening'));
`;

function nft(input: string, ...args: string[]): void {
  const nsenter = ['--net=/run/netns/r1', 'nft', ...args];
  const done = spawnSync('nsenter', nsenter, { input, encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
}

/** @param body is given what the listener has printed so far */
async function withQuietHosts(body: (printed: () => string) => Promise<void>): Promise<void> {
  nft(RULES, '-f', '-');
  const near = ['nsenter', '--net=/run/netns/near', process.execPath, '-e', LISTENER];
  const listener = start(near);
  let printed = '';
  listener.process.stdout?.on('data', (text: string) => {
    printed += text;
  });
  try {
    await until('the listener is there', () => printed.includes('listening'));
    await body(() => printed);
  } finally {
    listener.process.kill();
    await listener.finished;
    nft('', 'delete', 'table', 'inet', 'tcp_test');
  }
}

function expectedOf(range: string): Expected[] {
  return [
    [hostIn(range, HOST.untouched), OPEN],
    [hostIn(range, HOST.onlyClosed), REFUSED],
    [hostIn(range, HOST.dropped), SILENT],
    [hostIn(range, HOST.portUnreachable), SILENT],
    [hostIn(range, HOST.prohibited), SILENT],
    [hostIn(range, HOST.resetByRouter), REFUSED],
  ];
}

const EXPECTED = [...expectedOf(QUIET4), ...expectedOf(QUIET6)];
const PORTS = `--tcp ${PORT.listening},${PORT.closed}`;
const QUICK = '-r 0 -t 1500';

for (const engine of ['raw', 'dgram', 'system'] as const) {
  labTest(
    `${engine}: hosts that accept or refuse are up, and ICMP errors change nothing`,
    async () => {
      await withQuietHosts(async () => {
        const targets = [...EXPECTED.map(([address]) => address), hostIn(LAB.live4)];
        const report = await sweep(`--engine ${engine} ${QUICK} ${PORTS}`, targets, WHO[engine]);
        assertOutcomes(report, [...EXPECTED, [hostIn(LAB.live4), UP]]);
        const found = report.host(hostIn(QUIET4, HOST.untouched));
        const { sent, received, loss_pct, rtts_ms, pattern, ttl } = found;
        assert.deepEqual(
          { sent, received, loss_pct, rtts_ms, ttl },
          {
            ...{ sent: pattern.length, received: 0, loss_pct: 100, ttl: null },
            rtts_ms: Array.from(pattern, () => null),
          },
        );
        assert.equal(silentPattern(report, found.address, 1), '.');
        const { ports, hosts, failed } = report.run.tcp!;
        assert.deepEqual([ports, hosts, failed], [[443, 22], EXPECTED.length, 0]);
      });
    },
  );
}

labTest('macOS does not show what a connection received: no refusal counts', async () => {
  await withQuietHosts(async () => {
    const expected: Expected[] = [
      [hostIn(QUIET4, HOST.untouched), OPEN],
      [hostIn(QUIET4, HOST.onlyClosed), SILENT],
      [hostIn(QUIET4, HOST.portUnreachable), SILENT],
    ];
    const targets = expected.map(([address]) => address);
    assertOutcomes(await sweep(`${QUICK} ${PORTS}`, targets, pretendedMac()), expected);
  });
});

labTest(
  'a host that a router calls unreachable is up if it answers, without the router’s error',
  async () => {
    await withQuietHosts(async () => {
      const [host] = [hostIn(LAB.live4, 77)];
      nft(
        `insert rule inet tcp_test forward ip daddr ${host} ip protocol icmp reject with icmpx type admin-prohibited`,
        '-f',
        '-',
      );
      const unreachable = hostIn(LAB.routeProhibited4);
      const report = await sweep(`${QUICK} ${PORTS}`, [host, unreachable]);
      assertOutcomes(report, [
        [host, OPEN],
        [unreachable, refusedBy(LAB.router4, 'admin-prohibited', 3, 13)],
      ]);
    });
  },
);

labTest('connections are reset at once, and nothing is sent over them', async () => {
  await withQuietHosts(async (printed) => {
    const host = hostIn(QUIET4, HOST.untouched);
    await sweep(`${QUICK} ${PORTS} -S ${LAB.client4}`, [host]);
    await until('the connection has ended', () => printed().includes(' 0'));
    assert.match(printed(), /^listening\nECONNRESET 0\n$/);
  });
});

labTest('hosts of a local network that do not answer ARP are not tried', async () => {
  const [, near] = LAB.lanLive4;
  const report = await sweep('--engine raw --tcp 443', [near, '10.100.0.50']);
  assertOutcomes(report, [
    [near, UP],
    ['10.100.0.50', without('down', 'arp-failed')],
  ]);
  assert.equal(report.run.tcp!.connections, 0);
});

labTest('a /24 of silent hosts takes little longer than its connections at the rate', async () => {
  await withQuietHosts(async () => {
    const report = await sweep('-r 0 --tcp 443,22,3389', [LAB.dropped4]);
    assert.deepEqual(report.run.statuses, { up: 0, unreachable: 0, down: 254, error: 0 });
    assert.equal(report.run.tcp!.connections, 3 * 254);
    // A second for the pings, 762 connections at 1,000 a second, and a second for the last of them.
    assert.ok(report.ms > 2500, `${report.ms} ms`);
    assertSoon(report.ms, 8000);
  });
});

labTest('a subnet in which everything answers alike is noted', async () => {
  await withQuietHosts(async () => {
    nft('flush chain inet tcp_test forward', '-f', '-');
    nft(`add rule inet tcp_test forward ip daddr ${QUIET4} ip protocol icmp drop`, '-f', '-');
    const report = await sweep('-r 0 --tcp 443', [QUIET4]);
    assert.equal(report.run.statuses['up'], 254);
    const note = report.run.notes.find((each) => each.includes('TCP'));
    assert.match(
      note ?? '',
      /^nearly all hosts of 10\.79\.20\.0\/24 .* accept TCP connections to port 443: /,
    );
  });
});

labTest('a sweep that is stopped meanwhile leaves out the hosts that are not final', async () => {
  await withQuietHosts(async () => {
    const report = `${freshFolder()}/report.csv`;
    const targets = [LAB.dropped4, hostIn(LAB.live4)];
    const running = startEchosweep([
      '-r',
      '0',
      '--rate',
      '200',
      '--tcp',
      '443,22,3389',
      '-o',
      report,
      ...targets,
    ]);
    // The echo requests, and a third of the connections that are made a second after them.
    await untilSent(255 + 254);
    const stoppedAt = performance.now();
    running.process.kill('SIGINT');
    const { code, stderr } = await running.finished;
    assertSoon(performance.now() - stoppedAt, 2500, 'stopping');
    assert.equal(code, 130);
    assert.match(stderr, /partial: stopped early/);
    const rows = rowsByAddress(readFileSync(report, 'utf8'));
    assert.deepEqual([...rows.keys()], [hostIn(LAB.live4)]);
  });
});
