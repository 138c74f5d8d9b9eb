/** Runs one `ping` to its end, with a limit on its time and its output. */

import { execFile } from 'node:child_process';
import { env } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { EchosweepError } from '../errors.ts';

/** Most octets of output: a usage text, and for each probe its reply and a few duplicates. */
const LONGEST_OUTPUT = { any: 64 * 1024, probe: 1024 } as const;
/** The code of Node's error for it. */
const TOO_MUCH_OUTPUT = 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER';
/** The system is out of processes, descriptors or memory for the moment. */
const SHORTAGES = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'];
const SHORTAGE_PAUSE_MS = 100;
const SHORTAGE_TRIES = 300;

/** What a process printed by the time that it ended or was killed. */
export interface PingOutput {
  readonly text: string;
  /** Whether it ended by itself, so that nothing is missing. */
  readonly isWhole: boolean;
  /** Whether it was killed before its time was over: it says nothing about probes after the last that it shows. */
  readonly isCutShort: boolean;
}

/**
 * Runs a process to its end.
 * @param probes that it sends
 * @param deadlineMs after this it is killed
 * @param signal kills it at once
 * @throws EchosweepError `NO_ENGINE` if there is no such command, `SOCKET_FAILED` if none can be started for half a minute
 */
export async function runPing(
  command: string,
  args: readonly string[],
  probes: number,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<PingOutput> {
  for (let tries = 0; tries < SHORTAGE_TRIES && !signal.aborted; tries++) {
    const outcome = await start(command, args, probes, deadlineMs, signal);
    if ('text' in outcome) return outcome;
    if (outcome.code === 'ENOENT') {
      throw new EchosweepError(
        'NO_ENGINE',
        'there is no `ping` here',
        'install one, such as the package iputils-ping',
      );
    }
    await pause(SHORTAGE_PAUSE_MS);
  }
  if (signal.aborted) return { text: '', isWhole: false, isCutShort: true };
  throw new EchosweepError(
    'SOCKET_FAILED',
    'no `ping` can be started: the system is out of processes or memory',
    'free some and sweep again',
  );
}

/** @returns the output, or why there is no process */
function start(
  command: string,
  args: readonly string[],
  probes: number,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<PingOutput | { readonly code: string }> {
  return new Promise((resolve) => {
    const options = {
      killSignal: 'SIGKILL',
      maxBuffer: LONGEST_OUTPUT.any + probes * LONGEST_OUTPUT.probe,
      signal,
      windowsHide: true,
      env: { ...env, LC_ALL: 'C' },
    } as const;
    try {
      const child = execFile(command, args, options, (error, stdout, stderr) => {
        deadline.cancel();
        const code: unknown = error?.code;
        const isMissing =
          typeof code === 'string' && (code === 'ENOENT' || SHORTAGES.includes(code));
        // An exit code is a number; a signal or too much output gives none.
        const isWhole = error === null || typeof code === 'number';
        const isCutShort = !isWhole && (signal.aborted || code === TOO_MUCH_OUTPUT);
        // The last line may be cut off.
        const lines = isWhole ? stdout : stdout.slice(0, stdout.lastIndexOf('\n') + 1);
        resolve(isMissing ? { code } : { text: `${lines}\n${stderr}`, isWhole, isCutShort });
      });
      // Only now: a process that could not be started leaves no timer behind.
      const deadline = new Deadline(deadlineMs, () => child.kill('SIGKILL'));
      child.stdin?.end();
    } catch (error) {
      resolve({ code: (error as NodeJS.ErrnoException).code ?? 'EAGAIN' });
    }
  });
}

/** Longest time to read what arrived while we were held up ourselves. */
const READING_MS = 1000;
/** A timer that fires no later than this was not held up. */
const PUNCTUAL_MS = 50;

/** Acts after a while; later if the timer itself was held up, so that what has arrived meanwhile is read first. */
class Deadline {
  private timer: NodeJS.Timeout;

  constructor(afterMs: number, act: () => void) {
    const dueMs = performance.now() + afterMs;
    this.timer = setTimeout(() => {
      if (performance.now() - dueMs <= PUNCTUAL_MS) act();
      else this.timer = setTimeout(act, READING_MS);
    }, Math.ceil(afterMs));
  }

  cancel(): void {
    clearTimeout(this.timer);
  }
}
