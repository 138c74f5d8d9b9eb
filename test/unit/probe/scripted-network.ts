/** A network made of a script and a clock that only tests move: it takes echo requests and answers by the script. */

import type { Family } from '../../../src/address.ts';
import type { Transport } from '../../../src/transport/contract.ts';
import type { ScriptedLink } from './scripted-link.ts';
import type { Request, Script } from './scripted-packets.ts';
import { ScriptedSocket } from './scripted-socket.ts';

/** One socket on a network whose every packet is in the test's hand. */
export class ScriptedNetwork implements Transport {
  readonly sockets: readonly ScriptedSocket[];
  neighbourSockets: readonly ScriptedLink[] = [];
  /** Every request that left, in order. */
  readonly requests: Request[] = [];
  script: Script;
  /** The monotonic clock. */
  clockNs = 1e12;

  constructor(family: Family, script: Script, identifier = 0x4711) {
    this.script = script;
    this.sockets = [new ScriptedSocket(this, family, identifier)];
  }

  get socket(): ScriptedSocket {
    return this.sockets[0]!;
  }

  /** As in the contract; undefined if everything can be received at once. */
  receivedUntilNs?: number;

  /** Whether arrivals are stamped when they arrive, or when they are read. */
  stampsArrivals = true;

  nowNs(): number {
    return this.clockNs;
  }

  wallClockOffsetNs(): number {
    return 1.7e18 - 1e12;
  }

  /** Moves the clock on, no further than to the next arrival. */
  wait(maxMs: number): void {
    const target = this.clockNs + maxMs * 1e6;
    const arrivals = [this.socket, ...this.neighbourSockets].map((from) => from.nextArrivalNs());
    this.clockNs = Math.max(this.clockNs + 1, Math.min(target, ...arrivals));
  }

  close(): void {}

  requestsTo(address: string): Request[] {
    return this.requests.filter((request) => request.address === address);
  }
}
