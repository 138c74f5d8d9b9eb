/** `npm run check`: types, format and lint, import directions, unused code, and the package as npm would publish it. */

import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN, ROOT } from './ensure.mjs';
import { makeReady } from './make-ready.mjs';

/** Each gives back what is wrong, one complaint a line; an empty text is a pass. */
const CHECKS = {
  types: () => complaints('tsc', ['--noEmit', '--incremental', 'false']),
  'types of the page': () => complaints('tsc', ['-p', 'src/report/html/page']),
  'format and lint': () => complaints('biome', ['ci', '--colors=off', '--error-on-warnings', '.']),
  'import directions': importDirections,
  'unused code': () => complaints('knip', ['--no-progress', '--treat-config-hints-as-errors']),
  publint: () => complaints('publint', ['--strict']),
  'types of the package': () => complaints('attw', ['--pack', '.', '--profile', 'esm-only']),
  'contents of the package': packageContents,
};

/** What a person who installs the package needs, and what is no business of theirs. */
const NEEDED = [
  'package.json',
  'README.md',
  'LICENSE',
  'dist/src/index.js',
  'dist/src/index.d.ts',
  'dist/src/cli/main.js',
  'dist/src/report/html/page.js',
  'dist/src/report/html/page.css',
];
const MISPLACED = /^(dist\/test|test|scripts|src|workers|docs\/pictures|[.])|[.]tsbuildinfo$/;

await makeReady();
for (const [name, check] of Object.entries(CHECKS)) {
  const wrong = await check();
  process.stdout.write(`${wrong === '' ? 'ok    ' : 'not ok'} ${name}\n`);
  if (wrong === '') continue;
  process.stdout.write(`${wrong.replaceAll(/^/gm, '  ')}\n`);
  process.exitCode = 1;
}

async function complaints(tool, args) {
  const { failed, stdout, stderr } = await run(join('node_modules/.bin', tool), args);
  return failed ? `${stdout}${stderr}`.trim() || `${tool} failed` : '';
}

/** Fails as well where the tool did not see every file: a compiler that it does not know makes it pass on nothing. */
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
    .filter((path) => path.endsWith('.ts'))
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
    wrong.push('dist/src/cli/main.js has no #! line');
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
