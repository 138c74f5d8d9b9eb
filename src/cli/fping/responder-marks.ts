/** Marks of replies that came from another address than their target's, `[<- 192.0.2.9]`, and the lines that they are for. */

import type { FpingHost } from './probed-hosts.ts';

/** What a run writes to; texts are whole lines, but for these marks, which fping does not end. */
export interface FpingStreams {
  readonly stdout: (text: string) => void;
  readonly stderr: (text: string) => void;
}

/**
 * Writes each mark right before its line, as fping does: a program that reads both streams as one takes the two for one
 * line, which is not about the target then.
 */
export class ResponderMarks {
  private readonly streams: FpingStreams;
  /** By target: lines that wait for its row, which has the address. */
  private readonly held = new Map<FpingHost, string[]>();

  constructor(streams: FpingStreams) {
    this.streams = streams;
  }

  /** @param responder null for a reply of the target itself */
  print(line: string, responder: string | null): void {
    if (responder !== null) this.streams.stderr(` [<- ${responder}]`);
    this.streams.stdout(`${line}\n`);
  }

  hold(host: FpingHost, line: string): void {
    const lines = this.held.get(host);
    if (lines === undefined) this.held.set(host, [line]);
    else lines.push(line);
  }

  printHeld(host: FpingHost, responder: string | null): void {
    for (const line of this.held.get(host) ?? []) this.print(line, responder);
    this.held.delete(host);
  }
}
