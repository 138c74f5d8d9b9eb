/** The commands of docs/integrations/storage.md, run in the lab as a reader would, next to a service that scans. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fencesOf, textOf } from '../docs/markdown.ts';
import { duckdbRows } from '../unit/report/duckdb.ts';
import { labTest } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { echosweep, freshFolder, start, startEchosweep, until } from './run.ts';

const COMMANDS = fencesOf(textOf('docs/integrations/storage.md'))
  .filter(({ info }) => info.startsWith('sh'))
  .map(({ code }) => code.trim());
const commandWith = (part: string): string => COMMANDS.find((code) => code.includes(part))!;

labTest('a sweep writes Parquet that DuckDB reads', async () => {
  const folder = freshFolder();
  const { code, stderr } = await shell(commandWith('127.0.0.0/24'), folder);
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    await duckdbRows(
      `SELECT status, count(*)::INT AS hosts, sum(received)::INT AS replies, (count(rtt_avg_ms) > 250) AS are_timed, min(len(rtts_ms))::INT AS probes
       FROM '${join(folder, 'sweep.parquet')}' GROUP BY ALL`,
    ),
    [{ status: 'up', hosts: 254, replies: 254, are_timed: true, probes: 1 }],
  );
});

labTest('each sweep of a list has a file of its day', async () => {
  const folder = freshFolder();
  writeFileSync(join(folder, 'targets.txt'), '127.0.0.1\n127.0.0.2\n');
  const command = commandWith('targets.txt');
  const { code, stderr } = await shell(`mkdir sweeps; ${command}`, folder);
  assert.equal(code, 0, stderr);
  assert.deepEqual(await duckdbRows(`SELECT address FROM '${folder}/sweeps/*.parquet'`), [
    { address: '127.0.0.1' },
    { address: '127.0.0.2' },
  ]);
});

const hasSqlite = spawnSync('sqlite3', ['--version']).status === 0;

if (hasSqlite) {
  labTest('the database is queried while the service runs and scans', async () => {
    const folder = freshFolder();
    writeFileSync(
      join(folder, 'echosweep.yaml'),
      'networks: { office: { targets: 127.0.0.0/22, schedule: "* * * * *", sweep: { rate: max } } }\n',
    );
    assert.equal((await echosweep(['inventory', 'scan', '-q'], { cwd: folder })).code, 0);
    const service = startEchosweep(['inventory', 'run'], { cwd: folder });
    let said = '';
    service.process.stderr!.on('data', (text) => {
      said += text;
    });
    try {
      await until('the service says that it runs', () => said.length > 0);
      for (let i = 0; i < 4; i++) {
        // A scan of its own beside the service's: whichever comes second waits for the lock, and queries do not.
        const scan = startEchosweep(['inventory', 'scan', '-q'], { cwd: folder });
        const { code, stdout, stderr } = await shell(commandWith('sqlite3'), folder);
        assert.equal(code, 0, stderr);
        assert.equal(stdout.split('127.0.').length, 1023);
        await scan.finished;
      }
    } finally {
      service.process.kill('SIGTERM');
      await service.finished;
    }
  });
}

/** A shell that finds the command under its name. */
function shell(command: string, cwd: string): ReturnType<typeof echosweep> {
  const bin = freshFolder();
  const program = join(bin, 'echosweep');
  writeFileSync(
    program,
    `#!/bin/sh\nexec "${LAB_NODE}" "${LAB_PACKAGE}/dist/src/bin/echosweep.cjs" "$@"\n`,
  );
  chmodSync(program, 0o755);
  const env = { PATH: `${bin}:${process.env['PATH']}` };
  return start(['sh', '-c', command], { cwd, env }).finished;
}
