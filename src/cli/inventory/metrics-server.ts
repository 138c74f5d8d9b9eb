/** The web server of `inventory run --listen`: metrics and health, nothing else. */

import { createServer, type Server } from 'node:http';
import { isIP } from 'node:net';
import { EchosweepError } from '../../errors.ts';
import { optionInvalid } from '../../option-value.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** What is served; called for each request. */
export interface MetricsSource {
  /** In the text format of Prometheus. */
  metrics(): string;
  /** What is wrong, in a line; undefined if all is well. */
  problem(): string | undefined;
}

/** Time limit of a request, so that slow clients do not add up. */
const REQUEST_MS = 5_000;
const MOST_CONNECTIONS = 64;
const MOST_HEADER_OCTETS = 8 * 1024;

/** @throws EchosweepError OPTION_INVALID */
export function readListenAddress(text: string): ListenAddress {
  const [, v6, v4, digits] = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = v6 ?? v4 ?? '';
  const port = Number(digits);
  if (isIP(host) !== (v6 === undefined ? 4 : 6) || port > 65_535) {
    throw optionInvalid(
      `--listen ${JSON.stringify(text)} is not an address with a port`,
      'write one such as 127.0.0.1:9469 or [::1]:9469',
    );
  }
  return { host, port };
}

/**
 * Serves until `close` of what it returns.
 * @throws EchosweepError SOCKET_FAILED if the address cannot be listened on
 */
export async function serveMetrics(
  { host, port }: ListenAddress,
  source: MetricsSource,
): Promise<Server> {
  const server = createServer(
    {
      maxHeaderSize: MOST_HEADER_OCTETS,
      headersTimeout: REQUEST_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: REQUEST_MS,
      connectionsCheckingInterval: 1_000,
    },
    ({ method, url = '/' }, response) => {
      const { status, text, type } = answer(method, url.split('?')[0]!, source);
      response.writeHead(status, {
        'content-type': type,
        'content-length': Buffer.byteLength(text),
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(status === 405 ? { allow: 'GET, HEAD' } : {}),
      });
      response.end(method === 'HEAD' ? undefined : text);
    },
  );
  server.maxConnections = MOST_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
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
  // A connection that fails later is its client's problem.
  server.on('error', () => {});
  return server;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly type: string;
}

const PLAIN = 'text/plain; charset=utf-8';

function answer(method: string | undefined, path: string, source: MetricsSource): Answer {
  if (method !== 'GET' && method !== 'HEAD') {
    return { status: 405, text: 'only GET and HEAD\n', type: PLAIN };
  }
  if (path !== '/metrics' && path !== '/healthz') {
    return { status: 404, text: 'there are /metrics and /healthz\n', type: PLAIN };
  }
  try {
    if (path === '/metrics') {
      return {
        status: 200,
        text: source.metrics(),
        type: 'text/plain; version=0.0.4; charset=utf-8',
      };
    }
    const problem = source.problem();
    return problem === undefined
      ? { status: 200, text: 'ok\n', type: PLAIN }
      : { status: 503, text: `${problem}\n`, type: PLAIN };
  } catch (error) {
    // Whatever fails here, the scans go on.
    const problem = error instanceof EchosweepError ? error.message : 'the metrics failed';
    return { status: 503, text: `${problem}\n`, type: PLAIN };
  }
}

/** Ends at once: no client loses anything. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
