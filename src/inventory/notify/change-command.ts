/** Tells changes to a program of the user's: JSON on its standard input, nothing on its command line. */

import { spawn } from 'node:child_process';
import type { ChangeCommand } from './receivers.ts';

/** The end of what a failing program says is enough to see why. */
const WORDS_KEPT = 500;

/**
 * Runs the command with the message as its input, in a folder, and waits for its end.
 * @returns what went wrong, in a line; undefined where it ended well
 */
export function runChangeCommand(
  { command, timeoutMs }: Pick<ChangeCommand, 'command' | 'timeoutMs'>,
  message: string,
  folder: string,
): Promise<string | undefined> {
  const [program, ...args] = command as [string, ...string[]];
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'pipe'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-WORDS_KEPT);
    });
    // A program that does not read all of it has its reasons; its exit code tells.
    child.stdin.on('error', () => {});
    child.stdin.end(`${message}\n`);
    child.on('error', (error) => resolve(`${program} cannot be run: ${error.message}`));
    // What it leaves behind may hold its streams open, so that its own end counts and not theirs.
    child.on('exit', (code, signal) => {
      if (code === 0) resolve(undefined);
      else resolve(`${program} ended with ${signal ?? `exit code ${code}`}${lastLine(said)}`);
    });
  });
}

function lastLine(said: string): string {
  const line = said.trimEnd().split('\n').at(-1)!;
  return line === '' ? '' : `: ${line}`;
}
