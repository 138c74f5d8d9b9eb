/** Ends the process although the system's resolver still waits for a server. */

import process from 'node:process';

/** Whether a name is being looked up by the system, by us or by Node for a connection. */
export function isLookingUp(): boolean {
  return process.getActiveResourcesInfo().includes('GetAddrInfoReqWrap');
}

/** `process.exit` waits for the resolver's threads, on every system but Windows: for as long as a server is silent. */
export async function endProcess(code: number): Promise<void> {
  if (process.platform === 'win32' || !isLookingUp()) return process.exit(code);
  process.emit('exit', code);
  try {
    const { exitNow } = await import('../native/exit.ts');
    exitNow(code);
  } catch {
    // Without koffi the exit code is lost.
    process.kill(process.pid, 'SIGKILL');
  }
}
