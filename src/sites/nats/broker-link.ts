/** A connection to the broker that comes back by itself, for days if need be, and says why it is gone. */

import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect, type NatsConnection, nkeyAuthenticator } from '@nats-io/transport-node';
import { EchosweepError } from '../../errors.ts';
import { pause, unlessAborted } from '../../pause.ts';
import { type ConnectionState, NotConnected } from '../broker.ts';
import type { BrokerAccess } from '../join-file.ts';
import { isKeyRefused, type KeyOwner, whyLost, whyNotConnected } from './connection-words.ts';

/** Where the broker is, and who connects. */
export interface BrokerAddress extends BrokerAccess, KeyOwner {
  /** Of this connection, for the server's own lists. */
  readonly name: string;
  readonly inboxPrefix: string;
}

/** Of each address that the broker's name has. */
const CONNECT_TIMEOUT_MS = 10_000;
/** With the look-up of the name, for which the client has no limit. */
const LONGEST_CONNECT_MS = 60_000;
/** A connection that was cut without a word is noticed after this and twice more. */
const PING_EVERY_MS = 5_000;
const MOST_SILENT_PINGS = 1;
/** Of a message, on the slowest line that is of use: 32 kbit/s. */
const MS_AN_OCTET = 0.25;
/** What has not left by then is lost with a server that does not answer. */
const DRAINED_WITHIN_MS = 5_000;
const SHORTEST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 10_000;
/** A server that is busy with many handshakes refuses a good key too. */
const REFUSALS_TO_BELIEVE = 4;

export class BrokerLink {
  private readonly address: BrokerAddress;
  private readonly setUp: (connection: NatsConnection) => Promise<void>;
  private readonly listeners = new Set<(state: ConnectionState) => void>();
  private readonly stop = new AbortController();
  private readonly end: Promise<void>;
  private waiting: (() => void)[] = [];
  private connection: NatsConnection | undefined;
  private refusal: EchosweepError | undefined;
  /** Of the message that is being sent. */
  private octets = 0;
  private lastSent: Promise<unknown> = Promise.resolve();
  /** undefined until the first attempt has ended. */
  private state: ConnectionState | undefined;

  /** @param setUp called with each new connection before anything else uses it; if it rejects, the connection is tried again */
  constructor(address: BrokerAddress, setUp: (connection: NatsConnection) => Promise<void>) {
    this.address = address;
    this.setUp = setUp;
    this.end = this.run();
  }

  /** @returns what ends the calls */
  onConnection(listener: (state: ConnectionState) => void): () => void {
    this.listeners.add(listener);
    if (this.state !== undefined) listener(this.state);
    return () => void this.listeners.delete(listener);
  }

  /** Whether the key is refused for good. */
  get isRefused(): boolean {
    return this.refusal !== undefined;
  }

  /** @throws Error if there is no connection now; EchosweepError BROKER_REFUSED if there will be none */
  get now(): NatsConnection {
    if (this.connection !== undefined) return this.connection;
    throw this.refusal ?? new NotConnected('there is no connection now');
  }

  /**
   * Waits for a connection.
   * @returns undefined once the signal is aborted or the link closed
   * @throws EchosweepError BROKER_REFUSED if the key is refused for good
   */
  async whenConnected(signal: AbortSignal): Promise<NatsConnection | undefined> {
    const wake = (): void => this.wake();
    signal.addEventListener('abort', wake);
    try {
      for (;;) {
        if (signal.aborted || this.stop.signal.aborted) return undefined;
        if (this.refusal !== undefined) throw this.refusal;
        if (this.connection !== undefined) return this.connection;
        await new Promise<void>((resolve) => this.waiting.push(resolve));
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }

  /**
   * Sends a message and waits for the broker's word, one after the other: a slow line may need minutes for one, and those
   * that are sent at once would only delay each other.
   * @param send is called with the connection and the time that the line may take
   */
  sendLarge<Result>(
    octets: number,
    send: (connection: NatsConnection, timeMs: number) => Promise<Result>,
  ): Promise<Result> {
    const sent = this.lastSent.then(async () => {
      this.octets = octets;
      try {
        return await send(this.now, MS_AN_OCTET * octets);
      } finally {
        this.octets = 0;
      }
    });
    this.lastSent = sent.catch(() => {});
    return sent;
  }

  /** How long the message that is being sent may keep the line: what is sent now waits behind it. */
  get busyMs(): number {
    return MS_AN_OCTET * this.octets;
  }

  /** Sends what is left and closes. Never rejects. */
  async close(): Promise<void> {
    const { connection } = this;
    this.stop.abort();
    this.wake();
    const drained = connection?.drain().catch(() => {});
    await Promise.race([drained, delay(DRAINED_WITHIN_MS, undefined, { ref: false })]);
    await connection?.close().catch(() => {});
    await this.end;
  }

  private async run(): Promise<void> {
    let refusals = 0;
    let pauseMs = SHORTEST_PAUSE_MS;
    for (let attempt = 0; !this.stop.signal.aborted; attempt++) {
      const { urls } = this.address;
      const url = urls[attempt % urls.length]!;
      let error: unknown;
      let connection: NatsConnection | undefined;
      try {
        connection = await this.connect(url);
        void this.closeOnceStale(connection);
        await this.setUp(connection);
        if (this.stop.signal.aborted) break;
        refusals = 0;
        pauseMs = SHORTEST_PAUSE_MS;
        this.connection = connection;
        this.change({ isConnected: true });
        error = (await connection.closed()) ?? new Error('');
      } catch (problem) {
        error = problem;
      } finally {
        // Also if the link was closed while it connected.
        await connection?.close().catch(() => {});
      }
      if (this.stop.signal.aborted) break;
      refusals = isKeyRefused(error) ? refusals + 1 : 0;
      const why =
        this.connection === undefined
          ? whyNotConnected(error, url, this.address)
          : whyLost(error, url, this.address);
      if (refusals >= REFUSALS_TO_BELIEVE) this.refusal = refusalOf(why);
      this.connection = undefined;
      this.change({ isConnected: false, why });
      if (this.refusal !== undefined) return;
      // Hundreds of agents lose their connections at the same moment.
      await pause(pauseMs * (0.5 + Math.random()), this.stop.signal);
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2);
    }
    this.connection = undefined;
  }

  private async connect(url: string): Promise<NatsConnection> {
    const { ca, seed, name, inboxPrefix } = this.address;
    const { protocol, hostname } = new URL(url);
    const tls = protocol === 'tls:' || ca !== undefined;
    const connecting = connect({
      servers: [url],
      name,
      inboxPrefix,
      authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)),
      timeout: CONNECT_TIMEOUT_MS,
      pingInterval: PING_EVERY_MS,
      // `closeOnceStale` counts them.
      maxPingOut: Number.POSITIVE_INFINITY,
      // The loop of this class connects again, and knows why it has to.
      reconnect: false,
      ignoreClusterUpdates: true,
      // Without `host`, the client compares the certificate of an address with `localhost`.
      tls: tls ? { ...(ca === undefined ? {} : { ca }), host: bare(hostname) } : null,
    } as Parameters<typeof connect>[0]);
    const tooLate = AbortSignal.timeout(LONGEST_CONNECT_MS);
    const end = AbortSignal.any([this.stop.signal, tooLate]);
    try {
      return await unlessAborted(connecting, end);
    } catch (error) {
      if (end.aborted) void connecting.then((late) => late.close()).catch(() => {});
      throw tooLate.aborted ? Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' }) : error;
    }
  }

  /**
   * A connection that is silent is closed at once: the client would first wait until all that it has sent has left, which
   * on a line that is cut takes as long as TCP tries, a quarter of an hour. Pings wait behind a message that is being sent,
   * and their answers behind one that arrives: each octet of that is a sign of life too.
   */
  private async closeOnceStale(connection: NatsConnection): Promise<void> {
    let before = 0;
    let silentPings = 0;
    for await (const { type } of connection.status()) {
      if (type !== 'ping') continue;
      const arrived = octetsArrived(connection);
      silentPings = arrived === before ? silentPings + 1 : 0;
      before = arrived;
      if (silentPings > MOST_SILENT_PINGS + this.busyMs / PING_EVERY_MS)
        void connection.close().catch(() => {});
    }
  }

  private change(state: ConnectionState): void {
    const before = this.state;
    this.state = state;
    this.wake();
    // What fails again for the same reason has been reported.
    if (!state.isConnected && before?.isConnected === false && before.why === state.why) return;
    for (const listener of this.listeners) listener(state);
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** @param why a problem, a colon and what to do about it */
function refusalOf(why: string): EchosweepError {
  const [problem, advice] = why.split(/: (.*)/s);
  return new EchosweepError('BROKER_REFUSED', problem!, advice ?? 'check the hub');
}

/** The client's own count has no message that is not whole yet, so this is of the socket, which it does not show. */
function octetsArrived(connection: NatsConnection): number {
  const { protocol } = connection as unknown as {
    readonly protocol: { readonly transport: { readonly socket?: Socket } };
  };
  return protocol.transport.socket?.bytesRead ?? 0;
}

/** An IPv6 address without its brackets. */
function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '');
}
