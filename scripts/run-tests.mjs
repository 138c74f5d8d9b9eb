/**
 * Runs compiled test files with Node's own runner: a line a file; of a file that failed, the failures and its output.
 * As a program, `node run-tests.mjs TOTALS JOB`, it takes the job as JSON and writes the totals to a file: so it runs in the lab.
 */

import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { argv } from 'node:process';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { ROOT } from './ensure.mjs';

/** A file that takes longer hangs. */
const FILE_TIMEOUT_MS = 300_000;
/** How Node 20 marks what a name pattern leaves out; later versions do not report it at all. */
const LEFT_OUT = 'test name does not match pattern';

/**
 * @param {{ files: string[], concurrency: number, namePatterns: string[] }} job
 * @returns {Promise<Totals>}
 * @typedef {{ passed: number, failed: number, skipped: number }} Totals
 */
export async function runTests({ files, concurrency, namePatterns }) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const waiting = [...files];
  const runOneAfterTheOther = async () => {
    while (waiting.length > 0) {
      const counts = await runFile(waiting.shift(), namePatterns);
      for (const outcome of Object.keys(totals)) totals[outcome] += counts[outcome];
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runOneAfterTheOther));
  return totals;
}

/** @returns {Promise<Totals>} */
async function runFile(file, namePatterns) {
  const options = { files: [file], timeout: FILE_TIMEOUT_MS };
  if (namePatterns.length > 0) {
    options.testNamePatterns = namePatterns.map((pattern) => new RegExp(pattern));
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  let output = '';
  /** Names of the tests around the present one, outermost first. */
  const path = [];
  for await (const { type, data } of run(options)) {
    if (type === 'test:stdout' || type === 'test:stderr') output += data.message;
    if (type === 'test:start') path[data.nesting] = data.name;
    const outcome = isWholeFile(type, data, file)
      ? outcomeOfEmptyFile(namePatterns)
      : outcomeOf(type, data);
    if (outcome === undefined) continue;
    counts[outcome]++;
    if (outcome === 'failed') failures.push(failureText(path.slice(0, data.nesting), data));
  }
  print(file, counts, failures, output);
  return counts;
}

/** The runner reports a file in which no test ran as one test that has the file's name and passed. */
function isWholeFile(type, { name }, file) {
  return type === 'test:pass' && name === file;
}

function outcomeOfEmptyFile(namePatterns) {
  return namePatterns.length === 0 ? 'failed' : undefined;
}

/** @returns {keyof Totals | undefined} undefined for what is no test's end */
function outcomeOf(type, { skip, details }) {
  if (type !== 'test:pass' && type !== 'test:fail') return undefined;
  // A suite fails by its tests, which count themselves, or by its hooks.
  if (details.type === 'suite' && details.error?.failureType !== 'hookFailed') return undefined;
  if (skip === LEFT_OUT) return undefined;
  if (skip !== undefined) return 'skipped';
  return type === 'test:pass' ? 'passed' : 'failed';
}

function failureText(path, { name, details }) {
  const error = details.error?.cause ?? details.error ?? 'the file holds no test';
  const text = typeof error === 'string' ? error : (error.stack ?? inspect(error));
  return `FAILED ${[...path, name].join(' > ')}\n${text.replaceAll(/^/gm, '  ')}\n`;
}

function print(file, counts, failures, output) {
  if (Object.values(counts).every((count) => count === 0)) return;
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  const words = parts.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const mark = failures.length > 0 ? 'not ok' : 'ok';
  process.stdout.write(`${mark.padEnd(6)} ${sourceOf(file)}: ${words}\n`);
  if (failures.length > 0) process.stdout.write(`\n${failures.join('\n')}\n${output}`);
}

/** @returns {string} the source of a compiled test, from the root */
export function sourceOf(file) {
  return relative(ROOT, file)
    .replace(/^dist[\\/]/, '')
    .replace(/\.js$/, '.ts');
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(argv[2], JSON.stringify(await runTests(JSON.parse(argv[3]))));
}
