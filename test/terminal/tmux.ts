/** A real terminal for tests: a tmux of their own, with a window of any size, whose screen can be read. */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOK_EVERY_MS = 40;
const DEADLINE_MS = 60_000;
/** The shell's last words, after the command's. */
const OVER = 'command ended with';

/** Why tests in a terminal cannot run here; undefined where they can. */
export const NO_TMUX = hasTmux() ? undefined : 'no tmux here: apt-get install tmux';

function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V']);
    return true;
  } catch {
    return false;
  }
}

export class Terminal {
  /** Of its own: the usual one may be another user's, if this one is root of a user namespace. */
  private readonly folder = mkdtempSync(join(tmpdir(), 'tmux-'));

  /** Starts a command in a window of so many columns and lines. */
  constructor(
    command: readonly string[],
    { width, height, env = {} }: { width: number; height: number; env?: Record<string, string> },
  ) {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const quoted = ['env', ...variables, ...command].map((word) => `'${word}'`).join(' ');
    const size = ['-x', String(width), '-y', String(height)];
    this.tmux(
      ...['-f', '/dev/null', 'start-server', ';', 'set-option', '-g', 'status', 'off', ';'],
      ...['new-session', '-d', ...size, `${quoted}; echo "${OVER} $?"; exec sleep 60`],
    );
  }

  /** The lines on the screen, without blanks at their ends and empty lines below. */
  screen(): string[] {
    return this.tmux('capture-pane', '-p').trimEnd().split('\n');
  }

  /** The same with all that has scrolled off. */
  history(): string[] {
    return this.tmux('capture-pane', '-p', '-S', '-').trimEnd().split('\n');
  }

  /** The screen as soon as a line of it is as wanted. */
  async screenWith(wanted: RegExp): Promise<string[]> {
    const end = performance.now() + DEADLINE_MS;
    for (;;) {
      const screen = this.screen();
      if (screen.some((line) => wanted.test(line))) return screen;
      if (performance.now() > end) throw new Error(`${wanted} never came:\n${screen.join('\n')}`);
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** What the screen shows after the command has ended, without the shell's last words. */
  async finalScreen(): Promise<string[]> {
    const screen = await this.screenWith(new RegExp(`^${OVER} `));
    return screen.filter((line) => !line.startsWith(OVER));
  }

  /** Presses a key, by tmux' name for it, such as `q`, `End` or `C-c`. */
  press(key: string): void {
    this.tmux('send-keys', key);
  }

  resize(width: number, height: number): void {
    this.tmux('resize-window', '-x', String(width), '-y', String(height));
  }

  /** @param keys text, or names of keys such as `Tab` */
  type(...keys: readonly string[]): void {
    this.tmux('send-keys', ...keys);
  }

  close(): void {
    this.tmux('kill-server');
    rmSync(this.folder, { recursive: true });
  }

  private tmux(...args: readonly string[]): string {
    const env = { ...process.env, TMUX_TMPDIR: this.folder };
    return execFileSync('tmux', ['-u', ...args], { encoding: 'utf8', env });
  }
}
