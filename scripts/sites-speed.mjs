/**
 * `npm run -s lab -- node scripts/sites-speed.mjs [PROBES A SECOND] [SUBNET]`: sweeps a network by one machine, and spread over
 * two, each with a network of its own whose hosts all answer, and prints how long that took and what the server spent.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cpuSeconds } from './children.mjs';
import { makeReady } from './make-ready.mjs';

await makeReady();
const { SiteLab } = await import('../dist/test/lab/site-lab.js');
const { echosweep } = await import('../dist/test/lab/run.js');

const [ratePps = '2000', targets = '10.200.0.0/16'] = process.argv.slice(2);
const MACHINES = ['m1', 'm2'];
/** At once at each machine: a chunk ends with seconds of waiting, in which others go on. */
const CHUNKS = '4';

const lab = await SiteLab.open(MACHINES.map((name) => ({ name })));
try {
  for (const name of MACHINES) await lab.startAgent(name, 'a1', ['--chunks', CHUNKS, '-q']);
  for (const spread of [MACHINES[0], MACHINES.join(',')]) {
    const report = join(lab.folder, 'report.csv');
    const where = ['--spread', spread, '--slots', CHUNKS, '--hub', lab.hub, '-o', report];
    const how = ['--include-edges', '--rate', ratePps, '-r', '0', '-t', '500'];
    const spent = cpuSeconds(lab.serverPid);
    const { code, ms, stderr } = await echosweep([targets, ...where, ...how], {
      deadlineMs: 600_000,
    });
    if (code !== 0) throw new Error(stderr);
    const rows = readFileSync(report, 'utf8').trimEnd().split('\n').slice(1);
    const up = rows.filter((row) => row.split(',')[2] === 'up').length;
    console.log(
      `${spread}: ${rows.length} rows, ${up} up, ${(ms / 1000).toFixed(1)} s; nats-server ` +
        `${(((cpuSeconds(lab.serverPid) - spent) / rows.length) * 1e6).toFixed(1)} µs of CPU a row`,
    );
  }
} finally {
  await lab.close();
}
