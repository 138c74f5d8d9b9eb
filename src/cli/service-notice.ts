/** Notifies the service manager, and feeds its watchdog (sd_notify(3)). */

import type { Streams } from './terminal.ts';

type Send = (path: string, words: string) => boolean;

/** The notice for the service manager of this process, if it has one. */
export async function serviceNotice(env: Streams['env']): Promise<ServiceNotice> {
  return new ServiceNotice(env, await systemdHere(env));
}

/** Loaded only if there may be a systemd, since it opens libc. */
async function systemdHere(env: Streams['env']): Promise<Send | undefined> {
  if (process.platform !== 'linux' || env['NOTIFY_SOCKET'] === undefined) return undefined;
  return (await import('./systemd-notify.ts')).notifySystemd;
}

export class ServiceNotice {
  readonly #path: string | undefined;
  readonly #watchdogMs: number | undefined;
  readonly #send: Send;
  #timer: NodeJS.Timeout | undefined;

  /** @param send sends to systemd; undefined on a system without it */
  constructor(env: Streams['env'], send: Send | undefined) {
    this.#path = send === undefined ? undefined : env['NOTIFY_SOCKET'];
    this.#send = send ?? (() => false);
    const watchdogUs = Number(env['WATCHDOG_USEC']);
    const isMeant =
      env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === process.pid;
    this.#watchdogMs = isMeant && watchdogUs > 0 ? watchdogUs / 1000 : undefined;
  }

  /** The service is ready. From now on it feeds the watchdog, as long as the event loop runs. */
  ready(): void {
    this.#notify('READY=1');
    if (this.#watchdogMs === undefined || this.#timer !== undefined) return;
    // Half of the time, as sd_watchdog_enabled(3) advises.
    this.#timer = setInterval(() => this.#notify('WATCHDOG=1'), this.#watchdogMs / 2);
    this.#timer.unref();
  }

  /** The line that `systemctl status` shows. */
  status(words: string): void {
    this.#notify(`STATUS=${words}`);
  }

  /** To be followed by `ready`. */
  reloading(): void {
    this.#notify(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
  }

  stopping(): void {
    this.#notify('STOPPING=1');
    clearInterval(this.#timer);
  }

  #notify(words: string): void {
    if (this.#path !== undefined) this.#send(this.#path, words);
  }
}
