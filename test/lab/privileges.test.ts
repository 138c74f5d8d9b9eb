/** Root is given up as soon as the sockets are open, and the report belongs to whoever asked for it. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LAB } from './address-plan.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE, unlessRealRoot } from './ordinary-user.ts';
import { freshFolder, start, startEchosweep, until } from './run.ts';

const ONLY_ROOT = unlessRealRoot('only root can become another user');
const USER = 1234;
const GROUP = 2345;

interface Thread {
  readonly id: number;
  /** When it began, in clock ticks since boot; ids say nothing about age, because the kernel starts over at its largest. */
  readonly startTicks: number;
  readonly uids: readonly number[];
  readonly gids: readonly number[];
  /** Permitted, effective and ambient. */
  readonly capabilities: bigint;
}

/** Every thread of a process with its credentials, by stat and status in /proc/PID/task/TID (proc(5)). */
function threadsOf(pid: number): Thread[] {
  return readdirSync(`/proc/${pid}/task`).map((tid) => {
    const status = readFileSync(`/proc/${pid}/task/${tid}/status`, 'utf8');
    const field = (name: string): string => new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)![1]!;
    // The name of the thread, in parentheses, may have spaces; the start is the 20th field after it.
    const stat = readFileSync(`/proc/${pid}/task/${tid}/stat`, 'utf8').split(') ').at(-1)!;
    return {
      id: Number(tid),
      startTicks: Number(stat.split(' ')[19]),
      uids: field('Uid').split('\t').map(Number),
      gids: field('Gid').split('\t').map(Number),
      capabilities: ['CapPrm', 'CapEff', 'CapAmb'].reduce(
        (all, set) => all | BigInt(`0x${field(set)}`),
        0n,
      ),
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

const WORKERS = 2;
/** CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER and CAP_FSETID. */
const FILE_CAPABILITIES = 0b11011n;
const WITH_CAPABILITY = [
  ...['setpriv', '--reuid', String(USER), '--regid', String(GROUP), '--clear-groups'],
  ...['--inh-caps=+net_raw', '--ambient-caps=+net_raw', '--'],
];

/** Each way of having raw sockets that leaves the user the same, with what the threads of the sweep keep. */
const WAYS = [
  ['as root without sudo', [], FILE_CAPABILITIES, undefined],
  ['with a capability alone', WITH_CAPABILITY, 0n, ONLY_ROOT],
] as const;

for (const [name, person, kept, missing] of WAYS) {
  labTestUnless(missing, `${name}, the sweep's threads keep no right to the network`, async () => {
    const folder = freshFolder();
    const report = join(folder, 'report.csv');
    const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
    const args = [LAB.live4.replace('/16', '/22'), '--engine', 'raw', '-w', String(WORKERS)];
    const { process: command, finished } = start([
      ...[...person, LAB_NODE, main, ...args],
      ...['-o', report],
    ]);
    const pid = command.pid!;
    const before = (): number => threadsOf(pid).filter((one) => one.capabilities === kept).length;
    // The coordinator's own thread, and every worker; those that Node had started for itself before keep theirs.
    await until('the workers stand', () => existsSync(`/proc/${pid}`) && before() > WORKERS);
    const threads = threadsOf(pid);
    assert.equal(threads.find(({ id }) => id === pid)?.capabilities, kept);
    const rest = threads.filter(({ capabilities }) => capabilities !== kept);
    const youngest = Math.max(...rest.map(({ startTicks }) => startTicks));
    const workers = threads.filter(
      ({ capabilities, startTicks }) => capabilities === kept && startTicks >= youngest,
    );
    assert.ok(workers.length >= WORKERS, `${workers.length} threads were started afterwards`);
    const { code, stderr } = await finished;
    assert.equal(code, 0, stderr);
  });
}

labTest('root gives its privileges up where there is no /proc, as in a chroot', async () => {
  const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
  const script = 'mount -t tmpfs none /proc && exec "$0" "$@"';
  const hidden = ['unshare', '--mount', 'sh', '-c', script];
  const { code, stdout, stderr } = await start([...hidden, LAB_NODE, main, '127.0.0.1']).finished;
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^127\.0\.0\.1,,up,/m);
});
