/** Which proxy leads to a web server, by the environment variables that curl and others read, and the tunnel through it. */

import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { lookupToConnect } from '../../names/name-lookup.ts';

type Env = Readonly<Record<string, string | undefined>>;

/**
 * The proxy for an address: `HTTPS_PROXY` or `HTTP_PROXY` by its scheme, also in lower case, unless `NO_PROXY` lists its
 * host. A proxy may be written without its scheme. As in curl, `HTTP_PROXY` counts only in lower case if this is a CGI
 * program, in which a client could set it (CVE-2016-5385).
 * @returns undefined for none; 'invalid' for one that cannot be used
 */
export function proxyFor(url: URL, env: Env): URL | 'invalid' | undefined {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const isCgi = name === 'http_proxy' && env['REQUEST_METHOD'] !== undefined;
  const given = env[name] || (isCgi ? '' : env[name.toUpperCase()]) || '';
  if (given === '' || isExempt(url, env['no_proxy'] || env['NO_PROXY'] || '')) return undefined;
  const text = given.includes('://') ? given : `http://${given}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  return proxy !== undefined && /^https?:$/.test(proxy.protocol) ? proxy : 'invalid';
}

/** `*`, or names (with all below them), addresses and networks, separated by commas or blanks, each perhaps with a port. */
function isExempt(url: URL, list: string): boolean {
  const host = hostOf(url).toLowerCase();
  const port = portOf(url);
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, bracketed, plain, only] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(entry) ?? [];
      if (only !== undefined && Number(only) !== port) return false;
      const name = (bracketed ?? plain ?? entry).replace(/^\*?\./, '');
      return host === name || host.endsWith(`.${name}`) || isInside(host, name);
    });
}

function isInside(host: string, network: string): boolean {
  const family = isIP(host);
  if (family === 0) return false;
  const [start, length] = network.split('/');
  if (isIP(start!) !== family) return false;
  const [kind, bits] = family === 4 ? (['ipv4', 32] as const) : (['ipv6', 128] as const);
  const prefix = Number(length ?? bits);
  if (length === '' || !Number.isInteger(prefix) || prefix < 0 || prefix > bits) return false;
  const list = new BlockList();
  list.addSubnet(start!, prefix, kind);
  return list.check(host, kind);
}

/** How a request reaches a web server, perhaps through a proxy: options for `request` of node:http. */
interface PreparedRequest {
  readonly request: typeof requestHttp;
  readonly options: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Prepares a request, through a proxy if there is one. `fetch` would refuse ports that browsers do not use, such as 10080.
 * @throws ProxyRefusal, or what the connection to the proxy fails with
 */
export async function prepareRequest(
  url: URL,
  proxy: URL | undefined,
  signal: AbortSignal,
): Promise<PreparedRequest> {
  if (proxy !== undefined) return throughProxy(url, proxy, signal);
  return {
    request: requestOf(url),
    options: { ...serverOf(url), path: `${url.pathname}${url.search}` },
    headers: { host: url.host },
  };
}

/** A tunnel to an https server (RFC 9110 section 9.3.6), and the whole address as the path for an http server (RFC 9112 section 3.2.2). */
async function throughProxy(url: URL, proxy: URL, signal: AbortSignal): Promise<PreparedRequest> {
  const login = loginOf(proxy);
  if (url.protocol === 'http:') {
    return {
      request: requestOf(proxy),
      options: { ...serverOf(proxy), path: url.href },
      headers: { host: url.host, ...login },
    };
  }
  const tunnel = await tunnelTo(url, proxy, login, signal);
  const socket = await encrypted(tunnel, hostOf(url), signal);
  return {
    request: requestHttp,
    options: { path: `${url.pathname}${url.search}`, createConnection: () => socket },
    headers: { host: url.host },
  };
}

/** The proxy answered, but opened no tunnel. */
export class ProxyRefusal extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`the proxy answered with status ${status}`);
    this.status = status;
  }
}

function tunnelTo(
  url: URL,
  proxy: URL,
  login: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Socket> {
  const host = isIP(hostOf(url)) === 6 ? `[${hostOf(url)}]` : hostOf(url);
  const target = `${host}:${portOf(url)}`;
  return new Promise((resolve, reject) => {
    const request = requestOf(proxy)({
      ...serverOf(proxy),
      method: 'CONNECT',
      path: target,
      headers: { host: target, ...login },
      signal,
    });
    request.on('connect', (response, socket, head) => {
      const status = response.statusCode ?? 0;
      if (status >= 200 && status < 300) {
        if (head.length > 0) socket.unshift(head);
        resolve(socket as Socket);
        return;
      }
      socket.destroy();
      reject(new ProxyRefusal(status));
    });
    request.on('response', (response) => {
      response.destroy();
      reject(new ProxyRefusal(response.statusCode ?? 0));
    });
    request.on('error', (error) => reject(signal.aborted ? signal.reason : error));
    request.end();
  });
}

/** TLS with the server itself, whose certificate is checked as on a direct connection: the proxy sees none of it. */
function encrypted(tunnel: Socket, host: string, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({
      socket: tunnel,
      host,
      // RFC 6066 section 3: an address is not a server name.
      ...(isIP(host) === 0 ? { servername: host } : {}),
      ALPNProtocols: ['http/1.1'],
    });
    const stop = (): void => {
      socket.destroy();
      tunnel.destroy();
      reject(signal.reason);
    };
    const forget = (): void => signal.removeEventListener('abort', stop);
    if (signal.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop);
    socket.once('secureConnect', () => {
      forget();
      resolve(socket);
    });
    socket.once('error', (error) => {
      forget();
      tunnel.destroy();
      reject(error);
    });
  });
}

function requestOf(url: URL): typeof requestHttp {
  return url.protocol === 'https:' ? requestHttps : requestHttp;
}

/** Options of a connection of its own to a web server. */
function serverOf(url: URL) {
  return { host: hostOf(url), port: portOf(url), lookup: lookupToConnect, agent: false } as const;
}

function portOf({ port, protocol }: URL): number {
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** Without the brackets of an IPv6 address. */
function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** RFC 7617. */
function loginOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === '' && password === '') return {};
  const [user, secret] = [username, password].map(decoded);
  return {
    'proxy-authorization': `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
  };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
