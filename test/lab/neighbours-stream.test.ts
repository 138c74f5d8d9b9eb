/** Streamed rows of hosts that answer ARP alone: the system forgets its neighbours if another network needs the room. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAB } from './address-plan.ts';
import { labTest } from './lab-test.ts';
import { echosweep, freshFolder } from './run.ts';

const sortedLines = (text: string): string[] => text.trimEnd().split('\n').sort();

function run(command: string): void {
  const done = spawnSync('sh', ['-c', command], { encoding: 'utf8' });
  assert.equal(done.status, 0, `${command}: ${done.stderr}`);
}

labTest('--stream on a local network has the rows of the report, with every engine', async () => {
  const mute = LAB.lanLive4[1];
  const rule = `ip daddr ${mute} icmp type echo-request drop`;
  const inLan = 'nsenter --net=/run/netns/lan nft';
  run(`${inLan} 'table inet mute { chain in { type filter hook input priority 0; ${rule}; }; }'`);
  try {
    for (const engine of ['raw', 'dgram', 'system']) {
      // Both sides forget: a host that asked us first would leave an entry that the system confirms only after five seconds.
      run('nsenter --net=/run/netns/lan ip neigh flush all');
      run('ip neigh flush dev lab-lan');
      const report = join(freshFolder(), 'report.csv');
      const targets = ['10.100.1.0/28', LAB.lanLive4[2]];
      const { code, stdout, stderr } = await echosweep([
        ...targets,
        '-t',
        '300',
        '--stream',
        '--engine',
        engine,
        '-o',
        report,
      ]);
      assert.equal(code, 0, stderr);
      assert.deepEqual(sortedLines(stdout), sortedLines(readFileSync(report, 'utf8')));
      assert.match(stdout, new RegExp(`^${mute},.*,up,arp-reply,`, 'm'));
    }
  } finally {
    run(`${inLan} delete table inet mute`);
  }
});
