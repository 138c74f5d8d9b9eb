/** `echosweep watch` on real packets: hosts that go down and come back, and figures held to the lab's truth. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertSoon } from '../machine-speed.ts';
import { NO_TMUX, Terminal } from '../terminal/tmux.ts';
import { LAB } from './address-plan.ts';
import { rowsByAddress } from './csv.ts';
import { ENGINE_NAMES, missingFor } from './engine-runs.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { echosweep, freshFolder, type Running, startEchosweep, until } from './run.ts';
import { startSimulation } from './simulator/start.ts';
import { countEchoes, countMatching, untilSent } from './wire.ts';

const FAST = ['-i', '200ms', '-t', '120'];

function must(command: string): void {
  const done = spawnSync('sh', ['-ec', command], { encoding: 'utf8' });
  assert.equal(done.status, 0, `${command}: ${done.stderr}`);
}

/** r1 drops what goes to a host. */
const BLOCK = (address: string): string =>
  `nsenter --net=/run/netns/r1 nft 'table ip outage { chain f { type filter hook forward priority -5; ip daddr ${address} drop; }; }'`;
const UNBLOCK = 'nsenter --net=/run/netns/r1 nft delete table ip outage';

/** Two moments of ours, between which something happened. */
type Span = readonly [from: number, to: number];

/** Cuts a host off meanwhile. @returns when that began and ended */
async function blocked(
  address: string,
  meanwhile: () => Promise<unknown>,
): Promise<{ readonly began: Span; readonly ended: Span }> {
  const began = spanOf(() => must(BLOCK(address)));
  let ended: Span;
  try {
    await meanwhile();
  } finally {
    ended = spanOf(() => must(UNBLOCK));
  }
  return { began, ended };
}

function spanOf(body: () => void): Span {
  const from = Date.now();
  body();
  return [from, Date.now()];
}

/** How far a moment is outside a span. */
function msOutside(moment: number, [from, to]: Span): number {
  return Math.max(0, from - moment, moment - to);
}

/** @returns what waits until a line of the watch's output matches */
function linesOf({ process: child }: Running): (pattern: RegExp) => Promise<void> {
  let text = '';
  child.stdout!.on('data', (chunk: string) => {
    text += chunk;
  });
  return (pattern) => until(`a line ${pattern}`, () => pattern.test(text));
}

/** Waits until the first round has ended, however long a busy machine took to start it. */
function firstRoundOf({ process: child }: Running): Promise<void> {
  let words = '';
  return new Promise((resolve, reject) => {
    child.stderr!.on('data', (text: string) => {
      words += text;
      if (/ one round every /.test(words)) resolve();
    });
    child.on('close', () => reject(new Error(`ended in its first round: ${words}`)));
  });
}

/** linux/capability.h. */
const CAP_NET_RAW = 13n;

for (const engine of ENGINE_NAMES) {
  labTestUnless(
    missingFor(engine),
    `a host that goes down and comes back is reported as it was, with ${engine}`,
    async () => {
      const report = join(freshFolder(), 'watch.csv');
      const targets = ['10.79.0.1-4', '10.62.0.1'];
      // One process per host and round takes its time.
      const slackMs = engine === 'system' ? 2500 : 700;
      const running = startEchosweep([
        ...['watch', ...targets, ...FAST, '--engine', engine, '-o', report],
      ]);
      const line = linesOf(running);
      await firstRoundOf(running);
      await sleep(500);
      const { began, ended } = await blocked('10.79.0.2', () =>
        Promise.all([sleep(1500), line(/ went down /)]),
      );
      await line(/ came back /);
      running.process.kill('SIGINT');
      const { code, stdout, stderr } = await running.finished;
      assert.equal(code, 130, stderr);

      const lines = stdout.trimEnd().split('\n');
      assert.equal(lines.length, 2, stdout);
      const [down, back] = lines.map((line) => Date.parse(line.split(' ')[0]!));
      assert.match(lines[0]!, / 10\.79\.0\.2 went down \(no-response\)$/);
      assert.match(lines[1]!, / 10\.79\.0\.2 came back after [1-9]\d*\.\d s$/);
      // The round that was under way, and one that the outage cut in two.
      assertSoon(msOutside(down!, began), slackMs, 'noticing that it went down');
      assertSoon(msOutside(back!, ended), slackMs, 'noticing that it came back');

      const rows = rowsByAddress(readFileSync(report, 'utf8'));
      assert.deepEqual(
        [...rows.keys()],
        ['10.62.0.1', '10.79.0.1', '10.79.0.2', '10.79.0.3', '10.79.0.4'],
      );
      const flapped = rows.get('10.79.0.2')!;
      assert.deepEqual([flapped['status'], flapped['changes']], ['up', '2']);
      assert.equal(Date.parse(flapped['last_change_at']!), back);
      const lost = Number(flapped['sent']) - Number(flapped['received']);
      // A probe whose reply a busy machine may have missed is sent again.
      const most = 2 * ((back! - down!) / 200 + 2);
      assert.ok(lost >= 2 && lost <= most, `${lost} of ${flapped['sent']} lost`);
      for (const address of ['10.79.0.1', '10.79.0.3', '10.79.0.4']) {
        const { status, sent, received, changes, rtt_median_ms: median } = rows.get(address)!;
        assert.deepEqual([status, changes], ['up', '0'], address);
        // An engine without the kernel's clock may lose a reply that a busy machine reads too late.
        const mayMiss = engine === 'raw-socket' || engine === 'system' ? 2 : 0;
        assert.ok(Number(received) >= Number(sent) - mayMiss, `${address}: ${received} of ${sent}`);
        assert.ok(Number(median) > 0, address);
      }
      const silent = rows.get('10.62.0.1')!;
      assert.deepEqual(
        [silent['status'], silent['received'], silent['loss_pct'], silent['rtt_median_ms']],
        ['down', '0', '100.0', ''],
      );
    },
  );
}

labTest('the report counts as many probes and replies as the wire', async () => {
  const report = join(freshFolder(), 'watch.csv');
  const args = ['watch', '10.79.0.1-20', '10.70.0.1-20', '10.62.0.1-5', ...FAST];
  const { value, echoes } = await countEchoes(() =>
    countMatching(
      ['icmp type echo-reply'],
      () => echosweep([...args, '--rounds', '20', '-o', report]),
      { hook: 'input' },
    ),
  );
  assert.equal(value.value.code, 0, value.value.stderr);
  const rows = [...rowsByAddress(readFileSync(report, 'utf8')).values()];
  const sum = (name: string, of = rows): number =>
    of.reduce((total, row) => total + Number(row[name]), 0);
  assert.equal(sum('sent'), echoes.v4);
  assert.equal(sum('received'), value.counts[0]);
  assert.ok(rows.every((row) => Number(row['sent']) >= 20));
  const lossy = rows.filter(({ address }) => address!.startsWith('10.70.'));
  // r1 drops 3 of 10: 400 probes, and four standard deviations.
  const share = 1 - sum('received', lossy) / sum('sent', lossy);
  assert.ok(Math.abs(share - 0.3) < 0.1, String(share));
});

labTest('delays of the network are in the median, the jitter and the extremes', async () => {
  const report = join(freshFolder(), 'watch.csv');
  const far = { name: 'far', net: '100.64.1.0/29', delayMs: 30, jitterMs: 10 };
  const simulation = await startSimulation({ hosts: [far] });
  try {
    const args = ['watch', '100.64.1.1-5', '-i', '100ms', '--rounds', '15', '-o', report];
    const { code, stderr } = await echosweep(args);
    assert.equal(code, 0, stderr);
  } finally {
    await simulation.end();
  }
  const rows = rowsByAddress(readFileSync(report, 'utf8'));
  assert.equal(rows.size, 5);
  for (const row of rows.values()) {
    const [min, median, p95, max, jitter] = ['min', 'median', 'p95', 'max']
      .map((name) => Number(row[`rtt_${name}_ms`]))
      .concat(Number(row['jitter_ms']));
    assert.ok(min! <= median! && median! <= p95! && p95! <= max!, JSON.stringify(row));
    assert.ok(jitter! > 0 && jitter! <= max! - min!, JSON.stringify(row));
    assert.ok(min! >= 29.9 && median! < 60, JSON.stringify(row));
  }
});

labTest(
  'a host on a local network that leaves and comes back is noticed within the interval',
  async () => {
    const inLan = 'nsenter --net=/run/netns/lan ip addr';
    const address = '10.100.3.77';
    const running = startEchosweep(['watch', '10.100.3.70-79', '10.100.1.7', ...FAST]);
    const line = linesOf(running);
    await firstRoundOf(running);
    // The first round of a busy machine may miss an answer; those after it do not.
    await sleep(1000);
    must(`${inLan} del ${address}/21 dev client`);
    try {
      await Promise.all([sleep(1500), line(/ went down /)]);
    } finally {
      must(`${inLan} add ${address}/21 dev client`);
    }
    await line(/ came back /);
    running.process.kill('SIGTERM');
    const { code, stdout, stderr, ms } = await running.finished;
    assert.equal(code, 143, stderr);
    assert.match(
      stdout,
      /^\S+ 10\.100\.3\.77 went down \(arp-failed\)\n\S+ 10\.100\.3\.77 came back after [1-9]\d*\.\d s\n$/,
    );
    const rounds = Number(/ in (\d+) rounds/.exec(stderr)![1]);
    // Discovery does not wait for those that left as long as a sweep does.
    assertSoon(ms / rounds, 400, 'a round');
  },
);

labTest('privileges are given up, and the rounds after that work all the same', async () => {
  const running = startEchosweep(['watch', '10.79.0.1', ...FAST]);
  await firstRoundOf(running);
  const status = readFileSync(`/proc/${running.process.pid}/status`, 'utf8');
  const effective = BigInt(`0x${/^CapEff:\s+(\w+)$/m.exec(status)![1]}`);
  assert.equal((effective >> CAP_NET_RAW) & 1n, 0n);
  await untilSent(3);
  running.process.kill('SIGINT');
  const { code, stderr } = await running.finished;
  assert.equal(code, 130);
  assert.match(stderr, /: 1 up\n.* 0\.0 % loss; 0 changes\n$/);
});

labTest('a report that cannot be written is found before the first probe', async () => {
  const { value, echoes } = await countEchoes(() =>
    echosweep(['watch', '10.79.0.1', '-o', '/nowhere/watch.csv']),
  );
  assert.equal(value.code, 4);
  assert.match(value.stderr, /^echosweep: cannot write .*\/nowhere\/watch\.csv/);
  assert.equal(echoes.v4, 0);
});

labTest('a watch of too many hosts is refused in plain words', async () => {
  const { code, stderr } = await echosweep(['watch', '10.128.0.0/15']);
  assert.equal(code, 3);
  assert.equal(
    stderr,
    'echosweep: watch: 131,070 hosts are too many, 65,536 are the most: name smaller subnets\n',
  );
});

labTestUnless(
  NO_TMUX,
  'a screen sorts, scrolls, pauses, follows its window and ends with q',
  async () => {
    const report = join(freshFolder(), 'watch.txt');
    const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
    const terminal = new Terminal(
      [LAB_NODE, main, 'watch', '10.79.0.1-20', '10.62.0.1-2', ...FAST, '-o', report],
      { width: 100, height: 16 },
    );
    try {
      const screen = await terminal.screenWith(/^22 hosts: 20 up, 2 down {2}([3-9]|\d\d+) rounds/);
      assert.equal(screen.length, 16);
      assert.match(screen[2]!, /^ {2}address▲ +status +loss % +last +median +p95/);
      assert.match(screen[3]!, /^ {2}10\.62\.0\.1 +down +100\.0 +-/);
      assert.match(screen[5]!, /^ {2}10\.79\.0\.1 +up +0\.0 +0\.\d{3}/);
      assert.match(screen.at(-1)!, /^1-12 of 22 {2}q quit/);

      terminal.press('End');
      assert.match((await terminal.screenWith(/^11-22 of 22/))[14]!, /10\.79\.0\.20 /);
      terminal.press('r');
      const byRtt = await terminal.screenWith(/median▼/);
      assert.match(byRtt[3]!, /10\.79\./);
      terminal.press('s');
      await terminal.screenWith(/ 2 hidden /);

      await blocked('10.79.0.7', async () => {
        terminal.press('c');
        await terminal.screenWith(/^▼ 10\.79\.0\.7 +down .* down \d\d:\d\d:\d\d/);
        await terminal.screenWith(/^\d\d:\d\d:\d\d {2}10\.79\.0\.7 went down \(no-response\)/);
      });
      await terminal.screenWith(/^▲ 10\.79\.0\.7 +up .* back \d\d:\d\d:\d\d/);

      terminal.resize(50, 7);
      const small = await terminal.screenWith(/^▲ 10\.79\.0\.7 {2,}up +\d/);
      assert.ok(small.length <= 7 && small.every((line) => line.length <= 50), small.join('\n'));

      terminal.press('Space');
      await terminal.screenWith(/^PAUSED/);
      // The round that was under way still ends.
      await sleep(1000);
      const paused = terminal.screen()[0]!;
      // The number is whole, though the word behind it is cut off.
      assert.match(paused, / \d+ r/);
      await sleep(1000);
      assert.equal(terminal.screen()[0], paused);
      terminal.resize(100, 16);
      terminal.press('Space');
      await terminal.screenWith(/^22 hosts: /);

      terminal.press('q');
      const final = await terminal.finalScreen();
      assert.match(final[0]!, /^22 hosts watched for /);
      assert.match(final[1]!, /^\d+ probes sent, /);
      assert.doesNotMatch(terminal.history().join('\n'), /q quit/);
      assert.match(terminal.history().join('\n'), /^command ended with 0$/m);
      assert.match(readFileSync(report, 'utf8'), /^10\.79\.0\.7 +up .* 2 {2}\d{4}-/m);
    } finally {
      terminal.close();
    }
  },
);

labTestUnless(
  NO_TMUX,
  'Ctrl-C on a screen gives 130 and the report, and the terminal back',
  async () => {
    const report = join(freshFolder(), 'watch.csv');
    const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
    const terminal = new Terminal(
      [LAB_NODE, main, 'watch', LAB.live4.replace('/16', '/29'), ...FAST, '-o', report],
      {
        width: 80,
        height: 12,
        env: { NO_COLOR: '1' },
      },
    );
    try {
      await terminal.screenWith(/ ([2-9]|\d\d+) rounds/);
      terminal.press('C-c');
      await terminal.screenWith(/^command ended with 130$/);
      assert.equal(rowsByAddress(readFileSync(report, 'utf8')).size, 6);
    } finally {
      terminal.close();
    }
  },
);

labTestUnless(NO_TMUX, 'a job that goes on in a window of another size fits into it', async () => {
  const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
  const terminal = new Terminal(['bash', '--norc', '--noprofile'], { width: 100, height: 16 });
  try {
    terminal.type([LAB_NODE, main, 'watch', '10.79.0.1-20', ...FAST].join(' '), 'Enter');
    await terminal.screenWith(/^1-12 of 20 /);
    terminal.press('C-z');
    await terminal.screenWith(/Stopped/);
    // As wide as the columns up to the median.
    terminal.resize(52, 8);
    terminal.type('fg', 'Enter');
    const screen = await terminal.screenWith(/^1-4 of 20 .*…$/);
    assert.match(screen[3]!, /^ {2}10\.79\.0\.1 {3}up {15}0\.0 +\d\.\d{3} +\d\.\d{3}$/);
    terminal.press('q');
    await terminal.screenWith(/^20 hosts watched for /);
  } finally {
    terminal.close();
  }
});

labTest(
  'hosts are probed again once the route to them no longer leads to a gateway that is not there',
  async () => {
    const network = '10.79.9.0/24';
    must(`ip route add ${network} via 10.77.0.99 dev lab-r1`);
    const args = ['watch', '10.79.9.1', '-i', '1s', '--rounds', '5', '--down-after', '1'];
    const running = startEchosweep(args);
    try {
      // It ends when the gateway has not answered for three seconds.
      await firstRoundOf(running);
    } finally {
      must(`ip route del ${network}`);
    }
    const { stderr } = await running.finished;
    assert.match(stderr, /^1 host: 0 up, 1 error/m);
    assert.match(stderr, /^1 host watched for .*: 1 up$/m);
  },
);
