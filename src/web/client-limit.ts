/** Keeps one client of the web server from taking all connections, and one connection from taking all memory. */

import type { EventEmitter } from 'node:events';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { Socket } from 'node:net';
import type { WebProxy } from '../inventory/config/web-config.ts';
import { clientKey } from './sign-in/attempt-limit.ts';
import { isTrusted, plainAddress } from './sign-in/trusted-proxy.ts';

/** Of one client; this machine and proxies are many clients. */
const MOST_OF_A_CLIENT = 64;
/** Of one connection: browsers and proxies wait for an answer before the next request. RFC 9112 section 9.3.2. */
const MOST_UNANSWERED = 16;

/** @param proxyNow the proxy of the configuration, which a reload may change */
export function limitClients(server: EventEmitter, proxyNow: () => WebProxy | undefined): void {
  const counts = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    const address = plainAddress(socket.remoteAddress);
    if (/^127\.|^::1$/.test(address) || isTrusted(address, proxyNow())) return;
    const client = clientKey(address);
    const count = (counts.get(client) ?? 0) + 1;
    if (count > MOST_OF_A_CLIENT) {
      socket.destroy();
      return;
    }
    counts.set(client, count);
    socket.once('close', () => {
      const left = counts.get(client)! - 1;
      if (left === 0) counts.delete(client);
      else counts.set(client, left);
    });
  });
}

/** @returns a listener that closes connections with too many unanswered requests */
export function withoutPipelines(listener: RequestListener): RequestListener {
  const unanswered = new WeakMap<IncomingMessage['socket'], number>();
  return (incoming, outgoing) => {
    const { socket } = incoming;
    // What has arrived together is read to its end.
    if (socket.destroyed) return;
    const count = (unanswered.get(socket) ?? 0) + 1;
    if (count > MOST_UNANSWERED) {
      socket.destroy();
      return;
    }
    unanswered.set(socket, count);
    outgoing.once('close', () => unanswered.set(socket, unanswered.get(socket)! - 1));
    listener(incoming, outgoing);
  };
}
