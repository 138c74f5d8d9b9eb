#!/usr/bin/env node
/** The command: picks what to run, and sees to it that whatever happens ends in a clear line and the right exit code. */

import process from 'node:process';
import { inspect } from 'node:util';
import { tryEngines } from '../coordinator/engine-trials.ts';
import { EchosweepError } from '../errors.ts';
import { safeText } from '../report/terminal-text.ts';
import { diffCommand } from './diff-command.ts';
import { doctorCommand } from './doctor-command.ts';
import { EXIT, type ExitCode, exitCodeOfError } from './exit-codes.ts';
import { inventoryCommand } from './inventory-command.ts';
import { mapCommand } from './map-command.ts';
import { renderCommand } from './render-command.ts';
import { sweepCommand } from './sweep-command.ts';
import { errorLine, type Surroundings } from './terminal.ts';

const surroundings: Surroundings = {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signals: process,
  exit: (code) => process.exit(code),
};

// Node 22 warns of its SQLite, which we take knowingly; a person who asks for an inventory can do nothing about it.
const { emitWarning } = process;
process.emitWarning = (warning: string | Error, ...details: unknown[]): void => {
  if (String(warning).startsWith('SQLite is an experimental feature')) return;
  Reflect.apply(emitWarning, process, [warning, ...details]);
};
// A failed write is told to who wrote; these keep the event that follows it from ending the process.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
// Without this Node would exit with 1, which means something else here.
process.on('uncaughtException', (error) => process.exit(explain(error)));

try {
  process.exitCode = await runCommand(process.argv.slice(2));
} catch (error) {
  process.exitCode = explain(error);
}

function runCommand(args: readonly string[]): Promise<ExitCode> {
  const [first, ...others] = args;
  if (first === 'doctor') return doctorCommand(others, surroundings, tryEngines);
  if (first === 'inventory') return inventoryCommand(others, surroundings);
  if (first === 'diff') return diffCommand(others, surroundings);
  if (first === 'map') return mapCommand(others, surroundings);
  if (first === 'render') return renderCommand(others, surroundings);
  return sweepCommand(args, surroundings);
}

/** What we know of is told in a line; anything else is a fault of ours, and its stack helps to find it. */
function explain(error: unknown): ExitCode {
  if (error instanceof EchosweepError) {
    process.stderr.write(`${errorLine(error.message)}\n`);
    return exitCodeOfError(error.code);
  }
  const [first = '', ...stack] = inspect(error).split('\n').map(safeText);
  process.stderr.write(`${[errorLine(`unexpected: ${first}`), ...stack].join('\n')}\n`);
  return EXIT.systemRefused;
}
