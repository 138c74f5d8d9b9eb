/** The commands of the README, the recipes and the examples, run in the lab as a reader would. */

import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fencesOf, textOf } from '../docs/markdown.ts';
import { ROOT } from '../root.ts';
import { labTest } from './lab-test.ts';
import { LAB_PACKAGE } from './ordinary-user.ts';
import { shell } from './reader-shell.ts';
import { freshFolder } from './run.ts';

const README = textOf('README.md');

/** Blocks marked to be run: every command in them must succeed, and every report must exist. */
const TRIED = [
  'README.md',
  'docs/csv.md',
  'docs/targets.md',
  'docs/integrations/fping.md',
  'docs/watch.md',
  'docs/integrations/nmap.md',
];
for (const { path, info, code } of TRIED.flatMap(blocksOf)) {
  if (info !== 'sh run') continue;
  labTest(`${path}: ${code.trim()}`, async () => {
    const folder = freshFolder();
    const finished = await shell(code, folder);
    assert.equal(finished.code, 0, finished.stderr);
    for (const [, report] of code.matchAll(/ -o (\S+)/g)) {
      const text = readFileSync(join(folder, report!), 'utf8');
      assert.ok(text.split('\n').length > 2, `${report} is empty`);
    }
    if (!code.includes(' -o ')) assert.match(finished.stdout, /127\.0\.0\.3/);
  });
}

labTest('README: the sweep that it begins with gives the output that it shows', async () => {
  const { code } = fencesOf(README).find(({ info }) => info === 'console')!;
  const [call, ...shown] = code.trimEnd().split('\n');
  const command = call!.replace(/^\$ /, '');
  const { stdout, stderr } = await shell(`${command} --format table`);
  assert.deepEqual(masked(`${stdout}${stderr}`), masked(shown.join('\n')));
});

labTest('README: the program runs and says what it should', async () => {
  const folder = freshFolder();
  const { code } = fencesOf(README).find(({ info }) => info === 'js')!;
  const program = join(folder, 'program.mjs');
  // A program finds the package where npm would have put it.
  const face = JSON.stringify(`${LAB_PACKAGE}/dist/src/index.js`);
  writeFileSync(program, code.replace("'echosweep'", face));
  const { stdout, stderr } = await shell(`node ${program}`, folder);
  assert.equal(stderr, '');
  assert.match(stdout, /^127\.0\.0\.1 up [\d.]+\n(?:.*\n){13}14 up, engine raw\n$/);
});

labTest('the examples that print give the output that lies beside them', async () => {
  const folder = examples();
  for (const [command, output] of [
    ['first-sweep/sweep.sh', 'first-sweep/output.txt'],
    [`node ${LAB_PACKAGE}/examples/library/sweep.mjs`, 'library/output.txt'],
  ] as const) {
    const { stdout, stderr } = await shell(`./${command}`.replace('./node', 'node'), folder);
    const shown = readFileSync(join(folder, output), 'utf8');
    assert.deepEqual(masked(`${stdout}${stderr}`), masked(shown), command);
  }
});

labTest('the inventory gives the output that lies beside it', async () => {
  const folder = examples();
  const shown = textOf('examples/inventory/output.txt');
  const calls = [...shown.matchAll(/^\$ .*$/gm)].map(([call]) => call);
  assert.equal(calls.length, 2);
  let printed = '';
  for (const call of calls) {
    const { stdout, stderr } = await shell(call.slice(2), folder);
    printed += `${call}\n${stdout}${stderr}`;
  }
  assert.deepEqual(masked(printed), masked(shown));
});

labTest('the examples that report give the report that lies beside them', async () => {
  const folder = examples();
  for (const name of ['csv-for-a-spreadsheet', 'targets-file']) {
    const report = join(folder, name, 'report.csv');
    const shown = readFileSync(report, 'utf8');
    const { code, stderr } = await shell(`./${name}/sweep.sh`, folder);
    assert.equal(code, 0, stderr);
    assert.deepEqual(masked(readFileSync(report, 'utf8')), masked(shown), name);
  }
});

labTest('the crontab keeps a report of the minute and says nothing', async () => {
  const line = textOf('examples/crontab/crontab')
    .split('\n')
    .find((each) => each.startsWith('*/15'))!;
  const command = line.replace(/^(\S+ ){5}/, '').replaceAll('\\%', '%');
  const home = freshFolder();
  const { code, stdout, stderr } = await shell(command, home, { HOME: home });
  assert.deepEqual({ code, stdout, stderr }, { code: 0, stdout: '', stderr: '' });
  const listing = await shell('ls sweeps', home);
  assert.match(listing.stdout, /^\d{4}-\d\d-\d\d-\d{4}\.csv\n$/);
});

labTest('the systemd unit starts a sweep that ends well', async () => {
  const unit = textOf('examples/systemd/echosweep.service');
  const command = /^ExecStart=\/usr\/local\/bin\/(.*)$/m.exec(unit)![1]!;
  const folder = freshFolder();
  const { code, stderr } = await shell(command, folder);
  assert.equal(code, 0, stderr);
  assert.deepEqual(masked(stderr), masked(textOf('examples/systemd/journal.txt')));
  assert.ok(existsSync(join(folder, 'report.csv')));
});

function blocksOf(path: string) {
  return fencesOf(textOf(path)).map((fence) => ({ path, ...fence }));
}

/** A writable copy of the examples. */
function examples(): string {
  const folder = freshFolder();
  cpSync(join(ROOT, 'examples'), folder, { recursive: true });
  return folder;
}

/** What is the same in every run: numbers with a fraction and counts by time vary, and with them the blanks beside. */
function masked(text: string): string[] {
  return text
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{3}Z?)?/g, 'TIME')
    .replaceAll(/\d+\.\d{3}/g, 'MS')
    .replaceAll(/ in [\d.]+ m?s\b/g, ' in TIME')
    .replaceAll(/[\d,]+ probes\/s/g, 'N probes/s')
    .replaceAll(/\d+ sent, (\d+) received/g, 'N sent, $1 received')
    .replaceAll(/\d+ ICMP errors?/g, 'N ICMP errors')
    .replaceAll(/^note: the process was held up for .*\n/gm, '')
    .replaceAll(/ +/g, ' ')
    .trimEnd()
    .split('\n');
}
