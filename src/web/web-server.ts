/** The web server: the interface behind a socket, with limits for clients that are slow, large or many. */

import type { EventEmitter } from 'node:events';
import { createServer, type Server, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import { getRequestListener } from '@hono/node-server';
import { MS_A_MINUTE } from '../durations.ts';
import { EchosweepError } from '../errors.ts';
import type { SecretSources } from '../inventory/notify/secret.ts';
import type { Inventory } from '../service/inventory.ts';
import { EventStreams } from './api/event-streams.ts';
import { limitClients, withoutPipelines } from './client-limit.ts';
import { isLoopback, type ListenAddress } from './listen-address.ts';
import { type OwnPlace, urlHostOf } from './request-place.ts';
import { Gate } from './sign-in/gate.ts';
import { OidcSignIn } from './sign-in/oidc.ts';
import { readCertificate } from './tls-files.ts';
import { webApp } from './web-app.ts';

/** Limits of a request, so that slow clients do not add up. */
const LIMITS: ServerOptions = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  keepAliveTimeout: 30_000,
  connectionsCheckingInterval: 1_000,
};
/** A connection on which nothing moves for so long is closed: an event stream has a heartbeat. */
const IDLE_MS = MS_A_MINUTE;
const MOST_CONNECTIONS = 512;

/** What a web server is made of. */
export interface WebServerParts {
  readonly inventory: Inventory;
  readonly address: ListenAddress;
  /** Where secrets of the configuration may be. */
  readonly env: SecretSources['env'];
  /** Called for what no client should read. */
  readonly onFault: (error: unknown) => void;
  /** Called with a line for each refused sign-in. */
  readonly onRefusal: (line: string) => void;
}

/** A web server that listens. */
export interface WebServer {
  /** Such as `http://127.0.0.1:8469/`. */
  readonly url: string;
  /** Whether only this machine can connect. */
  readonly isLoopback: boolean;
  /** A link that signs in once; undefined if other machines can connect. */
  oneTimeLink(): string | undefined;
  /** Ends at once: no client loses anything. */
  close(): Promise<void>;
}

/**
 * @throws EchosweepError OPTION_INVALID if the address can be reached from elsewhere without a sign-in,
 * CONFIG_INVALID for a certificate that cannot be used, SOCKET_FAILED if the address cannot be listened on
 */
export async function serveWeb(parts: WebServerParts): Promise<WebServer> {
  const { inventory, address, env, onFault, onRefusal } = parts;
  const { web } = inventory.file.config;
  const place: OwnPlace = {
    // Read again after a reload.
    get url() {
      return inventory.file.config.web.url;
    },
    isLoopback: isLoopback(address),
    hasTls: web.tls !== undefined,
  };
  requireSignIn(address, place, inventory);
  const server = await openServer(inventory);
  server.maxConnections = MOST_CONNECTIONS;
  server.timeout = IDLE_MS;
  limitClients(server, () => inventory.file.config.web.proxy);
  await listen(server, address);
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : address.port;
  const { isLoopback: isLocal, hasTls } = place;
  const gate = new Gate({ inventory, isLoopback: isLocal, port, hasTls, onRefusal });
  const streams = new EventStreams(inventory);
  const oidc = new OidcSignIn({ env, resolve: (path) => inventory.file.resolve(path) });
  const app = webApp({ inventory, gate, place, streams, oidc, onFault });
  const listener = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  const events: EventEmitter = server;
  events.on(
    'request',
    withoutPipelines((incoming, outgoing) => void listener(incoming, outgoing)),
  );
  // A connection that fails later is its client's problem.
  events.on('error', () => {});
  const renewal = renewCertificate(server, inventory, onFault);
  const url = `http${hasTls ? 's' : ''}://${urlHostOf(address.host)}:${port}/`;
  return {
    url,
    isLoopback: isLocal,
    oneTimeLink: () => (isLocal ? `${url}#link=${gate.links.issue()}` : undefined),
    close: () => {
      renewal();
      streams.close();
      return close(server);
    },
  };
}

/** From another machine, no person reaches the inventory without a sign-in. */
function requireSignIn({ host }: ListenAddress, place: OwnPlace, { file }: Inventory): void {
  const { users, proxy, oidc } = file.config.web;
  if (place.isLoopback || users.size > 0 || proxy !== undefined || oidc !== undefined) return;
  throw new EchosweepError(
    'OPTION_INVALID',
    `${host} can be reached from other machines, and there is no sign-in`,
    `add web.users, web.proxy or web.oidc to ${file.path}, or listen on 127.0.0.1`,
  );
}

async function openServer({ file }: Inventory): Promise<Server | TlsServer> {
  const { tls } = file.config.web;
  if (tls === undefined) return createServer(LIMITS);
  const certificate = await readCertificate(tls, file.resolve);
  // Requests have their limits only after it.
  const handshakeTimeout = LIMITS.headersTimeout!;
  return createTlsServer({ ...LIMITS, ...certificate, handshakeTimeout, minVersion: 'TLSv1.2' });
}

/** A reload takes a renewed certificate, as one that ACME has fetched. @returns what ends that */
function renewCertificate(
  server: Server | TlsServer,
  inventory: Inventory,
  onFault: (error: unknown) => void,
): () => void {
  return inventory.subscribe((event) => {
    const { tls } = inventory.file.config.web;
    if (event.type !== 'reloaded' || tls === undefined || !('setSecureContext' in server)) return;
    readCertificate(tls, inventory.file.resolve)
      .then((certificate) => server.setSecureContext({ ...certificate, minVersion: 'TLSv1.2' }))
      .catch(onFault);
  });
}

function listen(server: Server | TlsServer, { host, port }: ListenAddress): Promise<void> {
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

function close(server: Server | TlsServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
