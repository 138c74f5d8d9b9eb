/** The library as a program sees it: what it gives, what it throws, and that it neither prints nor exits. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { type HostResult, type RunRecord, sweep } from '../../src/index.ts';
import { assertSoon } from '../machine-speed.ts';
import { LAB } from './address-plan.ts';
import { labTest } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { freshFolder, start } from './run.ts';
import { untilSent } from './wire.ts';

const LIVE = LAB.live4.replace('/16', '/24');

labTest('hosts come in address order, and the summary sums them up', async () => {
  const run = sweep({ targets: LIVE, ratePps: Number.POSITIVE_INFINITY });
  const hosts: HostResult[] = [];
  for await (const host of run) hosts.push(host);
  const record = await run.summary;
  assert.deepEqual(
    hosts.map(({ address }) => address),
    Array.from({ length: 254 }, (_, i) => `10.79.0.${i + 1}`),
  );
  assert.ok(hosts.every(({ status, rttMinMs }) => status === 'up' && rttMinMs! >= 0));
  assert.equal(record.statuses.up, 254);
  assert.equal(record.packets.received, 254);
  assert.equal(record.partial, false);
  assert.equal(record.command, 'library');
});

labTest('the summary alone runs the sweep; the hosts are gone then', async () => {
  const run = sweep({ targets: [LIVE], ratePps: 5000 });
  assert.equal((await run.summary).statuses.up, 254);
  await assert.rejects(
    async () => {
      for await (const _host of run) assert.fail('no host is left');
    },
    { code: 'RESULTS_NOT_KEPT' },
  );
});

labTest('leaving the loop stops the sweep', async () => {
  const run = sweep({ targets: LAB.live4, ratePps: 20_000, workers: 1 });
  for await (const host of run) {
    assert.equal(host.address, '10.79.0.1');
    break;
  }
  const record: RunRecord = await run.summary;
  assert.equal(record.partial, true);
  assert.ok(record.packets.sent < 65_534);
});

labTest('an AbortSignal stops the sweep, and what is known by then still comes', async () => {
  const stopper = new AbortController();
  const run = sweep({ targets: LAB.live4, ratePps: 1000, signal: stopper.signal });
  void untilSent(300).then(() => stopper.abort());
  let hosts = 0;
  for await (const host of run) hosts += host.status === 'up' ? 1 : 0;
  const record = await run.summary;
  assert.equal(record.partial, true);
  assert.equal(record.statuses.up, hosts);
  assert.ok(hosts > 100 && hosts < 2000, `${hosts} hosts`);
});

labTest('wrong options throw at once, wrong targets reject, each with a code', async () => {
  assert.throws(() => sweep({ targets: LIVE, timeoutMs: -1 }), {
    name: 'EchosweepError',
    code: 'OPTION_INVALID',
  });
  const run = sweep({ targets: '10.0.0.300' });
  await assert.rejects(run.summary, { code: 'TARGET_INVALID' });
  await assert.rejects(
    async () => {
      for await (const _host of sweep({ targets: '10.0.0.300' })) assert.fail('nothing is swept');
    },
    { code: 'TARGET_INVALID' },
  );
});

labTest("several sweeps at once keep out of each other's way", async () => {
  const sweeps = Array.from({ length: 3 }, () => sweep({ targets: LIVE, ratePps: 3000 }));
  for (const record of await Promise.all(sweeps.map((run) => run.summary))) {
    assert.equal(record.statuses.up, 254);
    assert.equal(record.packets.rejected, 0);
  }
});

labTest(
  'a program prints only what it prints itself, keeps its user, and ends by itself',
  async () => {
    const folder = freshFolder();
    const program = join(folder, 'program.mjs');
    const face = `${LAB_PACKAGE}/dist/src/index.js`;
    const lines = [
      `import { sweep } from ${JSON.stringify(face)};`,
      `const run = sweep({ targets: ['${LIVE}', '${LAB.sendHostUnreach4}'], retries: 0, timeoutMs: 200, ratePps: 5000 });`,
      'let up = 0;',
      "for await (const host of run) if (host.status === 'up') up++;",
      'console.log(up, process.getuid());',
    ];
    writeFileSync(program, lines.join('\n'));
    const { code, stdout, stderr, ms } = await start([LAB_NODE, program], {
      env: { SUDO_UID: '1', SUDO_GID: '1' },
    }).finished;
    assert.deepEqual(
      { code, stdout, stderr },
      { code: 0, stdout: `254 ${process.getuid!()}\n`, stderr: '' },
    );
    assertSoon(ms, 10_000);
  },
);

labTest('a program ends by itself after an engine that cannot meet an option', async () => {
  const program = join(freshFolder(), 'program.mjs');
  const lines = [
    `import { sweep } from ${JSON.stringify(`${LAB_PACKAGE}/dist/src/index.js`)};`,
    "const wanted = { targets: ['::1', '127.0.0.1'], engine: 'raw-socket' };",
    "for (const option of [{ tos: 8 }, { interface: 'none' }])",
    '  await sweep({ ...wanted, ...option }).summary.catch(({ code }) => console.log(code));',
  ];
  writeFileSync(program, lines.join('\n'));
  const { code, stdout, ms } = await start([LAB_NODE, program]).finished;
  assert.equal(code, 0);
  // The package is optional.
  assert.match(stdout, /^(OPTION_INVALID\n|NO_ENGINE\n){2}$/);
  assertSoon(ms, 10_000);
});

labTest('a sweep in a thread of a program makes Node warn of nothing', async () => {
  const face = new URL('../../src/index.js', import.meta.url);
  const lines = [
    "const { parentPort } = require('node:worker_threads');",
    `import(${JSON.stringify(face.href)}).then(async ({ sweep }) => {`,
    "  process.on('warning', ({ message }) => parentPort.postMessage(message));",
    `  const { statuses } = await sweep({ targets: '${LIVE}', ratePps: 5000 }).summary;`,
    '  setImmediate(() => parentPort.postMessage(statuses.up));',
    '});',
  ];
  const thread = new Worker(lines.join('\n'), { eval: true });
  const messages: unknown[] = [];
  thread.on('message', (message) => messages.push(message));
  await once(thread, 'exit');
  assert.deepEqual(messages, [254]);
});

labTest('the package exports types for what it exports', () => {
  const declared = readFileSync(`${LAB_PACKAGE}/dist/src/index.d.ts`, 'utf8');
  for (const name of ['sweep', 'SweepOptions', 'HostResult', 'RunRecord', 'EchosweepError']) {
    assert.match(declared, new RegExp(`\\b${name}\\b`));
  }
});
