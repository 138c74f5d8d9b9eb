/** What a plain sweep of the installed command loads: nothing that it does not need, so that it starts fast. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe } from 'node:test';
import { labTest } from './lab-test.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import { type Finished, freshFolder, start } from './run.ts';

/** Reports on standard error which of our files and packages were loaded, which Intl objects were made, and whether OpenSSL was loaded. */
const WATCHER = `
const made = [];
for (const name of ['Collator', 'DateTimeFormat', 'NumberFormat', 'Segmenter'])
  Intl[name] = new Proxy(Intl[name], { construct(target, args) { made.push(name); return new target(...args); } });
process.on('exit', () => console.error(JSON.stringify({ made, files: Object.keys(require.cache),
  hasCrypto: process.moduleLoadList.includes('NativeModule crypto') })));
`;

interface Loaded {
  readonly made: readonly string[];
  readonly hasCrypto: boolean;
  /** From the folder of the package. */
  readonly files: readonly string[];
}

async function loadedBy(args: readonly string[]): Promise<Loaded> {
  const watcher = join(freshFolder(), 'watcher.cjs');
  writeFileSync(watcher, WATCHER);
  const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
  const run = await start([LAB_NODE, '--require', watcher, main, ...args]).finished;
  assert.equal(run.code, 0, run.stderr);
  // The summary comes before it.
  const loaded: Loaded = JSON.parse(run.stderr.trim().split('\n').at(-1)!);
  const files = loaded.files.filter((file) => file !== watcher);
  return { ...loaded, files: files.map((file) => file.slice(LAB_PACKAGE.length + 1)) };
}

describe('what a sweep loads', () => {
  labTest(
    'a small one: its own file and koffi’s library, no package apart, no pool, no Intl and no OpenSSL',
    async () => {
      const report = join(freshFolder(), 'report.csv');
      const { made, files, hasCrypto } = await loadedBy(['127.0.0.1', '-o', report]);
      assert.deepEqual([made, hasCrypto], [[], false]);
      const bundles = files.filter((file) => file.startsWith('dist/')).sort();
      assert.deepEqual(bundles, ['dist/src/bin/command.cjs', 'dist/src/bin/echosweep.cjs']);
      const packages = new Set(
        files.map((file) => /node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0]),
      );
      packages.delete(undefined);
      assert.deepEqual([...packages], [`node_modules/@koromix/koffi-linux-${process.arch}`]);
    },
  );

  labTest('a file that can be kept compiled: one without import()', () => {
    const command = readFileSync(`${LAB_PACKAGE}/dist/src/bin/command.cjs`, 'utf8');
    assert.deepEqual(command.match(/[^.\w$]import\(/), null);
  });

  labTest('in a worker: OpenSSL only when something of it is used', () => {
    const worker = readFileSync(`${LAB_PACKAGE}/dist/src/bin/probe-block.cjs`, 'utf8');
    const loads = worker.match(/\w+\W?require\("node:crypto"\)/g) ?? [];
    assert.deepEqual(new Set(loads), new Set(['return require("node:crypto")']));
  });

  labTest('what needs no sites: nothing of NATS', async () => {
    const { files } = await loadedBy(['agent', '--help']);
    assert.ok(files.includes('dist/src/bin/rest.cjs'));
    assert.deepEqual(
      files.filter((file) => file.includes('nats')),
      [],
    );
  });

  labTest('one with workers: the pool as well, and nothing of the rest', async () => {
    const report = join(freshFolder(), 'report.csv');
    const { files } = await loadedBy(['127.0.0.1', '-w', '1', '-q', '-o', report]);
    assert.ok(files.includes('dist/src/bin/packages/piscina.cjs'));
    assert.ok(!files.includes('dist/src/bin/rest.cjs'));
  });
});

describe('the installed command', () => {
  const COMMAND = `${LAB_PACKAGE}/dist/src/bin/command.cjs`;

  labTest('reads subnets for which it loads ip-cidr, and refuses others with advice', async () => {
    const zoned = await runBundle(['--dry-run', 'fe80::1:0/126%lo']);
    assert.deepEqual([zoned.code, zoned.stderr], [0, '']);
    assert.match(zoned.stdout, /fe80::1:0/);
    const refused = await runBundle(['--dry-run', '224.0.0.0/4']);
    assert.equal(refused.code, 3);
    assert.match(
      refused.stderr,
      /^echosweep: target: "224[.]0[.]0[.]0\/4" cannot be swept: .*; leave it out$/m,
    );
  });

  labTest('sweeps the same when it is loaded from what was kept', async () => {
    const folder = freshFolder();
    const report = join(folder, 'report.csv');
    const script = `const { requireKept } = await import('${LAB_PACKAGE}/dist/src/cli/kept-code.js');
      process.argv = [process.argv[0], '${COMMAND}', '127.0.0.1', '-q', '-o', '${report}'];
      console.log(requireKept('${COMMAND}', '${join(folder, 'kept')}'));`;
    for (const isKept of ['false', 'true']) {
      const run = await start([LAB_NODE, '--input-type=module', '-e', script]).finished;
      assert.deepEqual([run.code, run.stderr, run.stdout], [0, '', `${isKept}\n`]);
      assert.match(readFileSync(report, 'utf8'), /^127[.]0[.]0[.]1,.*up,echo-reply/m);
    }
  });
});

function runBundle(args: readonly string[]): Promise<Finished> {
  return start([LAB_NODE, `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`, ...args]).finished;
}

labTest('SIGUSR1 opens no debugger, in no command', async () => {
  const watcher = join(freshFolder(), 'watcher.cjs');
  writeFileSync(
    watcher,
    "process.on('exit', () => console.error(process.listenerCount('SIGUSR1')));",
  );
  const main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
  const run = await start([LAB_NODE, '--require', watcher, main, 'version']).finished;
  assert.equal(run.stderr, '1\n');
});
