/** An agent's side of the broker, on NATS JetStream. */

import { randomUUID } from 'node:crypto';
import { jetstream } from '@nats-io/jetstream';
import {
  type Msg,
  type NatsConnection,
  PermissionViolationError,
  type Subscription,
} from '@nats-io/transport-node';
import { EchosweepError } from '../../errors.ts';
import type { AgentBroker, ConnectionState, OfferedChunk } from '../broker.ts';
import type { AgentName, ChunkName } from '../contract/names.ts';
import type { BrokerAccess } from '../join-file.ts';
import { BrokerLink } from './broker-link.ts';
import {
  agentInbox,
  controlSubject,
  pullSubject,
  resultSubject,
  statusSubject,
} from './subjects.ts';

/**
 * How long the server keeps a request for a chunk. Before the first scan of a site there is no queue of it, some servers
 * then answer nothing at all, and this is how long the agent does not notice that there is one.
 */
const PULL_FOR_MS = 3_000;
/** How long after that the server is thought to have lost it. */
const PULL_GRACE_MS = 1_000;
/** Before the next request if the server has no chunks of this site at all. */
const NO_CONSUMER_PAUSE_MS = 1_000;
const SEND_TIMEOUT_MS = 10_000;
const ACK_TIMEOUT_MS = 5_000;
const NANOSECONDS = 1_000_000;

/** Acknowledgements of JetStream, as its wire protocol has them. */
const ACK = { done: '+ACK', renew: '+WPI', giveBack: '-NAK', drop: '+TERM' } as const;

export class NatsAgent implements AgentBroker {
  private readonly agent: AgentName;
  private readonly link: BrokerLink;
  private readonly controlListeners: ((octets: Uint8Array) => void)[] = [];

  constructor(agent: AgentName, { urls, ca, seed }: BrokerAccess) {
    this.agent = agent;
    const whose = `${agent.site}/${agent.agent}`;
    this.link = new BrokerLink(
      {
        urls,
        ca,
        seed,
        name: whose,
        inboxPrefix: agentInbox(agent),
        whose,
        keyAdvice: `it was removed, or the join file is of another hub; make a new one with echosweep hub add ${whose}`,
      },
      async (connection) => this.listen(connection),
    );
  }

  async take(signal: AbortSignal): Promise<OfferedChunk | undefined> {
    for (;;) {
      const connection = await this.link.whenConnected(signal);
      if (connection === undefined) return undefined;
      const offered = await new Pull(connection, this.agent, (message) =>
        this.offered(message, connection),
      ).wait(signal);
      if (offered !== undefined) return offered;
    }
  }

  async send(chunk: ChunkName, octets: Uint8Array, execution: string): Promise<void> {
    const client = jetstream(this.link.now, { timeout: SEND_TIMEOUT_MS });
    // The server drops a second copy of the same execution. Attempts begin at 1 again after a chunk was offered again, so
    // they cannot take its place.
    await client.publish(resultSubject(this.agent, chunk), octets, { msgID: execution });
  }

  sendStatus(octets: Uint8Array): void {
    this.tryTo(() => this.link.now.publish(statusSubject(this.agent), octets));
  }

  onControl(listener: (octets: Uint8Array) => void): void {
    this.controlListeners.push(listener);
  }

  onConnection(listener: (state: ConnectionState) => void): void {
    this.link.onConnection(listener);
  }

  close(): Promise<void> {
    return this.link.close();
  }

  private listen(connection: NatsConnection): void {
    connection.subscribe(controlSubject(this.agent.site), {
      callback: (error, message) => {
        if (error !== null) return;
        for (const listener of this.controlListeners) listener(message.data);
      },
    });
  }

  private offered(message: Msg, connection: NatsConnection): OfferedChunk {
    const reply = message.reply!;
    // A server that was started again counts from 1 again: an acknowledgement of before could be taken for one of another chunk.
    const isSameServer = (): boolean =>
      this.link.now.info?.server_id === connection.info?.server_id;
    const acknowledge = (word: string): void => {
      this.tryTo(() => {
        if (isSameServer()) this.link.now.publish(reply, word);
      });
    };
    return {
      octets: message.data,
      attempt: deliveriesOf(reply),
      renew: () => acknowledge(ACK.renew),
      done: async () => {
        if (!isSameServer()) return;
        await this.link.now.request(reply, ACK.done, { timeout: ACK_TIMEOUT_MS });
      },
      giveBack: (delayMs) =>
        acknowledge(
          delayMs === 0
            ? ACK.giveBack
            : `${ACK.giveBack} ${JSON.stringify({ delay: delayMs * NANOSECONDS })}`,
        ),
      // Servers before 2.10.4 ignore it if a reason follows.
      drop: () => acknowledge(ACK.drop),
    };
  }

  /** What cannot be said now is not worth an error: the lease ends by itself. */
  private tryTo(act: () => void): void {
    try {
      act();
    } catch {
      // There is no connection.
    }
  }
}

/** One request for one chunk. */
class Pull {
  private readonly connection: NatsConnection;
  private readonly agent: AgentName;
  private readonly offered: (message: Msg) => OfferedChunk;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    connection: NatsConnection,
    agent: AgentName,
    offered: (message: Msg) => OfferedChunk,
  ) {
    this.connection = connection;
    this.agent = agent;
    this.offered = offered;
  }

  /**
   * @returns undefined if there is none: the next request may be made
   * @throws EchosweepError BROKER_REFUSED if the key is that of another agent
   */
  async wait(signal: AbortSignal): Promise<OfferedChunk | undefined> {
    const inbox = `${agentInbox(this.agent)}.pull.${randomUUID()}`;
    let subscription: Subscription | undefined;
    let end = (): void => {};
    try {
      const chunk = await new Promise<OfferedChunk | undefined>((resolve, reject) => {
        end = () => resolve(undefined);
        subscription = this.connection.subscribe(inbox, {
          callback: (error, message) => {
            if (error !== null) reject(error);
            else if (isChunk(message)) this.handOver(this.offered(message), signal, resolve);
            else this.endIn(isNothingNow(message) ? 0 : NO_CONSUMER_PAUSE_MS, end);
          },
        });
        this.connection.publish(
          pullSubject(this.agent.site),
          JSON.stringify({ batch: 1, expires: PULL_FOR_MS * NANOSECONDS }),
          { reply: inbox },
        );
        this.endIn(PULL_FOR_MS + PULL_GRACE_MS, end);
        signal.addEventListener('abort', end);
        void this.connection.closed().then(end);
      });
      // Draining takes what is still on its way, so that a chunk for an agent that ends is given back.
      if (signal.aborted) await subscription?.drain();
      return chunk;
    } catch (error) {
      if (error instanceof PermissionViolationError) throw this.keyOfAnother();
      return undefined;
    } finally {
      clearTimeout(this.timer);
      signal.removeEventListener('abort', end);
      if (subscription?.isClosed() === false) subscription.unsubscribe();
    }
  }

  /** What each agent's own key may do is not allowed with this one. */
  private keyOfAnother(): EchosweepError {
    const whose = `${this.agent.site}/${this.agent.agent}`;
    return new EchosweepError(
      'BROKER_REFUSED',
      `the hub takes the key for that of another agent than ${whose}`,
      `make a new join file with echosweep hub add ${whose}`,
    );
  }

  private handOver(
    chunk: OfferedChunk,
    signal: AbortSignal,
    take: (chunk: OfferedChunk) => void,
  ): void {
    if (signal.aborted) chunk.giveBack(0);
    else take(chunk);
  }

  private endIn(ms: number, end: () => void): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(end, ms);
  }
}

/** A chunk can be acknowledged; everything else is a status of the server. */
function isChunk(message: Msg): boolean {
  return message.reply?.startsWith('$JS.ACK.') === true;
}

/** That the request is over (408) or found nothing (404), not that there is nowhere to look. */
function isNothingNow(message: Msg): boolean {
  const code = message.headers?.code;
  return code === 408 || code === 404;
}

/** How often the message was handed out, by the subject of its acknowledgement, which has one of two forms. */
function deliveriesOf(reply: string): number {
  const tokens = reply.split('.');
  return Number(tokens[tokens.length === 9 ? 4 : 6]);
}
