/** The terminal of a watch: a screen of its own that is drawn line by line, and the keys pressed there. */

import process from 'node:process';
import { emitKeypressEvents } from 'node:readline';
import type { Readable } from 'node:stream';
import type { ScreenSize } from '../../watch/screen.ts';
import {
  heightOf,
  isPlain,
  type Surroundings,
  type TerminalStream,
  wantsColour,
  widthOf,
} from '../terminal.ts';

/** What happens on a terminal. */
export interface TerminalEvents {
  /** @param name as Node's `readline` names keys */
  readonly onKey: (name: string) => void;
  /** Ctrl-C, which a terminal whose keys are read one by one does not make a signal of. */
  readonly onInterrupt: () => void;
  /** The terminal is given back: the process can be stopped, as SIGTSTP does by itself. Undefined if the system stops none. */
  readonly onSuspend: (() => void) | undefined;
  readonly onResize: () => void;
}

/** Standard input, if it may be a terminal. */
type KeySource = Readable & {
  readonly isTTY?: boolean;
  setRawMode?(isRaw: boolean): unknown;
};

interface Key {
  readonly name?: string;
  readonly ctrl?: boolean;
}

/** The alternate screen (xterm's private mode 1049) leaves what was on the terminal as it was; 7 is line wrap, 25 the cursor. */
const ENTER = '\u001B[?1049h\u001B[?25l\u001B[?7l\u001B[2J';
const LEAVE = '\u001B[?7h\u001B[?25h\u001B[?1049l';
const ERASE_SCREEN = '\u001B[2J';
const ERASE_TO_END = '\u001B[K';
const RESET = '\u001B[0m';
/** The system does not stop a process that no shell could let go on: after so long it goes on here. */
const STOPPED_AFTER_MS = 100;
const toLine = (line: number): string => `\u001B[${line};1H`;

export class WatchTerminal {
  readonly hasKeys: boolean;
  private readonly stream: TerminalStream;
  private readonly keys: KeySource;
  private readonly env: Surroundings['env'];
  private readonly signals: Surroundings['signals'];
  private readonly events: TerminalEvents;
  private shown: readonly string[] = [];
  private isOpen = true;
  private isSuspended = false;
  private notStopped: NodeJS.Timeout | undefined;

  /** Takes the terminal over. @param mayReadKeys whether standard input is not read by anything else */
  constructor(
    stream: TerminalStream,
    { stdin, env, signals }: Pick<Surroundings, 'stdin' | 'env' | 'signals'>,
    mayReadKeys: boolean,
    events: TerminalEvents,
  ) {
    this.stream = stream;
    this.keys = stdin;
    this.env = env;
    this.signals = signals;
    this.events = events;
    this.hasKeys = mayReadKeys && this.keys.isTTY === true;
    stream.write(ENTER);
    stream.on('resize', this.onResize);
    // Whatever ends the process: a shell must not be left on this screen.
    process.once('exit', this.leave);
    signals.on('SIGTSTP', this.suspend);
    signals.on('SIGCONT', this.resume);
    if (!this.hasKeys) return;
    emitKeypressEvents(this.keys);
    this.keys.setRawMode?.(true);
    this.keys.on('keypress', this.onKeypress);
    this.keys.resume();
  }

  get size(): ScreenSize {
    return {
      width: widthOf(this.stream),
      height: heightOf(this.stream),
      colour: wantsColour(this.stream, this.env),
      isPlain: isPlain(this.env),
    };
  }

  /** Writes only the lines that changed, so that nothing flickers. Each is erased first: behind a full one, the cursor stays on its last cell. */
  draw(lines: readonly string[]): void {
    if (!this.isOpen || this.isSuspended) return;
    const changes = lines.map((line, i) =>
      line === this.shown[i] ? '' : `${toLine(i + 1)}${ERASE_TO_END}${line}${RESET}`,
    );
    this.shown = lines;
    const text = changes.join('');
    if (text !== '') this.stream.write(text);
  }

  /** Gives the terminal back as it was. */
  close(): void {
    if (!this.isOpen) return;
    this.leave();
    process.off('exit', this.leave);
    clearTimeout(this.notStopped);
    this.signals.off('SIGTSTP', this.suspend);
    this.signals.off('SIGCONT', this.resume);
    this.stream.removeListener('resize', this.onResize);
    if (!this.hasKeys) return;
    this.keys.off('keypress', this.onKeypress);
    this.keys.setRawMode?.(false);
    this.keys.pause();
  }

  private readonly leave = (): void => {
    this.isOpen = false;
    this.stream.write(LEAVE);
  };

  /** Ctrl-Z: without a listener the signal stops the process. */
  private readonly suspend = (): void => {
    const { onSuspend } = this.events;
    if (this.isSuspended || onSuspend === undefined) return;
    this.isSuspended = true;
    if (this.hasKeys) this.keys.setRawMode?.(false);
    this.stream.write(LEAVE);
    this.signals.off('SIGTSTP', this.suspend);
    this.notStopped = setTimeout(this.resume, STOPPED_AFTER_MS);
    onSuspend();
  };

  /** Also after SIGSTOP, which leaves no time to give the terminal back: the shell has changed it. */
  private readonly resume = (): void => {
    clearTimeout(this.notStopped);
    if (this.isSuspended) this.signals.on('SIGTSTP', this.suspend);
    this.isSuspended = false;
    // First, because the system stops a process in the background here.
    if (this.hasKeys) this.keys.setRawMode?.(true);
    this.stream.write(ENTER);
    this.onResize();
  };

  private readonly onResize = (): void => {
    if (this.isSuspended) return;
    this.stream.write(ERASE_SCREEN);
    this.shown = [];
    this.events.onResize();
  };

  private readonly onKeypress = (text: string | undefined, key: Key): void => {
    if (key.ctrl === true && key.name === 'c') this.events.onInterrupt();
    else if (key.ctrl === true && key.name === 'z') this.suspend();
    else if (key.ctrl !== true) this.events.onKey(key.name ?? text ?? '');
  };
}
