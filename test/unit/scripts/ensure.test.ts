/** What `npm start` and its like install and build, in a project that a stand-in for the compiler builds. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { ROOT } from '../../root.ts';

const project = mkdtempSync(join(tmpdir(), 'ensure-'));
after(() => rmSync(project, { recursive: true, force: true }));

/** Says whether there is build info from before, writes some, and then fails, or is killed with what started it. */
const COMPILER = `
const { existsSync, writeFileSync } = require('node:fs');
console.error('found ' + existsSync('dist/.tsbuildinfo'));
writeFileSync('dist/.tsbuildinfo', '');
if (process.env.KILLED) process.kill(process.ppid, 'SIGKILL');
process.exitCode = 1;
`;
const NATIVE = `node_modules/@esbuild/${process.platform}-${process.arch}`;
const LOCKED = {
  '': {},
  'node_modules/yaml': { version: '1.0.0' },
  [NATIVE]: { version: '1.0.0', optional: true },
  'node_modules/raw-socket': { version: '1.0.0', optional: true },
};

cpSync(`${ROOT}scripts`, join(project, 'scripts'), { recursive: true });
mkdirSync(join(project, 'dist'));
put('package-lock.json', JSON.stringify({ packages: LOCKED }));
put('tsconfig.json', '{}');
put('node_modules/@typescript/native/bin/tsc', COMPILER);

function put(path: string, content: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(project, path), content);
}

/** Has npm list the packages as installed. @param paths of those that are there */
function install(listed: readonly string[], paths = listed): void {
  rmSync(join(project, NATIVE), { recursive: true, force: true });
  rmSync(join(project, 'node_modules/yaml'), { recursive: true, force: true });
  for (const path of paths) put(`${path}/package.json`, '{}');
  const packages = Object.fromEntries(listed.map((path) => [path, { version: '1.0.0' }]));
  put('node_modules/.package-lock.json', JSON.stringify({ packages }));
}

/** `npm run build`, with an npm that only says that it was called. */
function build(env: NodeJS.ProcessEnv = {}): string {
  put('npm-cli.js', "console.error('npm was called'); process.exitCode = 1;");
  const done = spawnSync(process.execPath, [join(project, 'scripts/build.mjs')], {
    encoding: 'utf8',
    env: { ...process.env, npm_execpath: join(project, 'npm-cli.js'), ...env },
  });
  return done.stderr;
}

test('what npm could not compile is not installed again and again', () => {
  install(['node_modules/yaml', NATIVE]);
  assert.doesNotMatch(build(), /npm was called/);
});

test('packages that are gone, or that are there for another system only, are installed', () => {
  install(['node_modules/yaml', NATIVE], [NATIVE]);
  assert.match(build(), /npm was called/);
  install(['node_modules/yaml']);
  assert.match(build(), /npm was called/);
});

test('after a build that was killed, the compiler does not trust what that one wrote', () => {
  install(['node_modules/yaml', NATIVE]);
  build();
  assert.match(build(), /found true/);
  build({ KILLED: '1' });
  assert.match(build(), /found false/);
  assert.match(build(), /found true/);
});
