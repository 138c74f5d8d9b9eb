/** A hub and its agents by their commands, in networks of their own: let in, seen, cut off, and back after the server died. */

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { labTestUnless } from './lab-test.ts';
import { TRIED_SERVERS } from './nats-servers.ts';
import { echosweep, type Running, until } from './run.ts';
import { SiteLab } from './site-lab.ts';

const [INSTALLED] = TRIED_SERVERS;

/** All that it has written to standard error so far. */
function logOf(running: Running): () => string {
  let log = '';
  running.process.stderr?.on('data', (text: string) => {
    log += text;
  });
  return () => log;
}

/** How a process was started; empty if it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

labTestUnless(
  INSTALLED!.missing,
  'agents of two sites are let in, seen, cut off within a second, and come back to a server that died',
  async () => {
    const lab = await SiteLab.open([{ name: 'berlin' }, { name: 'paris' }]);
    try {
      const berlin = await lab.startAgent('berlin', 'a1');
      const paris = await lab.startAgent('paris', 'a1');
      const table = await lab.run(['hub', 'agents', '--folder', lab.hub]);
      assert.match(table.stdout, /^berlin,a1,connected,.*\nparis,a1,connected,/m);

      const hubLog = logOf(lab.hubRun);
      const parisLog = logOf(paris);
      const killed = lab.serverPid;
      process.kill(killed, 'SIGKILL');
      await until('the agent is back', () => parisLog().includes('connected to the hub'));
      assert.match(hubLog(), /nats-server has ended \(ended by SIGKILL\); it starts again/);
      assert.notEqual(lab.serverPid, killed);

      const berlinLog = logOf(berlin);
      await until('both are back', () => lab.serverPid > 0);
      await lab.run(['hub', 'remove', 'berlin/a1', '--folder', lab.hub]);
      const { code, stderr } = await berlin.finished;
      assert.equal(code, 4, stderr);
      assert.match(berlinLog(), /refuses the key of berlin\/a1: it was removed/);
      assert.equal(paris.process.exitCode, null);
      const after = await echosweep(['hub', 'remove', 'berlin/a1', '--folder', lab.hub]);
      assert.equal(after.code, 3, after.stderr);
    } finally {
      await lab.close();
    }
  },
);

labTestUnless(
  INSTALLED!.missing,
  'a hub that was killed is replaced by the next one, and its folder is closed to others',
  async () => {
    const lab = await SiteLab.open([{ name: 'berlin' }]);
    try {
      const left = lab.serverPid;
      lab.hubRun.process.kill('SIGKILL');
      await lab.hubRun.finished;
      await lab.startHub();
      assert.notEqual(lab.serverPid, left);
      assert.equal(commandOf(left), '');
      assert.equal(statSync(lab.hub).mode & 0o077, 0);
      const second = await echosweep(['hub', 'run', '--folder', lab.hub]);
      assert.equal(second.code, 4, second.stderr);
      assert.match(second.stderr, /a hub of this folder runs already/);
    } finally {
      await lab.close();
    }
  },
);
