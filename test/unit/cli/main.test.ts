/** The command as a process, as far as it goes without sending anything: exit codes, streams, one line an error. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { modulePath, ROOT } from '../../root.ts';

const MAIN = modulePath('src/cli/main.ts');
const MANIFEST = `${ROOT}package.json`;

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function echosweep(args: readonly string[], { closesStdout = false } = {}): Promise<Ended> {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  if (closesStdout) child.stdout.destroy();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
}

describe('what is asked for goes to stdout', () => {
  test('--version', async () => {
    const { version } = JSON.parse(readFileSync(MANIFEST, 'utf8'));
    assert.deepEqual(await echosweep(['-V']), { code: 0, stdout: `${version}\n`, stderr: '' });
  });

  test('--help', async () => {
    const { code, stdout, stderr } = await echosweep(['--help']);
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(stdout, /^Usage: echosweep \[options\] <target\.\.\.>\n/);
  });

  test('doctor --help', async () => {
    const { code, stdout } = await echosweep(['doctor', '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /^Usage: echosweep doctor \[options\]\n/);
  });

  test('help and version as words, and the help of a command', async () => {
    const [help, version] = [await echosweep(['--help']), await echosweep(['-V'])];
    assert.deepEqual(await echosweep(['help']), help);
    assert.deepEqual(await echosweep(['version']), version);
    assert.deepEqual(await echosweep(['help', 'diff']), await echosweep(['diff', '--help']));
    const scan = await echosweep(['help', 'inventory', 'scan']);
    assert.match(scan.stdout, /^Usage: echosweep inventory scan /);
    assert.deepEqual(await echosweep(['diff', '--version']), version);
  });

  test('into a pipe that nobody reads, without complaint', async () => {
    const { code, stderr } = await echosweep(['--help'], { closesStdout: true });
    assert.deepEqual([code, stderr], [0, '']);
  });
});

describe('what is wrong is one line on stderr and exit code 3', () => {
  const cases: [string[], RegExp][] = [
    [[], /^echosweep: no target: /],
    [['--timout', '5', '192.0.2.1'], /^echosweep: unknown option '--timout': did you mean /],
    [
      ['-t', 'abc', '192.0.2.1'],
      /^echosweep: --timeout: "abc" is not valid: use a number of milliseconds /,
    ],
    [['-c', '3', '-r', '1', '192.0.2.1'], /^echosweep: --count 3 and --retries 1 exclude /],
    [['192.0.2.300'], /^echosweep: target: "192\.0\.2\.300" /],
    [['-f', 'no-such-file.txt'], /^echosweep: cannot read targets from no-such-file\.txt: /],
    [['192.0.2.1', '--columns', 'x', '--dry-run'], /^echosweep: unknown column "x": /],
    [
      ['192.0.2.1', '-o', 'report.xls'],
      /^echosweep: the name report\.xls does not show which format/,
    ],
    [['192.0.2.1', '-o', '-', '-o', '-'], /^echosweep: two reports would go to standard output: /],
    [['10.0.0.0/8'], /^echosweep: 16777214 addresses .* --yes /],
    [['docter'], /^echosweep: "docter" is not a command: did you mean echosweep doctor\? /],
    [['invntory', 'scan'], /^echosweep: "invntory" is not a command: did you mean /],
    [['-q', 'map'], /^echosweep: the command map has to come first: write echosweep map and its /],
    [['-q', 'watch', '192.0.2.1'], /^echosweep: the command watch has to come first: write /],
    [
      ['dif', 'a.csv', 'b.jsonl'],
      /^echosweep: "dif" is not a command: did you mean echosweep diff\? /,
    ],
    [['help', 'docter'], /^echosweep: help knows no command "docter": use watch, doctor, diff, /],
    [['version', '2'], /^echosweep: version takes no arguments: /],
    [['doctor', 'now'], /^echosweep: doctor takes no arguments: /],
  ];
  for (const [args, line] of cases) {
    test(`echosweep ${args.join(' ')}`, async () => {
      const { code, stdout, stderr } = await echosweep(args);
      assert.deepEqual([code, stdout], [3, '']);
      assert.match(stderr, line);
      assert.match(stderr, /^[^\n]*\n$/, 'one line');
    });
  }
});
