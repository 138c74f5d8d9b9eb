/** Runs one `ping` to its end, with a limit on its time and its output. */

import { spawn } from 'node:child_process';
import { platform } from 'node:os';
import { env } from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { EchosweepError } from '../errors.ts';

/** Most characters of output: a usage text, and for each probe its reply and a few duplicates. */
const LONGEST_OUTPUT = { any: 64 * 1024, probe: 1024 } as const;
/** The system is out of processes, descriptors or memory for the moment. */
const SHORTAGES = ['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'];
const SHORTAGE_PAUSE_MS = 100;
const SHORTAGE_TRIES = 300;
/** What ends a service ends its pings too, and we may notice it a little later. */
const STOP_NOTICED_MS = 250;

/** What a process printed by the time that it ended or was killed. */
export interface PingOutput {
  readonly text: string;
  /** Whether it ended by itself, so that nothing is missing. */
  readonly isWhole: boolean;
  /** Whether it was killed before its time was over: it says nothing about probes after the last that it shows. */
  readonly isCutShort: boolean;
  /** Why it did not do its work, if that was not for us to end: an errno's name, or a few words. */
  readonly failure?: string;
}

/** Of a process that the system did not start. */
interface NotStarted {
  /** The errno's name. */
  readonly code: string;
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
    if ('text' in outcome) {
      if (outcome.failure !== undefined) await pause(STOP_NOTICED_MS);
      return outcome;
    }
    const { code } = outcome;
    if (code === 'ENOENT') {
      throw new EchosweepError(
        'NO_ENGINE',
        'there is no `ping` here',
        'install one, such as the package iputils-ping',
      );
    }
    if (!SHORTAGES.includes(code)) {
      return { text: '', isWhole: false, isCutShort: false, failure: code };
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

function start(
  command: string,
  args: readonly string[],
  probes: number,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<PingOutput | NotStarted> {
  return new Promise((resolve) => {
    const notStarted = ({ code = 'EAGAIN' }: NodeJS.ErrnoException): void => resolve({ code });
    try {
      const child = spawn(command, args, {
        stdio: ['ignore', 'pipe', 'pipe'],
        // Signals of the terminal are for us: a ping that Ctrl-C ends says that its host did not reply.
        detached: platform() !== 'win32',
        windowsHide: true,
        env: { ...env, LC_ALL: 'C' },
        killSignal: 'SIGKILL',
        signal,
      });
      // Only now: what is thrown leaves no timer behind.
      const deadline = new Deadline(deadlineMs, () => child.kill('SIGKILL'));
      const longest = LONGEST_OUTPUT.any + probes * LONGEST_OUTPUT.probe;
      const texts = { stdout: '', stderr: '' };
      let isTooLong = false;
      for (const name of ['stdout', 'stderr'] as const) {
        // Without descriptors for them there are no streams, whatever their type says.
        child[name]?.setEncoding('utf8').on('data', (text: string) => {
          if (isTooLong) return;
          texts[name] += text;
          isTooLong = texts[name].length > longest;
          if (isTooLong) child.kill('SIGKILL');
        });
      }
      child.on('error', (error) => {
        if (child.pid !== undefined) return;
        deadline.cancel();
        notStarted(error);
      });
      child.on('close', (_code, endedBy) => {
        deadline.cancel();
        const { stdout, stderr } = texts;
        const isWhole = endedBy === null;
        const isEndedByOthers = !isWhole && !child.killed;
        // The last line may be cut off.
        const lines = isWhole ? stdout : stdout.slice(0, stdout.lastIndexOf('\n') + 1);
        resolve({
          text: `${lines}\n${stderr}`,
          isWhole,
          isCutShort: isEndedByOthers || (!isWhole && (signal.aborted || isTooLong)),
          ...(isEndedByOthers && { failure: `ping was ended by ${endedBy}` }),
        });
      });
    } catch (error) {
      notStarted(error as NodeJS.ErrnoException);
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
