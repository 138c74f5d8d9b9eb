/** One request of an agent for one chunk, over one connection. */

import { randomUUID } from 'node:crypto';
import {
  type Msg,
  type NatsConnection,
  PermissionViolationError,
  type Subscription,
} from '@nats-io/transport-node';
import { NS_A_MS } from '../../durations.ts';
import { EchosweepError } from '../../errors.ts';
import type { OfferedChunk } from '../broker.ts';
import type { AgentName } from '../contract/names.ts';
import { agentInbox, pullSubject } from './subjects.ts';

/**
 * How long the server keeps a request for a chunk. Before the first scan of a site there is no queue of it, some servers
 * then answer nothing at all, and this is how long the agent does not notice that there is one.
 */
const PULL_FOR_MS = 3_000;
/** How long after that the server is thought to have lost it, or the chunk to be long on a slow line. */
const PULL_GRACE_MS = 1_000;
/** Before the next request if the server has no chunks of this site at all. */
const NO_CONSUMER_PAUSE_MS = 1_000;

export class ChunkPull {
  private readonly connection: Pick<NatsConnection, 'publish' | 'subscribe'>;
  private readonly gone: AbortSignal;
  private readonly agent: AgentName;
  private readonly offered: (message: Msg) => OfferedChunk;
  private timer: NodeJS.Timeout | undefined;

  /** @param gone aborted once the connection has closed @param offered makes an offer of the message with a chunk */
  constructor(
    connection: Pick<NatsConnection, 'publish' | 'subscribe'>,
    gone: AbortSignal,
    agent: AgentName,
    offered: (message: Msg) => OfferedChunk,
  ) {
    this.connection = connection;
    this.gone = gone;
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
          JSON.stringify({ batch: 1, expires: PULL_FOR_MS * NS_A_MS }),
          { reply: inbox },
        );
        // Draining takes what is still on its way here too: a large chunk on a slow line takes longer than the request is kept.
        this.endIn(PULL_FOR_MS + PULL_GRACE_MS, () => void subscription!.drain().then(end, end));
        signal.addEventListener('abort', end);
        this.gone.addEventListener('abort', end);
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
      this.gone.removeEventListener('abort', end);
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
