/** The commands of docs/integrations/monitoring.md, run in the lab as a reader would, with an inventory to ask. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseConfig } from '../../src/inventory/config/config-file.ts';
import { FORMATS } from '../../src/report/formats.ts';
import { codeIn, fencesOf, tableOf, textOf } from '../docs/markdown.ts';
import { readSyslog } from '../unit/report/syslog-reader.ts';
import { labTest } from './lab-test.ts';
import { shell } from './reader-shell.ts';
import { freshFolder } from './run.ts';

const PAGE = textOf('docs/integrations/monitoring.md');
const CONFIG = `networks:
  local: { targets: 127.0.0.0/28, site: Köln, tags: [lan, floor 2] }
`;

test('the page names each format as the command has it', () => {
  for (const [, ending, name, , hosts, changes] of tableOf(PAGE, 'For')) {
    const format = FORMATS.find((each) => each.name === codeIn(name!))!;
    assert.equal(codeIn(ending!), format.ending);
    assert.equal(hosts, format.takesRecords || format.listsHosts ? 'yes' : 'no', name);
    assert.equal(changes, format.takesRecords ? 'yes' : 'no', name);
  }
});

test('the examples of a configuration are right', () => {
  const examples = fencesOf(PAGE).filter(
    ({ info, code }) => info === 'yaml' && !code.startsWith('scrape_configs'),
  );
  assert.equal(examples.length, 2);
  for (const { code } of examples) parseConfig(`${code}${CONFIG}`, 'monitoring.md');
});

labTest('every command of the page writes what its consumer reads', async () => {
  const folder = freshFolder();
  const run = async (script: string): Promise<string> => {
    const { code, stdout, stderr } = await shell(script, folder);
    assert.equal(code, 0, `${script}: ${stderr}`);
    return stdout;
  };
  writeFileSync(join(folder, 'echosweep.yaml'), `export-files: after-scan.sd.json\n${CONFIG}`);
  await run('echosweep inventory scan');
  // So that there are changes: the targets of the next scan have others that answer.
  const wider = CONFIG.replace('/28', '/27');
  writeFileSync(join(folder, 'echosweep.yaml'), `export-files: after-scan.sd.json\n${wider}`);
  await run('echosweep inventory scan');
  const commands = fencesOf(PAGE).flatMap(({ info, code }) => (info === 'sh run' ? [code] : []));
  assert.ok(commands.length >= 10);
  for (const command of commands) {
    const output = await run(command);
    for (const [, path] of command.matchAll(/ -o (\S+)/g)) {
      assert.equal(output, '');
      check(path!, readFileSync(join(folder, path!), 'utf8'));
    }
  }
  check('after-scan.sd.json', readFileSync(join(folder, 'after-scan.sd.json'), 'utf8'));
  for (const [script, group] of [
    ['hosts.sh', 'status_up'],
    ['inventory.sh', 'site_Köln'],
  ] as const) {
    const list = JSON.parse(await run(`./${script} --list`)) as Record<string, { hosts: string[] }>;
    assert.ok(list[group]!.hosts.includes('127.0.0.3'), script);
  }
  const telegraf = /commands = \["(.*)"\]/.exec(PAGE)![1]!;
  check('telegraf.lp', await run(telegraf));
});

/** Whether a report is what its ending says, with at least one host or change. */
function check(path: string, text: string): void {
  const lines = text.split('\n').slice(0, -1);
  if (path.endsWith('.syslog')) for (const line of lines) readSyslog(line);
  else if (path.endsWith('.ecs.json')) for (const line of lines) JSON.parse(line);
  else if (path.endsWith('.lp')) for (const line of lines) assert.match(line, /^ping,\S+ \S+ \d+$/);
  else if (path.endsWith('.md')) for (const line of lines) assert.match(line, /^\| .* \|$/);
  else JSON.parse(text);
  assert.match(text, /127\.0\.0\.\d/, path);
}
