/** `echosweep fping` held against fping itself: the same arguments to both in turn, and the same output but for times. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { assertSoon } from '../machine-speed.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import {
  type Finished,
  freshFolder,
  type RunOptions,
  start,
  startEchosweep,
  until,
} from './run.ts';

const MAIN = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
const NO_FPING =
  spawnSync('fping', ['--version']).error === undefined
    ? undefined
    : 'fping is not installed: apt-get install fping';

/** Same output, and the same exit code. */
const SAME: readonly (readonly [promise: string, args: string, stdin?: string])[] = [
  ['alive and unreachable targets', '10.62.0.1 10.79.0.1'],
  ['-a', '-a -r 1 -t 200 10.79.0.2 10.79.0.1 10.62.0.1'],
  ['-u', '-u -r 0 -t 200 10.79.0.1 10.62.0.1 10.62.0.2'],
  ['-q', '-q -r 0 10.79.0.1 10.62.0.1'],
  ['-q when all are alive', '-q 10.79.0.1'],
  ['-e', '-e -t 100 -r 1 10.79.0.1 10.62.0.1'],
  ['targets twice', '10.79.0.1 10.79.0.1'],
  ['addresses as the system reads them', '10.79.1 0x0a4f0001 10.79.0.1'],
  ['-g with a subnet', '-g 10.79.0.0/29'],
  ['-g with a /31', '-g 10.79.0.8/31'],
  ['-g with a /32', '-a -g 10.79.0.9/32'],
  ['-g with a range', '-g 10.79.0.0 10.79.0.5'],
  ['-g with an empty range', '-g 10.79.0.5 10.79.0.1'],
  ['targets from standard input', '-a', '10.79.0.1\n# 10.79.0.9\n\n  10.79.0.2 named\n10.79.0.3'],
  ['targets from -f -', '-a -f -', '10.79.0.1\n10.79.0.2\n'],
  ['no targets', '', ''],
  ['-c', '-c 2 -p 300 10.79.0.1'],
  ['-c for several targets', '-c 2 -p 400 -t 200 10.62.0.1 10.79.0.1'],
  ['-c and -q', '-c 3 -p 100 -q 10.62.0.1 10.79.0.1'],
  ['-c and -a', '-a -c 2 -p 100 10.62.0.1 10.79.0.1'],
  ['-C and -u', '-u -C 2 -p 100 10.62.0.1 10.79.0.1'],
  ['-c and -x', '-x 1 -c 2 -p 100 10.62.0.1 10.79.0.1'],
  ['-c 1', '-c 1 10.79.0.1 10.79.10.10'],
  ['-c with targets of different lengths', '-c 1 -q 10.79.0.1 10.79.100.100 fd00:79::1'],
  ['-C', '-C 3 -p 100 10.79.0.1'],
  ['-C and -q', '-C 4 -p 100 -q 10.62.0.1 10.79.0.1'],
  ['-o', '-o -c 2 -p 300 -q 10.62.0.1 10.79.0.1'],
  ['-D', '-D -c 2 -p 100 10.79.0.1'],
  ['-D without a count', '-D 10.79.0.1'],
  ['-s', '-s 10.79.0.1 10.79.0.2'],
  ['-s with silent targets', '-s -c 2 -p 100 -q 10.62.0.1 10.79.0.1'],
  // The second probe leaves well before the second report, on a busy machine as well.
  ['-Q', '-c 2 -p 3500 -Q 3 10.79.0.1'],
  ['-Q with cumulative results and -o', '-o -c 2 -p 3500 -Q 3,cumulative 10.79.0.1'],
  ['-N', '-N -c 2 -p 3500 -Q 3 10.79.0.1'],
  ['-x when enough are reachable', '-x 2 -r 0 10.79.0.1 10.79.0.2 10.62.0.1'],
  ['-x when too few are', '-x 2 -r 0 10.79.0.1 10.62.0.1'],
  ['-x with less than none', '-x -1 -r 0 10.79.0.1'],
  ['-r with one less than none', '-r -1 -t 200 10.79.0.1 10.62.0.1'],
  ['-x and -a', '-a -x 1 10.79.0.1'],
  ['-b', '-b 1000 -c 1 10.79.0.1'],
  ['-R and -T', '-R -T 10 10.79.0.1'],
  ['-O and -H', '-O 0x10 -H 20 10.79.0.1'],
  ['-H that is too low', '-H 1 -t 100 -r 1 10.80.0.1'],
  ['-M with packets that are too big for the path', '-M -b 1400 -c 1 10.69.0.1'],
  ['-M with packets that are too big for the interface', '-M -b 2000 10.79.0.1'],
  ['-I', '-I lab-r1 10.79.0.1'],
  ['-I without such an interface', '-I nosuch 10.79.0.1'],
  ['-S', '-S 10.77.0.1 10.79.0.1'],
  ['-S with an address of another host', '-S 10.1.2.3 10.79.0.1'],
  ['-4 and IPv6', '-4 fd00:79::1 10.79.0.1'],
  ['-6', '-6 fd00:79::1'],
  ['-6 and IPv4', '-6 10.79.0.1'],
  ['IPv6', '-r 0 fd00:79::1 fd00:62::1'],
  ['a link-local address', 'fe80::7%lab-lan'],
  ['names', 'localhost'],
  ['-A', '-A localhost'],
  ['-n', '-n 127.0.0.1 10.79.0.1'],
  ['-d', '-d localhost 10.79.0.1'],
  ['-A and -n', '-A -n 127.0.0.1 10.79.0.1'],
  ['-m', '-A -m -4 localhost'],
  ['names that are not known', 'nosuch.invalid 10.79.0.1'],
  ['names that are not known, and -q', '-q nosuch.invalid 10.79.0.1'],
  ['only names that are not known', 'nosuch.invalid'],
  ['a zone that no interface has', '-r 0 fe80::7%nosuch 10.79.0.1'],
  ['errors of routers', '-r 0 -t 200 10.64.0.1 10.64.13.1 10.65.120.1'],
  ['errors of routers, and -q', '-q -c 1 10.64.13.1'],
  ['retries after errors of routers', '-r 2 -t 100 10.64.1.1'],
  ['what cannot be sent', '10.50.0.1 10.51.0.1 10.52.0.1 10.53.0.1'],
  ['what cannot be sent, and -a', '-a 10.50.0.1'],
  ['what cannot be sent, and -c', '-c 2 -p 100 10.50.0.1'],
  ['what cannot be sent, and -C', '-C 2 -p 100 10.50.0.1'],
  ['replies from another address', '10.72.0.1'],
  ['replies from another address, and -c', '-c 2 -p 100 10.72.0.1'],
  ['a local host', '10.100.1.7'],
  ['options after targets', '10.79.0.1 -a 10.79.0.2 -q'],
  ['-- before targets', '-a -- 10.79.0.1'],
  ['long options', '--alive --timeout=200 --retry 1 10.79.0.1'],
  ['several options in one', '-aqAgi1 10.79.0.0/30'],
];

/** The first line of standard error is the same, and so is the exit code; fping's own usage text is not ours. */
const REFUSED: readonly string[] = [
  '-Z 10.79.0.1',
  '-c',
  '-c x 10.79.0.1',
  '-c 0 10.79.0.1',
  '-t abc 10.79.0.1',
  '-i -1 10.79.0.1',
  '-p -1 10.79.0.1',
  '-B 0 10.79.0.1',
  '-B 6 10.79.0.1',
  '-B 0.5 10.79.0.1',
  '-b 70000 10.79.0.1',
  '-H 300 10.79.0.1',
  '-H 0 10.79.0.1',
  '-x 0 10.79.0.1',
  '-S 1.2.3 10.79.0.1',
  '-a -u 10.79.0.1',
  '-4 -6 10.79.0.1',
  '-n -d 10.79.0.1',
  '-l -c 1 10.79.0.1',
  '-f /nonexistent/list',
  '-f /nonexistent/list 10.79.0.1',
  '-f / ',
  '-g',
  '-g 10.79.0.1',
  '-g 10.79.0.1 10.79.0.2 10.79.0.3',
  '-g 10.79.0.300/29',
  '-g 10.79.0.0/33',
  '-g 10.79.0.0/0',
  '-g fd00:79::/120',
  '-g 10.79.0.0 10.90.0.0',
  '-g 10.79.0.1 x',
  '--count',
  '--count=',
  '--nosuch 10.79.0.1',
  '--alive=3 10.79.0.1',
];

// Most of the time passes in waiting, so a few cases wait together.
describe('fping and echosweep', { concurrency: 4 }, () => {
  for (const [promise, args, stdin] of SAME) {
    labTestUnless(NO_FPING, `print the same: ${promise}`, async () => {
      const words = args.split(' ').filter((word) => word !== '');
      const options = stdin === undefined ? {} : { stdin };
      // The system keeps what fping learns about the size of packets, and fping obeys it; we do not.
      const expected = maskedRun(await theirs(words, options));
      assert.deepEqual(maskedRun(await ours(words, options)), expected);
    });
  }

  for (const args of REFUSED) {
    labTestUnless(NO_FPING, `refuse the same: fping ${args}`, async () => {
      const words = args.split(' ').filter((word) => word !== '');
      assert.deepEqual(refusalOf(await ours(words)), refusalOf(await theirs(words)));
    });
  }
});

labTest('a link named fping takes the arguments of fping', async () => {
  const link = join(freshFolder(), 'fping');
  symlinkSync(MAIN, link);
  const { code, stdout } = await start([LAB_NODE, link, '-a', '10.79.0.1']).finished;
  assert.deepEqual({ code, stdout }, { code: 0, stdout: '10.79.0.1\n' });
});

labTest('a link named fping6 probes IPv6 only', async () => {
  const link = join(freshFolder(), 'fping6');
  symlinkSync(MAIN, link);
  const run = await start([LAB_NODE, link, '10.79.0.1', 'fd00:79::1']).finished;
  assert.equal(run.stdout, 'fd00:79::1 is alive\n');
  assert.equal(run.stderr, '10.79.0.1: Address family for hostname not supported\n');
  assert.equal(run.code, 2);
});

labTest('-f reads a file', async () => {
  const list = join(freshFolder(), 'list.txt');
  writeFileSync(list, '10.79.0.1\r\n#10.79.0.2\r\n\t10.79.0.3 router\r\n');
  assert.equal((await ours(['-a', '-f', list])).stdout, '10.79.0.1\n10.79.0.3\n');
});

labTest('-X stops as soon as enough targets are reachable', async () => {
  const run = await ours(['-X', '2', '-i', '100', '-g', '10.79.0.0/24']);
  // More than two if replies came while the process was held up.
  assert.match(run.stdout, /^Enough hosts reachable \(required: 2, reachable: [2-9]\)\n$/);
  assert.equal(run.code, 0);
  assertSoon(run.ms, 15_000);
});

labTest('-J reports each probe, each host and the whole as JSON', async () => {
  const run = await ours(['-J', '-s', '-c', '2', '-p', '100', '10.79.0.1', '10.62.0.1']);
  const objects = run.stdout
    .trimEnd()
    .split('\n')
    .map((line): Record<string, Record<string, unknown>> => JSON.parse(line));
  const named = objects.map((object) => Object.entries(object)[0]!);
  assert.deepEqual(named.map(([kind, { host = '' }]) => `${kind} ${host}`).sort(), [
    'resp 10.79.0.1',
    'resp 10.79.0.1',
    'stats ',
    'summary 10.62.0.1',
    'summary 10.79.0.1',
    'timeout 10.62.0.1',
    'timeout 10.62.0.1',
  ]);
  const summary = named.findLast(([kind]) => kind === 'summary')![1];
  assert.deepEqual(summary, { host: '10.62.0.1', xmt: 2, rcv: 0, loss: 100 });
  assert.equal(run.stderr, '');
  assert.equal(run.code, 1);
});

labTest('lines about probes appear while others are still to come', async () => {
  const { process: child, finished } = startEchosweep([
    'fping',
    ...['-c', '3', '-p', '1500', '10.79.0.1'],
  ]);
  const seen: number[] = [];
  child.stdout!.on('data', () => seen.push(performance.now()));
  await finished;
  assert.equal(seen.length, 3);
  assert.ok(seen[2]! - seen[0]! > 2500, 'the lines came together');
});

labTest('an interrupt prints what is known by then', async () => {
  const { process: child, finished } = startEchosweep([
    'fping',
    ...['-c', '100', '-p', '200', '10.79.0.1'],
  ]);
  let text = '';
  child.stdout!.on('data', (piece: string) => {
    text += piece;
  });
  await until('two replies are printed', () => text.includes('[1]'));
  child.kill('SIGINT');
  const { code, stderr } = await finished;
  assert.match(stderr, /^\n10\.79\.0\.1 : xmt\/rcv\/%loss = (\d+)\/\1\/0%, min\/avg\/max = /);
  assert.equal(code, 0);
});

labTest('loop mode is refused and points to echosweep watch', async () => {
  const run = await ours(['-l', '10.79.0.1']);
  assert.equal(
    run.stderr,
    'fping: loop mode (-l) is not available here; use echosweep watch instead\n',
  );
  assert.equal(run.code, 1);
});

function ours(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return startEchosweep(['fping', ...args], options).finished;
}

function theirs(args: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return start(['fping', ...args], options).finished;
}

function maskedRun({ code, stdout, stderr }: Finished) {
  return { code, stdout: masked(stdout), stderr: masked(stderr) };
}

function refusalOf({ code, stdout, stderr }: Finished) {
  return { code, stdout, firstLine: stderr.split('\n')[0] };
}

/** Times are not the same twice. */
function masked(text: string): string {
  return text
    .replaceAll(/\[\d{10}\.\d{5}\]/g, '[TIME]')
    .replaceAll(/\[\d\d:\d\d:\d\d\]/g, '[CLOCK]')
    .replaceAll(/ +\d+\.\d{3} sec/g, ' SECONDS sec')
    .replaceAll(/\d+(\.\d+)? ms/g, 'RTT ms')
    .replaceAll(/\(\d+(\.\d+)? avg/g, '(RTT avg')
    .replaceAll(/(max = |values: )[\d./]+/g, '$1RTTS')
    .replaceAll(/^(\S+ +:)(?: (?:\d+\.\d+|-))+$/gm, (line, label: string) => {
      const values = line.slice(label.length).replaceAll(/\d+\.\d+/g, 'RTT');
      return label + values;
    })
    .replaceAll(/^SET (min|avg|max) = \d+$/gm, 'SET $1 = NS');
}
