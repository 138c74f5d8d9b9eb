/** Root is given up as soon as the sockets are open, and the report belongs to whoever asked for it. */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LAB } from './address-plan.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { isRealRoot } from './ordinary-user.ts';
import { freshFolder, startEchosweep, until } from './run.ts';

const ONLY_ROOT =
  process.env['LAB_SKIP'] === undefined && !isRealRoot()
    ? 'only root can become another user'
    : undefined;
const USER = 1234;
const GROUP = 2345;
const CAP_NET_RAW = 1n << 13n;
const CAP_NET_ADMIN = 1n << 12n;

interface Thread {
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  readonly capabilities: bigint;
}

/** The credentials of every thread of a process, by /proc/PID/task/TID/status (proc(5)). */
function threadsOf(pid: number): Thread[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
    const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)![1]!;
    return {
      uids: field('Uid').split('\t').map(Number),
      gids: field('Gid').split('\t').map(Number),
      capabilities: BigInt(`0x${field('CapPrm')}`) | BigInt(`0x${field('CapEff')}`),
    };
  });
}

labTestUnless(
  ONLY_ROOT,
  'through sudo, every thread becomes the person who asked, and the report is theirs',
  async () => {
    const folder = freshFolder();
    const report = join(folder, 'report.csv');
    const { process: command, finished } = startEchosweep(
      [LAB.live4.replace('/16', '/22'), '-w', '2', '-o', report],
      {
        env: { SUDO_UID: String(USER), SUDO_GID: String(GROUP), SUDO_USER: 'somebody' },
      },
    );
    await until('the report is begun', () => readdirSync(folder).length === 1);
    for (const thread of threadsOf(command.pid!)) {
      assert.deepEqual(thread.uids, [USER, USER, USER, USER]);
      assert.deepEqual(thread.gids, [GROUP, GROUP, GROUP, GROUP]);
      assert.equal(thread.capabilities, 0n);
    }
    const { code, stderr } = await finished;
    assert.equal(code, 0, stderr);
    assert.equal(statSync(report).uid, USER);
    assert.equal(statSync(report).gid, GROUP);
  },
);

labTest('as root without sudo, the sweep goes on without a right to the network', async () => {
  const folder = freshFolder();
  const report = join(folder, 'report.csv');
  const { process: command, finished } = startEchosweep([
    LAB.live4.replace('/16', '/22'),
    '-w',
    '2',
    '-o',
    report,
  ]);
  await until('the report is begun', () => readdirSync(folder).length === 1);
  const threads = threadsOf(command.pid!);
  // Those that Node had started for itself before keep theirs; they run none of the sweep.
  const ours = threads.filter(
    ({ capabilities }) => (capabilities & (CAP_NET_RAW | CAP_NET_ADMIN)) === 0n,
  );
  assert.ok(ours.length >= 1, `${ours.length} of ${threads.length} threads`);
  assert.equal((await finished).code, 0);
});
