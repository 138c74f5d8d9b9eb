/**
 * `npm test [-- [--test-name-pattern=REGEX] PART-OF-A-PATH…]`: installs, builds and runs every test but those of test/windows
 * (`npm run wine`), those of test/lab inside a private network that no packet leaves. A Node that runs TypeScript runs the other tests from source, unbuilt.
 * LAB_REQUIRED=1 makes it fail if a test is skipped. `--also-with PATH` names a second Node, 22.18 or later, which runs those of units and
 * docs from source while the lab leaves processors idle.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { ensureBuilt, ensurePageBundled, ROOT } from './ensure.mjs';
import { findLab, labEnvironment } from './lab-entry.mjs';
import { makeReady } from './make-ready.mjs';
import { printSlowest, runTests } from './run-tests.mjs';

const { values, positionals } = parseArgs({
  options: {
    'test-name-pattern': { type: 'string', multiple: true, default: [] },
    'also-with': { type: 'string' },
  },
  allowPositionals: true,
});
const namePatterns = values['test-name-pattern'];

/** Tests that start nothing but Node itself. */
const FROM_SOURCE = /^test\/(docs|fuzz|unit)\//;
/** Nothing else may run next to these. */
const MEASURES_TIME = /^test\/browser\/large-pages[.]/;
/** Lab tests that measure, or that need most of the kernel's one neighbour table: nothing else may run next to these either. */
const ALONE_IN_LAB =
  /^test\/lab\/(bench|departure-stamps|failures|faults|gateways|links|live-map|matrix|neighbours|probing|self-check|stalls|sweeps|workers)\b/;
/** Labs at the same time, each with a network of its own: their tests wait more than they work. */
const LABS = 3;
/** Files that take longest start first, so that what runs side by side ends together. */
const LONG =
  /^test\/(browser\/(inventory-page|page)|lab\/(fping|inventory|refusals|tcp)|spreadsheet\/libreoffice|unit\/(cli\/main|inventory\/crash))[.]/;

/** What these try thousands of times depends on our own code, not on the Node that runs it: one Node is enough. */
const ON_ONE_NODE = /^test\/(fuzz\/properties|unit\/(inventory\/crash|probe\/loss))[.]/;

const files = testFiles().filter(isWanted);
if (files.length === 0) fail(`no test file matches ${positionals.join(' ')}`);
const inLab = files.filter((file) => /^test\/(lab|windows)\//.test(file));
const [measuring, patient] = divided(files, (file) => MEASURES_TIME.test(file));
const [light, heavy] = divided(
  patient.filter((file) => !inLab.includes(file)),
  (file) => FROM_SOURCE.test(file),
);

await makeReady(files.every(runsFromSource) ? ensurePageBundled : ensureBuilt);
useScratchFolder();

// Node 22 and later keep what they compiled, for the hundreds of processes that load the same sources.
process.env.NODE_COMPILE_CACHE ??= join(ROOT, '.cache', 'compiled');

const processors = availableParallelism();
const lab = inLab.length > 0 ? findLab() : undefined;
const hasLab = lab?.command !== undefined;
const totals = [
  await runTests(job(measuring)),
  await runTests(job(heavy, { concurrency: processors })),
];
const behindLab = runLight();
if (hasLab) totals.push(...(await runAllInLab(lab.command)));
else if (lab !== undefined) totals.push(await skipLab(job(inLab), lab));
const { lightTotals, secondFailed } = await behindLab;
totals.push(lightTotals);

printSlowest(totals.flatMap(({ times }) => times));
const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((outcome) =>
  totals.reduce((sum, part) => sum + part[outcome], 0),
);
const isShort = process.env.LAB_REQUIRED === '1' && skipped > 0;
if (isShort) process.stdout.write('LAB_REQUIRED=1 makes a skipped test a failure\n');
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
if (failed > 0 || secondFailed || isShort) process.exitCode = 1;

/** Tests and what they start leave their files in a folder that goes with them. */
function useScratchFolder() {
  const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
  process.env[process.platform === 'win32' ? 'TEMP' : 'TMPDIR'] = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ])
    process.once(signal, () => process.exit(code));
}

/** @returns {string[]} paths of the sources from the root, with slashes */
function testFiles() {
  return readdirSync(join(ROOT, 'test'), { recursive: true })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => `test/${path.split(sep).join('/')}`)
    .sort();
}

function isWanted(file) {
  const parts = positionals.map((part) => part.replace(/^\.[\\/]/, '').replace(/^dist[\\/]/, ''));
  // `npm run wine` sets up what it takes.
  if (parts.length === 0) return !file.startsWith('test/windows/');
  return parts.some((part) => file.includes(part.replace(/\.js$/, '.ts')));
}

/** Tests of the command as it is installed need it built. */
function runsFromSource(file) {
  return process.features.typescript === 'strip' && FROM_SOURCE.test(file);
}

/** @returns {string} the file to run for a test's source */
function runnable(file) {
  return join(ROOT, runsFromSource(file) ? file : `dist/${file.replace(/\.ts$/, '.js')}`);
}

/** @returns {[string[], string[]]} those with the property, and the others */
function divided(all, has) {
  return [all.filter(has), all.filter((each) => !has(each))];
}

/** What run-tests.mjs takes: files one after the other, unless `more` says otherwise. */
function job(some, more = {}) {
  const [long, short] = divided(some, (file) => LONG.test(file));
  return { files: [...long, ...short].map(runnable), concurrency: 1, namePatterns, ...more };
}

/** Tests that start nothing but Node itself use the processor time that the lab's tests leave, for one Node after the other. */
async function runLight() {
  const work = job(light, { concurrency: processors });
  const lightTotals = hasLab ? await runElsewhere(work, whenIdle()) : await runTests(work);
  const node = values['also-with'];
  return { lightTotals, secondFailed: node !== undefined && !(await passesWith(node)) };
}

/** What to put before a command that gives way to all others at once: the lab's tests measure time. */
function whenIdle() {
  return existsSync('/usr/bin/chrt') ? ['/usr/bin/chrt', '--idle', '0'] : ['nice', '-n', '19'];
}

/** Runs the light tests with another Node. @returns {Promise<boolean>} whether they passed */
async function passesWith(node) {
  const patterns = namePatterns.map((pattern) => `--test-name-pattern=${pattern}`);
  const script = fileURLToPath(import.meta.url);
  const again = light.filter((file) => !ON_ONE_NODE.test(file));
  if (again.length === 0) return true;
  const [file, ...args] = [...whenIdle(), node, script, ...patterns, ...again];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [[code], output] = await Promise.all([once(child, 'exit'), text(child.stdout)]);
  process.stdout.write(`\nwith ${node}:\n${output}`);
  return code === 0;
}

/** In each lab one file after the other, because they share its network; last, in a lab by themselves, those that need it. */
async function runAllInLab(command) {
  const [alone, others] = divided(inLab, (file) => ALONE_IN_LAB.test(file));
  const claims = mkdtempSync(join(tmpdir(), 'claims-'));
  const run = (work) => runElsewhere(work, command, labEnvironment());
  const labs = Array.from({ length: Math.min(LABS, others.length) }, () =>
    run(job(others, { claims })),
  );
  const done = await Promise.all(labs);
  return alone.length > 0 ? [...done, await run(job(alone))] : done;
}

/** @param {string[]} entry what to put before the command */
async function runElsewhere(work, entry, env = process.env) {
  const totalsFile = join(mkdtempSync(join(tmpdir(), 'totals-')), 'totals.json');
  const runner = join(ROOT, 'scripts/run-tests.mjs');
  const [file, ...args] = [...entry, process.execPath, runner, totalsFile, JSON.stringify(work)];
  const child = spawn(file, args, { stdio: 'inherit', env });
  const [code, signal] = await once(child, 'exit');
  if (!existsSync(totalsFile)) fail(`the tests ended early (${signal ?? `exit code ${code}`})`);
  return JSON.parse(readFileSync(totalsFile, 'utf8'));
}

/** Each lab test reports itself as skipped, so the number is exact. */
async function skipLab(job, { reason, cure }) {
  process.env.LAB_SKIP = reason;
  const counts = await runTests(job);
  process.stdout.write(`${counts.skipped} lab tests skipped: ${reason}\nto run them: ${cure}\n`);
  return counts;
}

function fail(line) {
  process.stderr.write(`${line}\n`);
  process.exit(1);
}
