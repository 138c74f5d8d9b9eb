/** Delivers messages to the services that people read: all that is due in one message, in the shape of the service. */

import { EchosweepError } from '../../../errors.ts';
import type { Courier } from '../delivery.ts';
import { type Message, type Notice, noticeOf } from '../notice.ts';
import { type Manners, post } from '../post.ts';
import type { ChatReceiver } from '../receivers.ts';
import type { SecretSources } from '../secret.ts';
import { discordBody } from './discord.ts';
import { ntfyAddress, ntfyBody } from './ntfy.ts';
import { slackBody } from './slack.ts';
import { teamsBody } from './teams.ts';
import { isAboutTheMessage, telegramBody } from './telegram.ts';

/** Most scans in one message. */
const MOST_SCANS = 200;

/** How a service takes a notice. */
interface Way {
  readonly url: URL;
  readonly bodyOf: (notice: Notice) => object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly manners?: Manners;
}

/**
 * @param url of the receiver
 * @param token undefined if the service needs none
 * @throws EchosweepError CONFIG_INVALID if the token or the address cannot be one; no message holds any part of it
 */
export function chatCourier(
  receiver: Pick<ChatReceiver, 'name' | 'type' | 'chat' | 'timeoutMs'>,
  url: string,
  token: string | undefined,
  userAgent: string,
  env: SecretSources['env'],
): Courier {
  const { name, timeoutMs } = receiver;
  const { url: to, bodyOf, headers, manners } = wayTo(receiver, new URL(url), token);
  return {
    channel: name,
    batch: MOST_SCANS,
    timeoutMs,
    deliver(messages, signal) {
      const notice = noticeOf(messages.map(({ body }) => JSON.parse(body) as Message));
      return post(
        to,
        env,
        {
          body: JSON.stringify(bodyOf(notice)),
          headers: { 'content-type': 'application/json', 'user-agent': userAgent, ...headers },
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        },
        manners,
      );
    },
  };
}

function wayTo(
  { type, chat }: Pick<ChatReceiver, 'type' | 'chat'>,
  url: URL,
  token: string | undefined,
): Way {
  switch (type) {
    case 'slack':
      return { url, bodyOf: slackBody };
    case 'teams':
      return { url, bodyOf: teamsBody };
    case 'discord':
      return { url, bodyOf: discordBody };
    case 'ntfy': {
      const { server, topic } = ntfyAddress(url);
      if (topic === '') {
        throw invalid('its URL names no topic', 'write one such as https://ntfy.sh/my-topic');
      }
      if (token !== undefined && !/^[!-~]+$/.test(token)) throw invalidToken();
      return {
        url: server,
        bodyOf: (notice) => ntfyBody(notice, topic),
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      };
    }
    case 'telegram': {
      if (token === undefined || !/^\d+:[\w-]+$/.test(token)) throw invalidToken();
      const method = new URL(url);
      method.pathname = `${url.pathname.replace(/\/$/, '')}/bot${token}/sendMessage`;
      return {
        url: method,
        bodyOf: (notice) => telegramBody(notice, chat ?? ''),
        manners: { isFinal: isAboutTheMessage },
      };
    }
  }
}

function invalidToken(): EchosweepError {
  return invalid('what is given as its token is not one', 'copy the whole token');
}

function invalid(problem: string, advice: string): EchosweepError {
  return new EchosweepError('CONFIG_INVALID', problem, advice);
}
