/** Runs one whole process to its end and returns its cost: time, CPU time, memory. */

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import koffi from 'koffi';

export interface Cost {
  /** From just before the process was created until it was gone. */
  readonly wallMs: number;
  readonly userMs: number;
  readonly systemMs: number;
  /** Peak memory with its children, sampled every few milliseconds; undefined if it was too short to be sampled. */
  readonly peakMiB?: number;
  /** Memory, second by second. */
  readonly memoryMiB: readonly number[];
  /** Undefined if it ended by itself with exit code 0. */
  readonly failure?: string;
}

export interface RunPlan {
  readonly command: readonly string[];
  /** Receives standard output; standard error is discarded. */
  readonly outputFile: string;
  /** It is killed after this long. */
  readonly deadlineMs: number;
  /** Exit codes other than 0 that are not a failure. */
  readonly fineExitCodes?: readonly number[];
}

const SAMPLE_EVERY_MS = 10;
/** If it is set, Node 20 reads those certificates at every start. */
const { NODE_EXTRA_CA_CERTS: _certificates, ...ENVIRONMENT } = process.env;
const RUSAGE_CHILDREN = -1;
/** struct rusage begins with two struct timeval, user and system: i64 seconds, i64 microseconds. */
const RUSAGE_OCTETS = 144;

/** Killed when we exit, because some programs hang forever. */
const underWay = new Set<ChildProcess>();

/** Loaded when it is needed: the page of the figures is also read on systems without it. */
let getrusage: ReturnType<ReturnType<typeof koffi.load>['func']> | undefined;

/** Call one at a time: CPU time is the increase in the total of all children. */
export async function measure(plan: RunPlan): Promise<Cost> {
  const { command, outputFile, deadlineMs, fineExitCodes = [] } = plan;
  const [file, ...args] = command;
  const output = openSync(outputFile, 'w');
  const before = childrenTimes();
  const startedAt = performance.now();
  const child = spawn(file!, args, {
    stdio: ['ignore', output, 'ignore'],
    env: ENVIRONMENT,
    timeout: deadlineMs,
    killSignal: 'SIGKILL',
  });
  underWay.add(child);
  const memory = watchMemory(child.pid);
  const ended = new Promise<string | undefined>((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => {
      const isFine = code === 0 || (code !== null && fineExitCodes.includes(code));
      resolve(isFine ? undefined : `${signal ?? code}`);
    });
  });
  try {
    const failure = await ended;
    const wallMs = performance.now() - startedAt;
    const after = childrenTimes();
    const peakMiB = memory.peakMiB();
    return {
      wallMs,
      userMs: after.userMs - before.userMs,
      systemMs: after.systemMs - before.systemMs,
      ...(peakMiB === undefined ? {} : { peakMiB }),
      memoryMiB: memory.bySecond,
      ...(failure === undefined ? {} : { failure: failureWords(failure, deadlineMs) }),
    };
  } finally {
    underWay.delete(child);
    memory.stop();
    closeSync(output);
  }
}

/** Call once: from then on neither the companion nor a measured process outlives this one, unless this one is killed by SIGKILL. */
export function endWithUs(companion: ChildProcess): void {
  underWay.add(companion);
  process.on('exit', () => {
    for (const child of underWay) child.kill('SIGKILL');
  });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));
}

function failureWords(failure: string, deadlineMs: number): string {
  return failure === 'SIGKILL' ? `not done after ${deadlineMs / 1000} s` : `ended with ${failure}`;
}

function childrenTimes(): { readonly userMs: number; readonly systemMs: number } {
  const usage = Buffer.alloc(RUSAGE_OCTETS);
  getrusage ??= koffi.load(null).func('int getrusage(int who, void *usage)');
  getrusage(RUSAGE_CHILDREN, usage);
  const ms = (at: number): number =>
    Number(usage.readBigInt64LE(at)) * 1e3 + Number(usage.readBigInt64LE(at + 8)) / 1e3;
  return { userMs: ms(0), systemMs: ms(16) };
}

/**
 * Reads /proc rather than ru_maxrss of wait4(2), which also counts the memory of the process that it was forked from: no
 * program started by Node would seem to need less memory than Node.
 */
function watchMemory(pid: number | undefined): {
  readonly bySecond: number[];
  peakMiB(): number | undefined;
  stop(): void;
} {
  const startedAt = performance.now();
  const bySecond: number[] = [];
  let peakKiB = 0;
  const timer = setInterval(() => {
    if (pid === undefined) return;
    const { peak, now } = memoryOf(pid);
    peakKiB = Math.max(peakKiB, peak);
    if (performance.now() - startedAt >= bySecond.length * 1000) bySecond.push(now / 1024);
  }, SAMPLE_EVERY_MS);
  return {
    bySecond,
    peakMiB: () => (peakKiB === 0 ? undefined : peakKiB / 1024),
    stop: () => clearInterval(timer),
  };
}

/** Memory of a process and its children, in KiB; zero if it is gone. */
function memoryOf(pid: number): { peak: number; now: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const own = { peak: field(status, 'VmHWM'), now: field(status, 'VmRSS') };
    for (const child of readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ')) {
      if (child === '') continue;
      const { peak, now } = memoryOf(Number(child));
      own.peak += peak;
      own.now += now;
    }
    return own;
  } catch {
    return { peak: 0, now: 0 };
  }
}

function field(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1] ?? 0);
}
