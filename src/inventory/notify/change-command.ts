/** Runs the user's program with the changes of a scan: JSON on its standard input, nothing on its command line. */

import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import type { ChangeCommand } from './receivers.ts';

/** The end of a failing program's error output is enough to see why it failed. */
const CHARACTERS_KEPT = 500;

/**
 * Runs the command with the message as its input, in a folder, and waits for its end.
 * @returns what went wrong, in a line; undefined if it succeeded
 */
export function runChangeCommand(
  { command, timeoutMs }: Pick<ChangeCommand, 'command' | 'timeoutMs'>,
  message: string,
  folder: string,
): Promise<string | undefined> {
  const [program, ...args] = command as [string, ...string[]];
  return new Promise<string | undefined>((resolve, reject) => {
    const child: ChildProcess = spawn(program, args, {
      cwd: folder,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    // That of `spawn` keeps this process waiting after a failed start and, in newer Nodes, while the streams are held open.
    const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
    let said = '';
    // Without free descriptors there are no streams, and an error follows.
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-CHARACTERS_KEPT);
    });
    // A program may have reasons not to read all of it; its exit code decides.
    child.stdin?.on('error', () => {});
    child.stdin?.end(`${message}\n`);
    child.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    // Processes that it leaves behind may hold its streams open: its own end counts, and nothing waits for theirs.
    child.on('exit', (code, signal) => {
      clearTimeout(timer);
      child.stdin?.destroy();
      (child.stderr as Socket | null)?.unref();
      if (code === 0) resolve(undefined);
      else resolve(`${program} ended with ${signal ?? `exit code ${code}`}${lastLine(said)}`);
    });
    // Some errors are thrown by `spawn`, others are events.
  }).catch((error: Error) => `${program} cannot be run: ${error.message}`);
}

function lastLine(said: string): string {
  const line = said.trimEnd().split('\n').at(-1)!;
  return line === '' ? '' : `: ${line}`;
}
