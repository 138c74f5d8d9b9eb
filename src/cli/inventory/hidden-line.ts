/** Reads a line that no terminal shows. */

import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import type { Streams, TerminalStream } from '../terminal.ts';

/** The first line of standard input; from a terminal after a prompt, and what is typed stays hidden. */
export async function readHiddenLine(
  { stdin, stderr }: Pick<Streams, 'stdin' | 'stderr'>,
  prompt: string,
): Promise<string> {
  const isTerminal = 'isTTY' in stdin && stdin.isTTY === true;
  if (isTerminal) stderr.write(prompt);
  const lines = createInterface({ input: stdin, output: silent(), terminal: isTerminal });
  try {
    const { value } = await lines[Symbol.asyncIterator]().next();
    return value ?? '';
  } finally {
    lines.close();
    if (isTerminal) stderr.write('\n');
  }
}

/** A terminal's line editor echoes to its output: this one drops it. */
function silent(): TerminalStream {
  return new Writable({ write: (_chunk, _encoding, done) => done() });
}
