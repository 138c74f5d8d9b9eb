/** An agent's side of the broker, on NATS JetStream. */

import { jetstream } from '@nats-io/jetstream';
import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { NS_A_MS } from '../../durations.ts';
import type { AgentBroker, ConnectionState, OfferedChunk } from '../broker.ts';
import type { AgentName, ChunkName } from '../contract/names.ts';
import type { BrokerAccess } from '../join-file.ts';
import { BrokerLink } from './broker-link.ts';
import { ChunkPull } from './chunk-pull.ts';
import { agentInbox, controlSubject, resultSubject, statusSubject } from './subjects.ts';

const SEND_TIMEOUT_MS = 10_000;
const ACK_TIMEOUT_MS = 5_000;

/** Acknowledgements of JetStream, as its wire protocol has them. */
const ACK = { done: '+ACK', renew: '+WPI', giveBack: '-NAK', drop: '+TERM' } as const;

export class NatsAgent implements AgentBroker {
  private readonly agent: AgentName;
  private readonly link: BrokerLink;
  private readonly controlListeners: ((octets: Uint8Array) => void)[] = [];
  private readonly gone = new WeakMap<NatsConnection, AbortSignal>();

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
      const offered = await new ChunkPull(
        connection,
        this.goneSignal(connection),
        this.agent,
        (message) => this.offered(message, connection),
      ).wait(signal);
      if (offered !== undefined) return offered;
    }
  }

  async send(chunk: ChunkName, octets: Uint8Array, execution: string): Promise<void> {
    await this.link.sendLarge(octets.length, async (connection, timeMs) => {
      const client = jetstream(connection, { timeout: SEND_TIMEOUT_MS + timeMs });
      // The server drops a second copy of the same execution. Attempts begin at 1 again after a chunk was offered again,
      // so they cannot take its place.
      await client.publish(resultSubject(this.agent, chunk), octets, { msgID: execution });
    });
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

  /** Aborted once the connection has closed. One listener for all pulls: a promise keeps every one until then. */
  private goneSignal(connection: NatsConnection): AbortSignal {
    const known = this.gone.get(connection);
    if (known !== undefined) return known;
    const gone = new AbortController();
    void connection.closed().then(() => gone.abort());
    this.gone.set(connection, gone.signal);
    return gone.signal;
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
            : `${ACK.giveBack} ${JSON.stringify({ delay: delayMs * NS_A_MS })}`,
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

/** How often the message was handed out, by the subject of its acknowledgement, which has one of two forms. */
function deliveriesOf(reply: string): number {
  const tokens = reply.split('.');
  return Number(tokens[tokens.length === 9 ? 4 : 6]);
}
