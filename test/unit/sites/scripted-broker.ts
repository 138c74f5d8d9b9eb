/** A broker without a server: chunks are handed to an agent by the test, which sees everything that the agent does. */

import type { AgentBroker, ConnectionState, OfferedChunk } from '../../../src/sites/broker.ts';
import { type AgentStatus, decodeStatus } from '../../../src/sites/contract/agent-status.ts';
import { encodeControl } from '../../../src/sites/contract/control.ts';
import type { ChunkName } from '../../../src/sites/contract/names.ts';

/** What became of a chunk, in the order in which it happened. */
export type Deed = string;

export class ScriptedBroker implements AgentBroker {
  /** Of all chunks. */
  readonly deeds: Deed[] = [];
  readonly sent: {
    readonly chunk: ChunkName;
    readonly octets: Uint8Array;
    readonly execution: string;
  }[] = [];
  readonly statuses: AgentStatus[] = [];
  isClosed = false;
  /** What sending rejects with; undefined if it succeeds. */
  sendError: Error | undefined;
  private readonly queue: OfferedChunk[] = [];
  private readonly waiting: (() => void)[] = [];
  private readonly controlListeners: ((octets: Uint8Array) => void)[] = [];
  private readonly connectionListeners: ((state: ConnectionState) => void)[] = [];
  private readonly watchers: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];

  /** Hands out a chunk. @param name for the deeds */
  offer(name: string, octets: Uint8Array, attempt = 1): void {
    this.queue.push({
      octets,
      attempt,
      renew: () => this.note(`${name} renewed`),
      done: async () => this.note(`${name} done`),
      giveBack: (delayMs) => this.note(`${name} given back for ${delayMs} ms`),
      drop: (why) => this.note(`${name} dropped: ${why}`),
    });
    this.waiting.shift()?.();
  }

  cancel(scan: string): void {
    this.say(encodeControl({ act: 'cancel', scan }));
  }

  pause(scan: string): void {
    this.say(encodeControl({ act: 'pause', scan }));
  }

  /** What the hub, or somebody else, says to all agents of the site. */
  say(octets: Uint8Array): void {
    for (const listener of this.controlListeners) listener(octets);
  }

  connect(state: ConnectionState): void {
    for (const listener of this.connectionListeners) listener(state);
  }

  /** Resolves when this has happened. */
  async until(deed: Deed): Promise<void> {
    await this.untilIt(() => this.deeds.includes(deed));
  }

  async untilIt(holds: () => boolean): Promise<void> {
    if (holds()) return;
    await new Promise<void>((resolve) => this.watchers.push({ holds, resolve }));
  }

  async take(signal: AbortSignal): Promise<OfferedChunk | undefined> {
    while (!signal.aborted) {
      const offered = this.queue.shift();
      if (offered !== undefined) return offered;
      await new Promise<void>((resolve) => {
        this.waiting.push(resolve);
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    }
    return undefined;
  }

  async send(chunk: ChunkName, octets: Uint8Array, execution: string): Promise<void> {
    if (this.sendError !== undefined) {
      this.note(`sending failed: ${this.sendError.message}`);
      throw this.sendError;
    }
    this.sent.push({ chunk, octets, execution });
    this.note(`sent ${chunk.scan} ${chunk.chunk}`);
  }

  sendStatus(octets: Uint8Array): void {
    this.statuses.push(decodeStatus(octets));
  }

  onControl(listener: (octets: Uint8Array) => void): void {
    this.controlListeners.push(listener);
  }

  onConnection(listener: (state: ConnectionState) => void): void {
    this.connectionListeners.push(listener);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  private note(deed: Deed): void {
    this.deeds.push(deed);
    for (const watcher of this.watchers) if (watcher.holds()) watcher.resolve();
  }
}
