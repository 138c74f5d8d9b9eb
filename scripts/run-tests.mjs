/**
 * Runs test files with Node's own runner. Prints a line for each file, and for a file that failed its failures and output.
 * `node run-tests.mjs TOTALS JOB` takes the job as JSON and writes the totals to a file: this is how it runs in the lab.
 * Jobs that name the same folder of claims share their files: each file goes to the job that is free first.
 */

import { closeSync, openSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { argv } from 'node:process';
import { run } from 'node:test';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { ROOT } from './ensure.mjs';

/** A file that takes longer than this hangs: those that only use idle processors take many times longer if the machine has other load. */
const FILE_TIMEOUT_MS = 1_200_000;
/** How Node 20 marks tests that a name pattern leaves out; later versions do not report them. */
const LEFT_OUT = 'test name does not match pattern';
const SLOWEST = 10;

/**
 * @param {{ files: string[], concurrency: number, namePatterns: string[], claims?: string }} job
 * @returns {Promise<Counts & { times: FileTime[] }>}
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ file: string, seconds: number }} FileTime
 */
export async function runTests({ files, concurrency, namePatterns, claims }) {
  const totals = { passed: 0, failed: 0, skipped: 0 };
  const times = [];
  const waiting = files.entries();
  const runOneAfterTheOther = async () => {
    for (const [place, file] of waiting) {
      if (claims !== undefined && !claim(join(claims, String(place)))) continue;
      const startedAt = performance.now();
      const { counts, failures, output } = await runFile(file, namePatterns);
      const time = { file: sourceOf(file), seconds: (performance.now() - startedAt) / 1000 };
      print(time, counts, failures, output);
      for (const outcome of Object.keys(totals)) totals[outcome] += counts[outcome];
      times.push(time);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, runOneAfterTheOther));
  return { ...totals, times };
}

/** @returns {boolean} false if another job has claimed it */
function claim(path) {
  try {
    closeSync(openSync(path, 'wx'));
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Of few files, the lines above say it already. @param {FileTime[]} times */
export function printSlowest(times) {
  if (times.length <= SLOWEST) return;
  const slowest = times.toSorted((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
  process.stdout.write('\nslowest files:\n');
  for (const { file, seconds } of slowest) {
    process.stdout.write(`${seconds.toFixed(1).padStart(6)} s ${file}\n`);
  }
  process.stdout.write('\n');
}

async function runFile(file, namePatterns) {
  const options = { files: [file], timeout: FILE_TIMEOUT_MS };
  if (namePatterns.length > 0) {
    options.testNamePatterns = namePatterns.map((pattern) => new RegExp(pattern));
  }
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures = [];
  let output = '';
  /** Names of the tests around the current one, outermost first. */
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
  return { counts, failures, output };
}

/** The runner reports a file in which no test ran as one test that has the file's name and passed. */
function isWholeFile(type, { name }, file) {
  return type === 'test:pass' && name === file;
}

function outcomeOfEmptyFile(namePatterns) {
  return namePatterns.length === 0 ? 'failed' : undefined;
}

/** @returns {keyof Counts | undefined} undefined for an event that does not end a test */
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

function print({ file, seconds }, counts, failures, output) {
  if (Object.values(counts).every((count) => count === 0)) return;
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  const words = parts.map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  const mark = failures.length > 0 ? 'not ok' : 'ok';
  process.stdout.write(`${mark.padEnd(6)} ${file}: ${words} (${seconds.toFixed(1)} s)\n`);
  if (failures.length > 0) process.stdout.write(`\n${failures.join('\n')}\n${output}`);
}

/** @returns {string} the test's source, from the root, with slashes */
function sourceOf(file) {
  return relative(ROOT, file)
    .split(sep)
    .join('/')
    .replace(/^dist\//, '')
    .replace(/\.js$/, '.ts');
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(argv[2], JSON.stringify(await runTests(JSON.parse(argv[3]))));
}
