/** The hub's side of the broker, on NATS JetStream. */

import { type JetStreamManager, type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { EchosweepError } from '../../errors.ts';
import { pause } from '../../pause.ts';
import type {
  ConnectionState,
  DeliveredResult,
  DeliveredStatus,
  HubBroker,
  SiteWindow,
} from '../broker.ts';
import { type Control, encodeControl } from '../contract/control.ts';
import type { ChunkName } from '../contract/names.ts';
import type { BrokerAccess } from '../join-file.ts';
import { BrokerLink } from './broker-link.ts';
import {
  endScan,
  isOfferedAlready,
  keepRoom,
  layOutStreams,
  readScan,
  serveSite,
} from './streams.ts';
import {
  controlSubject,
  HUB_INBOX,
  RESULT_STREAM,
  readResultSubject,
  readStatusSubject,
  resultsOfScan,
  STATUS_SUBJECTS,
  scanConsumer,
  WORK_STREAM,
  workOfScan,
  workSubject,
} from './subjects.ts';

const REQUEST_TIMEOUT_MS = 5_000;
/** Results on their way from the server at once. */
const RESULTS_AT_ONCE = 64;
/** A reader that hears nothing for twice this long requests more again. */
const HEARTBEAT_MS = 5_000;
const READ_AGAIN_MS = 500;
/** The room in the streams is looked at so often: a flood stops other agents for no longer. */
const LOOK_EVERY_MS = 5_000;

export class NatsHub implements HubBroker {
  private readonly link: BrokerLink;
  private readonly windows = new Map<string, SiteWindow>();
  private readonly statusListeners = new Set<(status: DeliveredStatus) => void>();
  private readonly forgottenListeners = new Set<() => void>();
  private readonly closing = new AbortController();
  private readonly looking: NodeJS.Timeout;
  /** Of the streams as they were when the listeners were notified last. */
  private streamsMadeAt: string | undefined;

  constructor({ urls, ca, seed }: BrokerAccess) {
    this.link = new BrokerLink(
      {
        urls,
        ca,
        seed,
        name: 'hub',
        inboxPrefix: HUB_INBOX,
        whose: 'the hub',
        keyAdvice: 'use the hub file that belongs to this server',
      },
      (connection) => this.setUp(connection),
    );
    this.looking = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
  }

  /**
   * Waits until the broker is there.
   * @throws EchosweepError BROKER_REFUSED if it refuses our key
   */
  async whenConnected(signal: AbortSignal): Promise<void> {
    await this.link.whenConnected(signal);
  }

  get serverVersion(): string {
    return this.link.now.info?.version ?? '';
  }

  get isRefused(): boolean {
    return this.link.isRefused;
  }

  async serve(sites: readonly SiteWindow[]): Promise<void> {
    for (const window of sites) this.windows.set(window.site, window);
    const manager = await this.manager();
    for (const window of sites) await serveSite(manager, window);
  }

  async offer(chunk: ChunkName, octets: Uint8Array): Promise<void> {
    try {
      await this.link.sendLarge(octets.length, async (connection, timeMs) => {
        const client = jetstream(connection, { timeout: REQUEST_TIMEOUT_MS + timeMs });
        await client.publish(workSubject(chunk), octets);
      });
    } catch (error) {
      if (isOfferedAlready(error)) return;
      // The streams may be gone although the connection stayed.
      await this.layOut(this.link.now);
      throw error;
    }
  }

  async *results(scan: string, signal: AbortSignal): AsyncGenerator<DeliveredResult> {
    const either = AbortSignal.any([signal, this.closing.signal]);
    let isFirst = true;
    while (!either.aborted) {
      try {
        const connection = await this.link.whenConnected(either);
        if (connection === undefined) return;
        await readScan(await this.managerOf(connection), scan, isFirst);
        isFirst = false;
        yield* resultsOver(connection, this.timeoutMs, scan, either);
      } catch (error) {
        if (error instanceof EchosweepError) throw error;
        // Whatever else it was, the link says why there is no connection, and a missing stream is laid out again by it.
      }
      await pause(READ_AGAIN_MS, either);
    }
  }

  async pause(scan: string, site: string): Promise<void> {
    await this.withdraw(scan, site);
    await this.control([site], { act: 'pause', scan });
  }

  async cancel(scan: string, sites: readonly string[]): Promise<void> {
    await this.withdraw(scan);
    await this.control(sites, { act: 'cancel', scan });
    await this.dropResults(scan);
  }

  async forget(scan: string): Promise<void> {
    try {
      await this.withdraw(scan);
      await endScan(await this.manager(), scan);
      await this.dropResults(scan);
    } catch {
      // What is left ends by its age.
    }
  }

  onStatus(listener: (status: DeliveredStatus) => void): () => void {
    this.statusListeners.add(listener);
    return () => void this.statusListeners.delete(listener);
  }

  onForgotten(listener: () => void): () => void {
    this.forgottenListeners.add(listener);
    return () => void this.forgottenListeners.delete(listener);
  }

  onConnection(listener: (state: ConnectionState) => void): () => void {
    return this.link.onConnection(listener);
  }

  close(): Promise<void> {
    this.closing.abort();
    clearInterval(this.looking);
    return this.link.close();
  }

  private async setUp(connection: NatsConnection): Promise<void> {
    await this.layOut(connection);
    connection.subscribe(STATUS_SUBJECTS, {
      callback: (error, message) => {
        const name = error === null ? readStatusSubject(message.subject) : undefined;
        if (name === undefined) return;
        for (const listener of this.statusListeners) listener({ ...name, octets: message.data });
      },
    });
  }

  private async look(): Promise<void> {
    try {
      await keepRoom(await this.manager());
    } catch {
      // The next look may find a connection, and the streams.
    }
  }

  private async layOut(connection: NatsConnection): Promise<void> {
    const manager = await this.managerOf(connection);
    const madeAt = await layOutStreams(manager);
    for (const window of this.windows.values()) await serveSite(manager, window);
    // Not only if it made them itself: another hub may have been the first to come back.
    const hasForgotten = this.streamsMadeAt !== undefined && this.streamsMadeAt !== madeAt;
    this.streamsMadeAt = madeAt;
    if (!hasForgotten) return;
    // After the connection has been made known: the listeners use it.
    setImmediate(() => {
      for (const listener of this.forgottenListeners) listener();
    });
  }

  /** @param site undefined for all of them */
  private async withdraw(scan: string, site?: string): Promise<void> {
    const manager = await this.manager();
    await manager.streams.purge(WORK_STREAM, { filter: workOfScan(scan, site) });
  }

  private async control(sites: readonly string[], control: Control): Promise<void> {
    const octets = encodeControl(control);
    for (const site of sites) this.link.now.publish(controlSubject(site), octets);
    await this.link.now.flush();
  }

  private async dropResults(scan: string): Promise<void> {
    const manager = await this.manager();
    await manager.streams.purge(RESULT_STREAM, { filter: resultsOfScan(scan) });
  }

  private manager(): Promise<JetStreamManager> {
    return this.managerOf(this.link.now);
  }

  /** Without a request to the server to see whether it has JetStream: the next one shows it. */
  private managerOf(connection: NatsConnection): Promise<JetStreamManager> {
    return jetstreamManager(connection, { timeout: this.timeoutMs, checkAPI: false });
  }

  /** Of a request that is made now. */
  private get timeoutMs(): number {
    return REQUEST_TIMEOUT_MS + this.link.busyMs;
  }
}

/** The results of a scan over one connection, until it ends or the signal is aborted. */
async function* resultsOver(
  connection: NatsConnection,
  timeout: number,
  scan: string,
  signal: AbortSignal,
): AsyncGenerator<DeliveredResult> {
  const client = jetstream(connection, { timeout });
  const consumer = await client.consumers.get(RESULT_STREAM, scanConsumer(scan));
  const messages = await consumer.consume({
    max_messages: RESULTS_AT_ONCE,
    idle_heartbeat: HEARTBEAT_MS,
    abort_on_missing_resource: true,
  });
  const stop = (): void => messages.stop();
  signal.addEventListener('abort', stop);
  // It may have been while the request was under way.
  if (signal.aborted) stop();
  try {
    for await (const message of messages) {
      if (signal.aborted) return;
      const delivered = deliveredResult(message);
      if (delivered === undefined) message.term();
      else yield delivered;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    messages.stop();
  }
}

function deliveredResult(message: JsMsg): DeliveredResult | undefined {
  const name = readResultSubject(message.subject);
  if (name === undefined || !isOfAgent(message)) return undefined;
  // After the connection has closed, the result is delivered again over the next.
  const tryTo = (act: () => void) => (): void => {
    try {
      act();
    } catch {
      // It is a duplicate then.
    }
  };
  return {
    ...name,
    octets: message.data,
    accept: tryTo(() => message.ack()),
    // Without the reason, because servers before 2.10.4 ignore it then.
    refuse: tryTo(() => message.term()),
  };
}

/**
 * Whether an agent sent it. The server's own answers go where the sender of a request wants them, and this may be the
 * subject of another agent; only an agent names its execution.
 */
function isOfAgent({ headers }: JsMsg): boolean {
  return headers?.has('Nats-Msg-Id') === true;
}
