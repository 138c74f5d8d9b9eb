#!/usr/bin/env node
/** The program: runs the command line, and ends whatever happens with a clear line and the right exit code. */

import process from 'node:process';
import { inspect } from 'node:util';
import { EchosweepError } from '../errors.ts';
import { safeText } from '../words.ts';
import { EXIT, type ExitCode, exitCodeOfError, type StopSignal, signalOf } from './exit-codes.ts';
import { endProcess, isLookingUp } from './process-end.ts';
import { calledAs, runCommand } from './run-command.ts';
import { stackInSources } from './source-stack.ts';
import { errorLine, type Surroundings } from './terminal.ts';
import { writeWhole } from './whole-writes.ts';

const LONGEST_END_MS = 1000;

const surroundings: Surroundings = {
  // Opened when it is read: that takes a tenth of a small sweep.
  get stdin() {
    return process.stdin;
  },
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
  signals: process,
  exit: (code) => void endProcess(code),
};

// Node 22 warns that its SQLite is experimental. We use it knowingly, and a person who runs an inventory can do nothing about it.
const { emitWarning } = process;
process.emitWarning = (warning: string | Error, ...details: unknown[]): void => {
  if (String(warning).startsWith('SQLite is an experimental feature')) return;
  Reflect.apply(emitWarning, process, [warning, ...details]);
};
writeWhole(process.stdout);
// A failed write is reported to its writer; these keep the event that follows it from ending the process.
process.stdout.on('error', () => {});
process.stderr.on('error', () => {});
// Node reads the size of the terminal only at SIGWINCH, which a job that is stopped does not get.
if (process.stdout.isTTY || process.stderr.isTTY) {
  process.on('SIGCONT', () => process.emit('SIGWINCH', 'SIGWINCH'));
}
// Without this Node would exit with 1, which means something else here.
process.on('uncaughtException', (error) => void endProcess(explain(error)));

void main();

async function main(): Promise<void> {
  try {
    process.exitCode = await runCommand(calledAs(process.argv), surroundings);
  } catch (error) {
    process.exitCode = explain(error);
  }
  const signal = process.platform === 'win32' ? undefined : signalOf(process.exitCode);
  // Node aborts if it exits normally after its terminal has gone (ResetStdio). The signal itself gives the same code to a shell.
  if (signal === 'SIGHUP' && mayHaveLostTerminal()) process.kill(process.pid, signal);
  endSoon(process.exitCode, signal);
}

/** Ends what has nothing to do any more but to wait for the system's resolver. */
function endSoon(code: number, signal: StopSignal | undefined): void {
  setTimeout(() => {
    if (process.stdout.writableLength + process.stderr.writableLength > 0) {
      return endSoon(code, signal);
    }
    if (signal === undefined) {
      if (isLookingUp()) void endProcess(code);
      return;
    }
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }, LONGEST_END_MS).unref();
}

function mayHaveLostTerminal(): boolean {
  return [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
}

/** Known errors are one line; anything else is our own bug, and its stack helps to find it. */
function explain(error: unknown): ExitCode {
  if (error instanceof EchosweepError) {
    process.stderr.write(`${errorLine(error.message)}\n`);
    return exitCodeOfError(error.code);
  }
  const [first = '', ...stack] = stackInSources(inspect(error)).split('\n').map(safeText);
  process.stderr.write(`${[errorLine(`unexpected: ${first}`), ...stack].join('\n')}\n`);
  return EXIT.systemRefused;
}
