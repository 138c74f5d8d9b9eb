#!/usr/bin/env node

/** The command: picks what to run, and sees to it that whatever happens ends in a clear line and the right exit code. */

import process from 'node:process';
import { inspect } from 'node:util';
import { EchosweepError } from '../errors.ts';
import { safeText } from '../words.ts';
import { EXIT, type ExitCode, exitCodeOfError } from './exit-codes.ts';
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

/** Each command loads what it needs and nothing else: a single address is answered before all would be read. */
async function runCommand(args: readonly string[]): Promise<ExitCode> {
  const [first, ...others] = args;
  switch (first) {
    case 'diff':
      return (await import('./diff-command.ts')).diffCommand(others, surroundings);
    case 'doctor':
      return (await import('./doctor-command.ts')).doctorCommand(
        others,
        surroundings,
        (await import('../coordinator/engine-trials.ts')).tryEngines,
      );
    case 'inventory':
      return (await import('./inventory-command.ts')).inventoryCommand(others, surroundings);
    case 'map':
      return (await import('./map-command.ts')).mapCommand(others, surroundings);
    case 'render':
      return (await import('./render-command.ts')).renderCommand(others, surroundings);
    default:
      return (await import('./sweep-command.ts')).sweepCommand(args, surroundings);
  }
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
