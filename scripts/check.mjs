/** `npm run check`: types, format and lint, import directions, unused code, and the package as npm would publish it. */

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COMMAND_OUTPUTS } from './bundle-command.mjs';
import { PAGE_OUTPUTS } from './bundle-page.mjs';
import { MAIN, ROOT } from './ensure.mjs';
import { makeReady } from './make-ready.mjs';

/** Each check returns what is wrong, one complaint a line; an empty text is a pass. */
const SOURCE_CHECKS = {
  types: () => complaints('tsc', ['--noEmit', '--incremental', 'false']),
  'types of the page': () => complaints('tsc', ['-p', 'src/report/html/page']),
  'types of the web page': () => complaints('tsc', ['-p', 'src/web/page']),
  'format and lint': () => complaints('biome', ['ci', '--colors=off', '--error-on-warnings', '.']),
  'import directions': importDirections,
  'unused code': () => complaints('knip', ['--no-progress', '--treat-config-hints-as-errors']),
};
/** These all pack the package, so they run one after the other. */
const PACKAGE_CHECKS = {
  publint: () => complaints('publint', ['--strict']),
  'types of the package': () => complaints('attw', ['--pack', '.', '--profile', 'esm-only']),
  'contents of the package': packageContents,
};

/** What the package must contain, and what must not be in it. */
const NEEDED = [
  'package.json',
  'README.md',
  'LICENSE',
  'dist/src/index.js',
  'dist/src/index.d.ts',
  ...COMMAND_OUTPUTS.map((path) => `dist/${path}`),
  'man/echosweep.1',
  ...PAGE_OUTPUTS.map((path) => `dist/${path}`),
];
const MISPLACED =
  /^(dist\/test|dist\/src\/cli|test|scripts|src|workers|docs\/pictures|[.])|[.]tsbuildinfo$/;

await makeReady();
await Promise.all([runInTurn(SOURCE_CHECKS), runInTurn(PACKAGE_CHECKS)]);

async function runInTurn(checks) {
  for (const [name, check] of Object.entries(checks)) {
    const wrong = await check();
    process.stdout.write(`${wrong === '' ? 'ok    ' : 'not ok'} ${name}\n`);
    if (wrong === '') continue;
    process.stdout.write(`${wrong.replaceAll(/^/gm, '  ')}\n`);
    process.exitCode = 1;
  }
}

async function complaints(tool, args) {
  const { failed, stdout, stderr } = await run(join('node_modules/.bin', tool), args);
  return failed ? `${stdout}${stderr}`.trim() || `${tool} failed` : '';
}

/**
 * Also fails if the tool did not see every file: with a compiler that it does not support it passes on nothing. That is
 * why `typescript` stays at a version that dependency-cruiser supports, next to the one that compiles.
 */
async function importDirections() {
  const args = ['src', 'workers', '--config', '.dependency-cruiser.cjs', '--output-type', 'json'];
  const { stdout, stderr } = await run('node_modules/.bin/depcruise', args);
  if (!stdout.startsWith('{')) return stderr;
  const { modules, summary } = JSON.parse(stdout);
  const seen = new Set(modules.map(({ source }) => source));
  const unseen = [...sourcesBelow('src'), ...sourcesBelow('workers')].filter((f) => !seen.has(f));
  return [
    ...summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} imports ${to}`),
    ...unseen.map((file) => `not seen: ${file}`),
    ...(seen.size === 0 ? ['no module seen'] : []),
  ].join('\n');
}

function sourcesBelow(folder) {
  return readdirSync(join(ROOT, folder), { recursive: true })
    .filter((path) => /[.]tsx?$/.test(path))
    .map((path) => `${folder}/${path}`);
}

async function packageContents() {
  const { failed, stdout, stderr } = await run('npm', [
    'pack',
    '--dry-run',
    '--json',
    '--ignore-scripts',
  ]);
  if (failed) return stderr;
  const [{ files }] = JSON.parse(stdout);
  const paths = files.map(({ path }) => path);
  const wrong = [
    ...NEEDED.filter((path) => !paths.includes(path)).map((path) => `missing: ${path}`),
    ...paths.filter((path) => MISPLACED.test(path)).map((path) => `misplaced: ${path}`),
  ];
  if (!paths.some((path) => /^dist\/workers\/.*[.]js$/.test(path))) wrong.push('missing: workers');
  if (!readFileSync(MAIN, 'utf8').startsWith('#!/usr/bin/env node\n')) {
    wrong.push('the command has no #! line');
  }
  return wrong.join('\n');
}

function run(file, args) {
  const options = { cwd: ROOT, maxBuffer: 256 * 1024 * 1024, shell: process.platform === 'win32' };
  return new Promise((resolve) => {
    execFile(file, args, options, (error, stdout, stderr) => {
      resolve({ failed: error !== null, stdout, stderr: stderr || (error?.message ?? '') });
    });
  });
}
