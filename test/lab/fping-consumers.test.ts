/** What programs that call fping make of `echosweep fping`: their calls, and stand-ins for what reads the output. */

import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { labTest } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { type Finished, freshFolder, start } from './run.ts';

// Most of the time passes in waiting, so a few wait together.
describe('the programs that call fping', { concurrency: 3 }, () => {
  labTest('phpIPAM finds the live hosts of a subnet by their loss', async () => {
    const { stdout } = await shell('fping -c 1 -t 500 -Agq 10.79.0.0/29 2>&1');
    const alive = stdout.split('\n').flatMap((line) => {
      const loss = /xmt\/rcv\/%loss = \d+\/\d+\/(\d+)%/.exec(line)?.[1];
      return loss !== undefined && Number(loss) < 100 ? [line.split(' ')[0]] : [];
    });
    assert.deepEqual(
      alive,
      [1, 2, 3, 4, 5, 6].map((host) => `10.79.0.${host}`),
    );
  });

  labTest('phpIPAM takes hosts without a reply for dead', async () => {
    const { stdout } = await shell('fping -c 1 -t 200 -Agq 10.62.0.0/30 2>&1');
    assert.deepEqual(
      [...stdout.matchAll(/^(\S+) +: xmt\/rcv\/%loss = \d+\/\d+\/(\d+)%/gm)].map(
        ([, host, loss]) => [host, loss],
      ),
      [
        ['10.62.0.1', '100'],
        ['10.62.0.2', '100'],
      ],
    );
  });

  labTest('NetAlertX reads an address a line', async () => {
    const { stdout, code } = await shell('fping -a -r 0 10.79.0.1 10.62.0.1 10.79.0.3');
    assert.deepEqual(stdout.trim().split('\n'), ['10.79.0.1', '10.79.0.3']);
    assert.equal(code, 1);
  });

  labTest('SmokePing finds out at its start that times are milliseconds', async () => {
    const { stdout } = await shell('fping -C 1 127.0.0.1 2>&1');
    // The time of the reply, then in the next but one line that of the summary.
    const found = /bytes, ([0-9.]+)\sms\s+.*\n.*\n.*:\s+([0-9.]+)/.exec(stdout);
    assert.ok(found, stdout);
    assert.equal(found[1], found[2]);
  });

  labTest('SmokePing gets as many times as it wants, and none of silent hosts', async () => {
    const call = 'fping -C 5 -q -B1 -r1 -b56 -t500 -i10 -p100 -O 0 -S 10.77.0.1';
    const { stdout, stderr } = await shell(`${call} 10.79.0.1 10.62.0.1 nosuch.invalid`);
    assert.equal(stdout, '');
    const rtts = new Map<string, number[]>();
    for (const line of stderr.split('\n')) {
      if (!/^\S+\s+:\s+[\d.]/.test(line)) continue;
      const [host, colon, ...times] = line.split(/\s+/);
      if (colon === ':') rtts.set(host!, times.filter((time) => /^\d/.test(time)).map(Number));
    }
    assert.deepEqual([...rtts.keys()], ['10.79.0.1']);
    assert.equal(rtts.get('10.79.0.1')!.length, 5);
    assert.ok(rtts.get('10.79.0.1')!.every((ms) => ms > 0 && ms < 500));
  });

  labTest('SmokePing and Zabbix see in the help which options there are', async () => {
    const { stdout, code } = await shell('fping -h');
    assert.equal(code, 0);
    for (const letter of ['I', 'S', 'O', '4', '6', 'i', 'p'])
      assert.match(stdout, new RegExp(`^\\s+-${letter}[\\s,]`, 'm'), letter);
  });

  labTest('Zabbix counts the replies and takes their times from the last line', async () => {
    const list = join(freshFolder(), 'hosts.pinger');
    writeFileSync(list, '10.79.0.1\n10.62.0.1\n');
    const { stdout } = await shell(`fping -C3 -p100 -b68 -t90 -i1 2>&1 <${list}`);
    assert.deepEqual(zabbixResults(stdout, ['10.79.0.1', '10.62.0.1'], 3), {
      '10.79.0.1': { received: 3, areSane: true },
      '10.62.0.1': { received: 0, areSane: true },
    });
  });

  labTest(
    'Zabbix takes replies from another address neither for those of a host nor of the next',
    async () => {
      const list = join(freshFolder(), 'hosts.pinger');
      writeFileSync(list, '10.72.0.1\n10.79.0.1\n');
      const { stdout } = await shell(`fping -C3 -p100 -i1 2>&1 <${list}`);
      assert.deepEqual(zabbixResults(stdout, ['10.72.0.1', '10.79.0.1'], 3), {
        '10.72.0.1': { received: 0, areSane: true },
        '10.79.0.1': { received: 3, areSane: true },
      });
    },
  );

  labTest('Zabbix may try how short an interval can be', async () => {
    const { stdout, code } = await shell('fping -c1 -t50 -i0 10.79.0.1 2>&1');
    assert.doesNotMatch(stdout, /usage|option|risky/i);
    assert.equal(code, 0);
  });

  labTest(
    'LibreNMS reads counts and times from standard error, and the state from the exit code',
    async () => {
      const call = 'fping -4 -e -q -c 3 -p 100 -t 100 -O 0';
      assert.deepEqual(libreNms(await shell(`${call} 10.79.0.1`)), {
        ...{ code: 0, sent: 3, received: 3, loss: 0, hasTimes: true },
      });
      assert.deepEqual(libreNms(await shell(`${call} 10.62.0.1`)), {
        ...{ code: 1, sent: 3, received: 0, loss: 100, hasTimes: false },
      });
      assert.equal((await shell(`${call} nosuch.invalid`)).code, 2);
    },
  );

  labTest('LibreNMS reads the state of many hosts as it is found', async () => {
    const { stdout, code } = await shell(
      "printf '10.79.0.1\\n10.62.0.1\\n' | fping -f - -e -t 200 -r 0",
    );
    const found = [...stdout.matchAll(/^(\S+) is (alive|unreachable)(?: \(([\d.]+) ms\))?$/gm)];
    assert.deepEqual(
      found.map(([, host, state]) => `${host} ${state}`),
      ['10.79.0.1 alive', '10.62.0.1 unreachable'],
    );
    assert.ok(Number(found[0]![3]) > 0);
    assert.equal(code, 1);
  });

  labTest("netdata's plugin declares its charts once and then sets their values", async () => {
    const { stdout } = await shell(
      'fping -N -Q 1 -c 4 -p 1000 -R -b 56 -i 1 -r 0 -t 900 10.79.0.1',
    );
    assert.equal(stdout.match(/^CHART fping\.10_79_0_1_(packets|quality|latency) /gm)?.length, 3);
    const begun = stdout.match(/^BEGIN fping\.10_79_0_1_packets$/gm)!.length;
    assert.ok(begun >= 2, stdout);
    assert.equal(stdout.match(/^END$/gm)?.length, 3 * begun);
  });

  labTest("netdata's plugin, which pings for ever, is told why it cannot", async () => {
    const { stderr, code } = await shell('fping -N -Q 1 -l -p 1000 -R -b 56 -i 1 -r 0 10.79.0.1');
    assert.match(stderr, /^fping: loop mode .* echosweep watch/);
    assert.equal(code, 1);
  });
});

/** A line with [n] marks reply n as valid; the last line of a host has the times, and only those of marked replies count. */
function zabbixResults(text: string, hosts: readonly string[], count: number) {
  const valid = new Map(hosts.map((host) => [host, new Set<number>()]));
  const results: Record<string, { received: number; areSane: boolean }> = {};
  for (const line of text.split('\n')) {
    const [host] = line.split(' ');
    const at = line.indexOf(' : ');
    const marked = valid.get(host!);
    if (marked === undefined || at < 0 || line.includes('duplicate for')) continue;
    const rest = line.slice(at + 3);
    if (rest.startsWith('[')) {
      const index = Number.parseInt(rest.slice(1), 10);
      if (!rest.includes('timed out') && !rest.includes('[<-') && index < count) marked.add(index);
      continue;
    }
    const times = rest.split(' ').filter((_, index) => marked.has(index));
    const areSane = times.every((ms) => Number(ms) > 0 && Number(ms) < 90);
    results[host!] = { received: times.length, areSane };
  }
  return results;
}

function libreNms({ stderr, code }: Finished) {
  const line = stderr.trim().split('\n').at(-1)!;
  const [, sent, received, loss, min] =
    /= (\d+)\/(\d+)\/(\d+)%(?:, min\/avg\/max = ([\d.]+)\/[\d.]+\/[\d.]+)?$/.exec(line)!;
  return {
    code,
    sent: Number(sent),
    received: Number(received),
    loss: Number(loss),
    hasTimes: min !== undefined,
  };
}

/** A shell for which fping is echosweep. */
function shell(script: string): Promise<Finished> {
  const bin = freshFolder();
  const file = join(bin, 'fping');
  writeFileSync(
    file,
    `#!/bin/sh\nexec ${LAB_NODE} ${LAB_PACKAGE}/dist/src/bin/echosweep.cjs fping "$@"\n`,
  );
  chmodSync(file, 0o755);
  return start(['sh', '-c', script], { env: { PATH: `${bin}:${process.env['PATH']}` } }).finished;
}
