/** The web server: the interface behind a socket, with limits for clients that are slow, large or many. */

import { createServer, type Server } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { EchosweepError } from '../errors.ts';
import type { Inventory } from '../service/inventory.ts';
import { isLoopback, type ListenAddress } from './listen-address.ts';
import { urlHostOf } from './request-place.ts';
import { OneTimeLinks } from './sign-in/one-time-links.ts';
import { Sessions } from './sign-in/sessions.ts';
import { webApp } from './web-app.ts';

/** Time limits of a request, so that slow clients do not add up. */
const HEADERS_MS = 5_000;
const REQUEST_MS = 10_000;
const IDLE_MS = 10_000;
const MOST_HEADER_OCTETS = 8 * 1024;
const MOST_CONNECTIONS = 512;

/** What a web server is made of. */
export interface WebServerParts {
  readonly inventory: Inventory;
  readonly address: ListenAddress;
  /** Called for what no client should read. */
  readonly onFault: (error: unknown) => void;
}

/** A web server that listens. */
export interface WebServer {
  /** Such as `http://127.0.0.1:8469/`. */
  readonly url: string;
  /** A link that signs in once. */
  oneTimeLink(): string;
  /** Ends at once: no client loses anything. */
  close(): Promise<void>;
}

/** @throws EchosweepError OPTION_INVALID or SOCKET_FAILED if the address cannot be listened on */
export async function serveWeb({
  inventory,
  address,
  onFault,
}: WebServerParts): Promise<WebServer> {
  if (!isLoopback(address)) {
    throw new EchosweepError(
      'OPTION_INVALID',
      `${address.host} can be reached from other machines`,
      'listen on 127.0.0.1',
    );
  }
  const gate = { sessions: new Sessions(), links: new OneTimeLinks() };
  const server = createServer({
    maxHeaderSize: MOST_HEADER_OCTETS,
    headersTimeout: HEADERS_MS,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: IDLE_MS,
    connectionsCheckingInterval: 1_000,
  });
  server.maxConnections = MOST_CONNECTIONS;
  await listen(server, address);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  const hostNames = [urlHostOf(address.host)];
  const app = webApp({ inventory, gate, hostNames, port, onFault });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  server.on('request', (incoming, outgoing) => void listener(incoming, outgoing));
  // A connection that fails later is its client's problem.
  server.on('error', () => {});
  const url = `http://${urlHostOf(address.host)}:${port}/`;
  return {
    url,
    oneTimeLink: () => `${url}#link=${gate.links.issue()}`,
    close: () => close(server),
  };
}

function listen(server: Server, { host, port }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        new EchosweepError(
          'SOCKET_FAILED',
          `cannot listen on port ${port} of ${host} (${error.code})`,
          'choose another with --listen',
          { cause: error },
        ),
      );
    });
    server.listen(port, host, resolve);
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
