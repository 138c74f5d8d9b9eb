/** A program is notified of changes: as JSON, whatever strangers called their hosts, and a failure is reported. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { runChangeCommand } from '../../../../src/inventory/notify/change-command.ts';
import { changeMessage } from '../../../../src/inventory/notify/change-message.ts';
import { AMPLE_TIMEOUT_MS } from '../../../patience.ts';
import { modulePath } from '../../../root.ts';
import { withoutDescriptors } from '../../without-descriptors.ts';
import { hourOf, temporaryFolder } from '../samples.ts';

const FOLDER = temporaryFolder();
const NETWORK = { name: 'office', site: 'Berlin', tags: ['lan'] };

const IS_WINDOWS = process.platform === 'win32';
const CHANGE_COMMAND = 'src/inventory/notify/change-command.ts';
/** Runs a program, and prints what went wrong. */
const RUN = `
  const problem = await tested.runChangeCommand({ command: ['true'], timeoutMs: ${AMPLE_TIMEOUT_MS} }, '{}', '/');
  free();
  process.stdout.write(problem);`;

/** Runs a program that leaves another one behind, with its streams and a message that nobody reads. */
const RUN_AND_LEAVE = `
  const { runChangeCommand } = await import(process.argv[1]);
  const command = ['/bin/sh', '-c', 'exec 3<&0; sleep 20 <&3 & echo $! > left'];
  const problem = await runChangeCommand({ command, timeoutMs: ${AMPLE_TIMEOUT_MS} }, 'x'.repeat(1e6), process.argv[2]);
  process.stdout.write(String(problem));`;

function messageAbout(hostname: string): string {
  return changeMessage(NETWORK, hourOf(0), [
    {
      address: '192.0.2.7',
      hostname,
      kind: 'gone',
      before: 'echo-reply',
      after: '',
      seenAt: hourOf(1),
    },
  ]);
}

function run(
  script: string,
  message = '{}',
  timeoutMs = AMPLE_TIMEOUT_MS,
): Promise<string | undefined> {
  const command = [process.execPath, '-e', script];
  return runChangeCommand({ command, timeoutMs }, message, FOLDER);
}

describe('the message', () => {
  test('says which scan it is about and what changed, in the fields of a report', () => {
    assert.deepEqual(JSON.parse(messageAbout('a.example')), {
      type: 'changes',
      schema: 1,
      network: 'office',
      site: 'Berlin',
      tags: ['lan'],
      scanned_at: hourOf(0).toISOString(),
      severity: 'alarm',
      changes: [
        {
          address: '192.0.2.7',
          hostname: 'a.example',
          change: 'gone',
          severity: 'alarm',
          before: 'echo-reply',
          after: null,
          seen_at: hourOf(1).toISOString(),
          vendor_before: null,
          vendor_after: null,
        },
      ],
    });
  });

  test('keeps hostile names text: one line, no control characters', () => {
    for (const name of [
      '$(touch x)',
      '`id`',
      "'; rm -rf ~; '",
      '\u001b[31m\n\r\u0000',
      '"}],',
      '\u2028\u202e',
    ]) {
      const message = messageAbout(name);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
      assert.doesNotMatch(message, /[\u0000-\u001f\u007f-\u009f\u2028\u202e]/);
      assert.equal(JSON.parse(message).changes[0].hostname, name);
    }
  });
});

describe('the program', () => {
  test('gets the message on its standard input, in the folder of the configuration', async () => {
    const hostile = messageAbout('$(touch injected)');
    const copy = "require('node:fs').writeFileSync('got', require('node:fs').readFileSync(0))";
    assert.equal(await run(copy, hostile), undefined);
    assert.equal(readFileSync(join(FOLDER, 'got'), 'utf8'), `${hostile}\n`);
  });

  test('that fails is reported with its exit code and the last line it printed', async () => {
    const problem = await run("console.error('first\\nno such channel'); process.exitCode = 7");
    assert.match(problem!, /ended with exit code 7: no such channel$/);
  });

  test('that ends with exit code 0 without reading the message is not a problem', async () => {
    assert.equal(await run('process.exit(0)', 'x'.repeat(5_000_000)), undefined);
  });

  test('that takes too long is ended', async () => {
    assert.match((await run('setInterval(() => {}, 1000)', '{}', 300))!, /ended with SIGKILL$/);
  });

  test('that does not exist is reported', async () => {
    const command = ['/no/such/program'];
    const problem = await runChangeCommand({ command, timeoutMs: AMPLE_TIMEOUT_MS }, '{}', FOLDER);
    assert.match(problem!, /^\/no\/such\/program cannot be run: .*ENOENT/);
  });

  test('whose path leads through a file is reported', async () => {
    writeFileSync(join(FOLDER, 'file'), '');
    const command = [join(FOLDER, 'file', 'program')];
    const problem = await runChangeCommand({ command, timeoutMs: AMPLE_TIMEOUT_MS }, '{}', FOLDER);
    assert.match(problem!, /program cannot be run: spawn/);
  });

  test('may leave another one behind, for which nothing waits', { skip: IS_WINDOWS }, async () => {
    const script = [
      '--input-type=module',
      '--eval',
      RUN_AND_LEAVE,
      modulePath(CHANGE_COMMAND),
      FOLDER,
    ];
    const ended = promisify(execFile)(process.execPath, script, { timeout: 10_000 });
    const { stdout } = await ended.finally(() =>
      process.kill(Number(readFileSync(join(FOLDER, 'left'), 'utf8'))),
    );
    assert.equal(stdout, 'undefined');
  });

  test('is reported if no descriptor is free for it', { skip: IS_WINDOWS }, async () => {
    const stdout = await withoutDescriptors(CHANGE_COMMAND, RUN);
    assert.match(stdout, /^true cannot be run: .*EMFILE/);
  });
});
