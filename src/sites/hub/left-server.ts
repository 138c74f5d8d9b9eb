/** Ends the nats-server that a killed hub has left behind, which would keep the port. */

import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Sends a signal to a process; as `process.kill` does. */
export type Kill = (pid: number, signal: NodeJS.Signals) => void;

/** After SIGTERM, and again after SIGKILL: a process that waits for a disk ends only after that. */
const GONE_WITHIN_MS = 5_000;
const LOOK_EVERY_MS = 50;

/**
 * Only a process that was started with this very configuration is ended: its number may be another's by now. If the
 * system does not show how processes were started, the new server reports that the port is taken.
 * @param pidFile that the server wrote
 */
export async function endLeftServer(pidFile: string, config: string, kill: Kill): Promise<void> {
  const pid = Number(textOf(pidFile));
  if (!(pid > 1) || !hasArgument(pid, config)) return;
  const end = performance.now() + GONE_WITHIN_MS;
  try {
    kill(pid, 'SIGTERM');
    while (hasArgument(pid, config) && performance.now() < end + GONE_WITHIN_MS) {
      if (performance.now() > end) kill(pid, 'SIGKILL');
      await pause(LOOK_EVERY_MS);
    }
  } catch {
    // It has ended, or is not ours to end: then the new server reports that the port is taken.
  }
}

function hasArgument(pid: number, argument: string): boolean {
  return textOf(`/proc/${pid}/cmdline`).split('\0').includes(argument);
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
