/** `inventory serve` as a process: the signals that it takes. */

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { labTest } from './lab-test.ts';
import { freshFolder, startEchosweep, until } from './run.ts';

labTest('takes signals from the moment that it prints a link', async () => {
  const folder = freshFolder();
  writeFileSync(
    join(folder, 'echosweep.yaml'),
    'networks: { office: { targets: 127.0.7.0/28 } }\n',
  );
  const args = ['inventory', 'serve', '--listen', '127.0.0.1:8469'];
  const { process: served, finished } = startEchosweep(args, { cwd: folder });
  let stderr = '';
  served.stderr!.on('data', (text: string) => {
    if (stderr === '') {
      served.kill('SIGHUP');
      served.kill('SIGUSR1');
    }
    stderr += text;
  });
  await until(
    'it is reloaded and prints another link',
    () => /configuration reloaded/.test(stderr) && stderr.match(/#link=/g)?.length === 2,
  );
  served.kill('SIGTERM');
  const { code } = await finished;
  assert.equal(code, 0, stderr);
});
