/** Runs the built command, or any other, in the lab: as root or as an ordinary user, and always to an end. */

import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LAB_NODE, LAB_PACKAGE, LAB_TMP, withoutPrivileges } from './ordinary-user.ts';

export interface RunOptions {
  /** `root` (the default), or a user without any privilege. */
  readonly as?: 'root' | 'ordinary-user';
  /** Standard input; empty by default. */
  readonly stdin?: string;
  readonly cwd?: string;
  /** The entry of `echosweep`; by default that of the built package. */
  readonly main?: string;
  /** Added to a plain environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** The command is killed after this long. */
  readonly deadlineMs?: number;
}

export interface Finished {
  /** Exit code; null if a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

/** A command under way. */
export interface Running {
  readonly process: ChildProcess;
  readonly finished: Promise<Finished>;
}

const DEADLINE_MS = 150_000;

/** Runs `echosweep` with these arguments to its end. */
export function echosweep(args: readonly string[], options?: RunOptions): Promise<Finished> {
  return startEchosweep(args, options).finished;
}

/** Starts `echosweep`, for tests that meddle with it while it runs. */
export function startEchosweep(args: readonly string[], options: RunOptions = {}): Running {
  const { main = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs` } = options;
  return start([LAB_NODE, main, ...args], options);
}

/** Starts any command. A signal sent to its process reaches the command itself: there is no process in between. */
export function start(command: readonly string[], options: RunOptions = {}): Running {
  const ordinary = options.as === 'ordinary-user';
  const [file, ...args] = ordinary ? [...withoutPrivileges(), ...command] : command;
  const startedAt = performance.now();
  const child = spawn(file!, args, {
    cwd: options.cwd ?? LAB_TMP,
    env: {
      PATH: process.env['PATH'],
      HOME: LAB_TMP,
      TMPDIR: LAB_TMP,
      LANG: 'C.UTF-8',
      ...options.env,
    },
    timeout: options.deadlineMs ?? DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  // A command that never reads its input closes it, which is its right.
  child.stdin.on('error', () => {});
  child.stdin.end(options.stdin ?? '');
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({ code, signal, ...output, ms: performance.now() - startedAt });
    });
  });
  return { process: child, finished };
}

/** A fresh folder that anybody may write to; it goes with the lab. */
export function freshFolder(): string {
  const folder = mkdtempSync(join(LAB_TMP, 'test-'));
  chmodSync(folder, 0o777);
  return folder;
}

/** Waits until a condition of the system holds, looking often. @throws Error after the deadline */
export async function until(
  promise: string,
  holds: () => boolean,
  deadlineMs = 60_000,
): Promise<void> {
  const end = performance.now() + deadlineMs;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`waited ${deadlineMs} ms in vain: ${promise}`);
    await sleep(5);
  }
}
