/**
 * The seam between the sites and whatever carries their messages. A broker may be killed, wiped or replaced at any moment:
 * that costs work done twice and nothing else, because the truth about a scan is its coordinator's.
 */

import type { AgentName, ChunkName } from './contract/names.ts';

/** What the hub needs to know of a site. */
export interface SiteWindow {
  readonly site: string;
  /** Chunks that its agents may hold at once, all together. */
  readonly slots: number;
  /** How long an agent that is not heard of keeps a chunk. */
  readonly leaseMs: number;
}

/** The result of a chunk as it arrived; nothing in it has been believed yet, but the broker vouches for the sender. */
export interface DeliveredResult extends AgentName, ChunkName {
  readonly octets: Uint8Array;
  /** It is in the journal, or was there before: it is not delivered again. */
  accept(): void;
  /** It cannot be believed: it is not delivered again. @param why one sentence, which a broker may keep */
  refuse(why: string): void;
}

/** A status as it arrived. */
export interface DeliveredStatus extends AgentName {
  readonly octets: Uint8Array;
}

/**
 * The hub's side. Every promise rejects with an Error if the broker cannot be reached, and the caller tries again; with
 * EchosweepError BROKER_REFUSED if the broker refuses the key for good. Of several hubs on one broker, each reads the
 * results of its own scans. Several scans can share one connection: what `on…` returns ends the calls to that listener.
 */
export interface HubBroker {
  /** Of the server, such as `2.10.27`. */
  readonly serverVersion: string;
  /** Whether it refuses the key for good: it has to be opened again, with the key that the hub's file has then. */
  readonly isRefused: boolean;
  /** Makes ready for chunks of these sites, or changes their slots. Also after `onForgotten`, by itself. */
  serve(sites: readonly SiteWindow[]): Promise<void>;
  /** Offers a chunk to the agents of its site. Offering one that is offered already does no harm. */
  offer(chunk: ChunkName, octets: Uint8Array): Promise<void>;
  /**
   * The results of a scan as they arrive, until the signal is aborted or the broker closed. Those that an earlier reader of
   * the same scan had received and not accepted come at once. Survives lost connections by itself.
   * @throws EchosweepError BROKER_REFUSED if the broker refuses the key for good
   */
  results(scan: string, signal: AbortSignal): AsyncIterable<DeliveredResult>;
  /** Takes back the chunks of a scan at one site, and stops its agents that sweep them. They may be offered again. */
  pause(scan: string, site: string): Promise<void>;
  /** Takes back the chunks of a scan, stops agents that sweep them, and drops results that were not read. */
  cancel(scan: string, sites: readonly string[]): Promise<void>;
  /** The scan has ended: forgets what the broker keeps for it, such as chunks that are done twice. Never rejects. */
  forget(scan: string): Promise<void>;
  /** Called with each status that arrives. */
  onStatus(listener: (status: DeliveredStatus) => void): () => void;
  /** Called if the broker lost its memory: whatever has no result yet must be offered again. */
  onForgotten(listener: () => void): () => void;
  /** Called when the connection is lost (with why) and when it is back. */
  onConnection(listener: (state: ConnectionState) => void): () => void;
  /** Never rejects. */
  close(): Promise<void>;
}

/** There is no connection now; `onConnection` has said why, and it is tried again. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected';
}

export type ConnectionState =
  | { readonly isConnected: true }
  | { readonly isConnected: false; readonly why: string };

/** A chunk that the broker hands to this agent, for as long as the agent renews it. */
export interface OfferedChunk {
  readonly octets: Uint8Array;
  /** 1 when it is handed out for the first time since it was offered. */
  readonly attempt: number;
  /** Keeps it for another lease. */
  renew(): void;
  /** Its result has been sent: no agent gets it any more. Rejects if the broker does not confirm it. */
  done(): Promise<void>;
  /** Another agent may have it. @param delayMs not before this time */
  giveBack(delayMs: number): void;
  /** No agent can or need sweep it. @param why one sentence, which a broker may keep */
  drop(why: string): void;
}

/** An agent's side. */
export interface AgentBroker {
  /**
   * Waits for a chunk of this agent's site, also while there is no connection. A chunk that arrives after the signal was
   * aborted is given back.
   * @returns undefined once the signal is aborted
   * @throws EchosweepError BROKER_REFUSED if the broker refuses this agent's key for good
   */
  take(signal: AbortSignal): Promise<OfferedChunk | undefined>;
  /**
   * Sends the answer to a chunk and waits until the broker has it. Rejects if that cannot be confirmed, with NotConnected
   * if there is no connection.
   * @throws EchosweepError BROKER_REFUSED if the broker refuses this agent's key for good
   * @param execution a new text for each time that a chunk is swept, the same for each time that its result is sent
   */
  send(chunk: ChunkName, octets: Uint8Array, execution: string): Promise<void>;
  /** Sends a status, if there is a connection. */
  sendStatus(octets: Uint8Array): void;
  /** Called with what the hub says to the agents of this site. */
  onControl(listener: (octets: Uint8Array) => void): void;
  /** Called when the connection is lost (with why) and when it is back. */
  onConnection(listener: (state: ConnectionState) => void): void;
  /** Ends the connection after what was sent has left. Never rejects. */
  close(): Promise<void>;
}
