/** What a service manager is told, and how often it wants to hear that all is well (sd_notify(3)). */

import type { Streams } from '../terminal.ts';

type Send = (path: string, words: string) => boolean;

export class ServiceNotice {
  readonly #path: string | undefined;
  readonly #watchdogMs: number | undefined;
  readonly #send: Send;
  #timer: NodeJS.Timeout | undefined;

  /** @param send stands in for systemd; undefined where this system has none */
  constructor(env: Streams['env'], send: Send | undefined) {
    this.#path = send === undefined ? undefined : env['NOTIFY_SOCKET'];
    this.#send = send ?? (() => false);
    const watchdogUs = Number(env['WATCHDOG_USEC']);
    const isMeant =
      env['WATCHDOG_PID'] === undefined || Number(env['WATCHDOG_PID']) === process.pid;
    this.#watchdogMs = isMeant && watchdogUs > 0 ? watchdogUs / 1000 : undefined;
  }

  /** Everything stands; from now on the watchdog is fed, for as long as the event loop turns. */
  ready(): void {
    this.#tell('READY=1');
    if (this.#watchdogMs === undefined || this.#timer !== undefined) return;
    // Half of the time, as sd_watchdog_enabled(3) advises.
    this.#timer = setInterval(() => this.#tell('WATCHDOG=1'), this.#watchdogMs / 2);
    this.#timer.unref();
  }

  /** A line that `systemctl status` shows. */
  status(words: string): void {
    this.#tell(`STATUS=${words}`);
  }

  /** To be followed by `ready`. */
  reloading(): void {
    this.#tell(`RELOADING=1\nMONOTONIC_USEC=${process.hrtime.bigint() / 1000n}`);
  }

  stopping(): void {
    this.#tell('STOPPING=1');
    clearInterval(this.#timer);
  }

  #tell(words: string): void {
    if (this.#path !== undefined) this.#send(this.#path, words);
  }
}
