/** Everything wrong on a command line, in a target or in a file: one line that says what, where and what would be right. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { labTest } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { echosweep, freshFolder, start } from './run.ts';

const MAIN = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
/** For commands that would wait for ever if they were wrong. */
const DEADLINE_MS = 20_000;

/** Arguments, and what the line must speak of. */
const WRONG: readonly (readonly [args: readonly string[], says: RegExp])[] = [
  [[], /no target/],
  [['10.0.0.300'], /"10\.0\.0\.300" is not an address.*0 to 255/],
  [['10.0.0.0/33'], /"10\.0\.0\.0\/33".*0 to 32/],
  [['10.0.0.0/08'], /"10\.0\.0\.0\/08".*0 to 32/],
  [['10.0.0'], /"10\.0\.0" is not an address/],
  [['10.0.0.9-3'], /"10\.0\.0\.9-3" ends before it begins/],
  [['::ffff:10.0.0.0/104'], /write it as IPv4/],
  [['fe80::1'], /link-local.*fe80::1%eth0/],
  [['224.0.0.1'], /multicast/],
  [['255.255.255.255'], /broadcast/],
  [['fe80::1%lab-none'], /lab-none/],
  [['fe80::1%lab-none', '--dry-run'], /no interface is named "lab-none"/],
  [['127.0.0.1', '--canary', 'fe80::1%lab-none', '--dry-run'], /no interface is named "lab-none"/],
  [['\u001b[31mred'], /"\\u001b\[31mred"/],
  [['10.0.0.0/8'], /16777214 addresses.*--yes/],
  [['2001:db8::/64'], /18446744073709551616 addresses/],
  [['127.0.0.1', '--exclude', '127.0.0.0/8'], /nothing is left/],
  [['127.0.0.1', '-6'], /no target .* has an IPv6 address/],
  [['127.0.0.1', '--timeout', 'abc'], /--timeout: "abc".*1 to 600000/],
  [['127.0.0.1', '--timeout', '0'], /--timeout.*1 to 600000/],
  [['127.0.0.1', '-c', '5', '-r', '3'], /--count 5 and --retries 3 exclude each other/],
  [['127.0.0.1', '--rate', '-5'], /--rate/],
  [['127.0.0.1', '-b', '4'], /--size.*24/],
  [['127.0.0.1', '-H', '256'], /--ttl.*1 to 255/],
  [['127.0.0.1', '--engine', 'nmap'], /--engine.*raw/],
  [['127.0.0.1', '--order', 'up'], /--order.*random/],
  [['127.0.0.1', '-4', '-6'], /exclude each other/],
  [['127.0.0.1', '-S', '203.0.113.77'], /--source.*203\.0\.113\.77/],
  [['127.0.0.1', '-I', 'lab-none'], /--interface.*lab-none/],
  [['127.0.0.1', '--tiemout', '5'], /--tiemout.*--timeout/],
  [['127.0.0.1', '-o', 'report.pdf'], /report\.pdf/],
  [['127.0.0.1', '-o', 'a.csv', '-o', './a.csv'], /a\.csv/],
  [['127.0.0.1', '--format', 'xml'], /--format.*csv/],
  [['127.0.0.1', '--columns', 'address,colour'], /colour/],
  [['127.0.0.1', '--only', 'sideways'], /--only.*up/],
  [['127.0.0.1', '--csv-delimiter', 'ab'], /--csv-delimiter: "ab"/],
  [['-f', 'none.txt'], /none\.txt/],
];

for (const [args, says] of WRONG) {
  labTest(`echosweep ${JSON.stringify(args.join(' '))} is refused in one line`, async () => {
    const cwd = freshFolder();
    const { code, stdout, stderr } = await echosweep(args, { cwd });
    assert.equal(code, 3, stderr);
    assert.match(stderr, /^echosweep: [^\n]+\n$/);
    assert.match(stderr, says);
    assert.ok(!stderr.includes('\u001b'));
    assert.equal(stdout, '');
    assert.ok(!existsSync(join(cwd, 'a.csv')));
  });
}

labTest('a wrong line of a file is named with its file and number', async () => {
  const cwd = freshFolder();
  writeFileSync(join(cwd, 'hosts.txt'), '# hosts\n127.0.0.1, 127.0.0.2\n\n10.0.0.999 # typo\n');
  const fromFile = await echosweep(['-f', 'hosts.txt'], { cwd });
  assert.equal(fromFile.code, 3);
  assert.match(fromFile.stderr, /^echosweep: hosts\.txt, line 4: "10\.0\.0\.999"/);
  const fromInput = await echosweep(['-f', '-'], { cwd, stdin: '127.0.0.1\nnot/a/target\n' });
  assert.equal(fromInput.code, 3);
  assert.match(fromInput.stderr, /^echosweep: standard input, line 2: "not\/a\/target"/);
  const excluded = await echosweep(['127.0.0.1', '--exclude', '10.0.0.0/40'], { cwd });
  assert.match(excluded.stderr, /^echosweep: --exclude: "10\.0\.0\.0\/40"/);
});

labTest(
  'targets come from files and standard input, with comments, commas and blanks',
  async () => {
    const cwd = freshFolder();
    writeFileSync(
      join(cwd, 'hosts.txt'),
      '# two\n127.0.0.1,127.0.0.2   127.0.0.3\r\n127.0.0.8/30 # a subnet\n',
    );
    const { code, stdout, stderr } = await echosweep(
      ['-f', 'hosts.txt', '-f', '-', '--exclude', '127.0.0.2', '-q', '--columns', 'address'],
      { cwd, stdin: '127.0.0.3\n127.0.1.1-2\n' },
    );
    assert.equal(code, 0, stderr);
    const expected = [
      'address',
      '127.0.0.1',
      '127.0.0.3',
      '127.0.0.9',
      '127.0.0.10',
      '127.0.1.1',
      '127.0.1.2',
    ];
    assert.deepEqual(stdout.trimEnd().split('\n'), expected);
  },
);

labTest('a dry run says what would be swept, and the kernel sends nothing', async () => {
  const echoes = (): string =>
    readFileSync('/proc/net/snmp', 'utf8')
      .match(/^IcmpMsg:.*$/gm)!
      .join();
  const before = echoes();
  const { code, stdout } = await echosweep(['127.0.0.0/24', '--dry-run']);
  assert.equal(code, 0);
  assert.match(stdout, /127\.0\.0\.1 - 127\.0\.0\.254/);
  assert.match(stdout, /at least 254, at most 762/);
  assert.match(stdout, /raw/);
  assert.equal(echoes(), before);
});

labTest('a broken row of the known hosts costs itself, and not the inventory', async () => {
  const cwd = freshFolder();
  const config = 'known-hosts: hosts.csv\nnetworks: { near: { targets: 127.0.0.0/30 } }\n';
  writeFileSync(join(cwd, 'echosweep.yaml'), config);
  writeFileSync(join(cwd, 'hosts.csv'), 'address,name\n127.0.0.1,"a"b\n127.0.0.2,b\n');
  const { code, stderr } = await echosweep(['inventory', 'check'], { cwd });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /hosts\.csv, line 2: the quotes are not those of a CSV/);
});

labTest('diff refuses a wrong report at once, while another is still to come', async () => {
  const folder = freshFolder();
  const pipe = join(folder, 'pipe');
  execFileSync('mkfifo', [pipe]);
  const wrong = join(folder, 'wrong.csv');
  const WRONG_REPORTS = [
    ['no report\n', /wrong[.]csv: its header has no address/],
    ['address,status\n192.0.2.1,up\n192.0.2.300,up\n', /wrong[.]csv, line 3: "192[.]0[.]2[.]300"/],
    [
      'address,status\n192.0.2.1,up\n192.0.2.2,up,1\n',
      /wrong[.]csv, line 3: the row is not as wide/,
    ],
  ] as const;
  for (const [content, says] of WRONG_REPORTS) {
    writeFileSync(wrong, content);
    for (const reports of [
      [wrong, pipe],
      [pipe, wrong],
    ]) {
      const { code, stderr } = await echosweep(['diff', ...reports], { deadlineMs: DEADLINE_MS });
      assert.equal(code, 3);
      assert.match(stderr, says);
    }
  }
});

labTest('a wrong list is refused at once, while its pipe is still open', async () => {
  const pipe = join(freshFolder(), 'pipe');
  execFileSync('mkfifo', [pipe]);
  const long = 'a'.repeat((1 << 20) + 1);
  // Longer than what is read before the format is known.
  const wrongXml = `<nmaprun>\n</wrong>${' '.repeat(1 << 16)}`;
  const fromStdin = ['sh', '-c', 'exec "$@" <"$0"', pipe];
  for (const [shell, args, content, says, exitCode] of [
    [[], ['-f', pipe], '192.0.2.1\n\xff\xff\n', /line 2: is neither UTF-8/, 3],
    [[], ['-f', pipe], wrongXml, /line 2: is not well-formed XML/, 3],
    [fromStdin, ['-f', '-'], wrongXml, /line 2: is not well-formed XML/, 3],
    [[], ['fping', '-f', pipe], long, /line 1 of the list is too long/, 1],
  ] as const) {
    const command = [...shell, LAB_NODE, MAIN, ...args];
    const { finished } = start(command, { deadlineMs: DEADLINE_MS });
    // It is not closed before the command has ended.
    const writer = await open(pipe, 'r+');
    await writer.write(Buffer.from(content, 'latin1'));
    const { code, stderr } = await finished;
    await writer.close();
    assert.equal(code, exitCode, stderr);
    assert.match(stderr, says);
  }
});
