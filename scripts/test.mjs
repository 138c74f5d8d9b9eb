/**
 * `npm test [-- [--test-name-pattern=REGEX] PART-OF-A-PATH…]`: installs, builds and runs every test but those of test/windows
 * (`npm run wine`), those of test/lab inside a private network that no packet leaves. A Node that runs TypeScript runs the other tests from source, unbuilt.
 * LAB_REQUIRED=1 makes it fail if a test is skipped. `--also-with PATH` names a second Node, 22.18 or later, which runs its tests from
 * source while the lab leaves processors idle.
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
const LABS = 2;

const files = testFiles().filter(isWanted);
if (files.length === 0) fail(`no test file matches ${positionals.join(' ')}`);
const inLab = files.filter((file) => /^test\/(lab|windows)\//.test(file));
const outside = files.filter((file) => !inLab.includes(file));

await makeReady(files.every(runsFromSource) ? ensurePageBundled : ensureBuilt);

const measuring = outside.filter((file) => MEASURES_TIME.test(file));
const others = outside.filter((file) => !measuring.includes(file));
const totals = [
  await runTests({ files: measuring.map(runnable), concurrency: 1, namePatterns }),
  await runTests({
    files: others.map(runnable),
    concurrency: availableParallelism(),
    namePatterns,
  }),
];
const second = values['also-with'] === undefined ? undefined : startSecond(values['also-with']);
if (inLab.length > 0) {
  const lab = findLab();
  // One after the other in each lab: they share its network.
  const job = (some) => ({ files: some.map(runnable), concurrency: 1, namePatterns });
  if (lab.command === undefined) totals.push(await skipLab(job(inLab), lab));
  else {
    const alone = inLab.filter((file) => ALONE_IN_LAB.test(file));
    const waiting = inLab.filter((file) => !alone.includes(file));
    const shares = Array.from({ length: LABS }, (_, n) => waiting.filter((_, i) => i % LABS === n));
    const jobs = shares.filter((share) => share.length > 0).map(job);
    totals.push(...(await Promise.all(jobs.map((each) => runInLab(each, lab.command)))));
    if (alone.length > 0) totals.push(await runInLab(job(alone), lab.command));
  }
}

const secondFailed = second !== undefined && !(await second);
printSlowest(totals.flatMap(({ times }) => times));
const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((outcome) =>
  totals.reduce((sum, part) => sum + part[outcome], 0),
);
const isShort = process.env.LAB_REQUIRED === '1' && skipped > 0;
if (isShort) process.stdout.write('LAB_REQUIRED=1 makes a skipped test a failure\n');
process.stdout.write(`${passed} passed, ${failed} failed, ${skipped} skipped\n`);
if (failed > 0 || secondFailed || isShort) process.exitCode = 1;

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

/**
 * Runs the tests that start nothing but Node itself with another Node, whenever nothing else wants a processor.
 * @returns {Promise<boolean>} whether they passed
 */
async function startSecond(node) {
  const files = others.filter((each) => FROM_SOURCE.test(each));
  const patterns = namePatterns.map((pattern) => `--test-name-pattern=${pattern}`);
  // The lab's tests measure time: what is idle gives way to them at once.
  const idle = existsSync('/usr/bin/chrt')
    ? ['/usr/bin/chrt', '--idle', '0']
    : ['nice', '-n', '19'];
  const [file, ...args] = [...idle, node, fileURLToPath(import.meta.url), ...patterns, ...files];
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [[code], output] = await Promise.all([once(child, 'exit'), text(child.stdout)]);
  process.stdout.write(`\nwith ${node}:\n${output}`);
  return code === 0;
}

async function runInLab(job, lab) {
  const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
  try {
    const totalsFile = join(folder, 'totals.json');
    const runner = join(ROOT, 'scripts/run-tests.mjs');
    const [file, ...args] = [...lab, process.execPath, runner, totalsFile, JSON.stringify(job)];
    const child = spawn(file, args, { stdio: 'inherit', env: labEnvironment() });
    const [code, signal] = await once(child, 'exit');
    if (!existsSync(totalsFile)) {
      fail(`the lab tests ended early (${signal ?? `exit code ${code}`})`);
    }
    return JSON.parse(readFileSync(totalsFile, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
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
