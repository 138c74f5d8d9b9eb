/** A web server on loopback over an inventory in memory, and clients of it. */

import { request } from 'node:http';
import { connect } from 'node:net';
import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import { IN_MEMORY } from '../../../src/inventory/database.ts';
import { openStore, type Store } from '../../../src/inventory/store.ts';
import type { Inventory } from '../../../src/service/inventory.ts';
import { InventoryQuestions } from '../../../src/service/inventory-questions.ts';
import type { ServiceEvent, ServiceListener } from '../../../src/service/service-events.ts';
import { serveWeb, type WebServer } from '../../../src/web/web-server.ts';

const NETWORKS = `
sites: { paris: {} }
networks:
  office: { targets: 192.0.2.0/28, site: Berlin }
  lab: { targets: 198.51.100.0/28, site: paris }
`;

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: unknown;
}

export interface Start {
  readonly web?: string;
  readonly parts?: Partial<Inventory>;
  readonly port?: number;
  readonly host?: string;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export class Served {
  readonly store: Store;
  /** What no client should read. */
  readonly faults: unknown[] = [];
  readonly refusals: string[] = [];
  private readonly listeners: Set<ServiceListener>;
  server!: WebServer;

  private constructor(store: Store, listeners: Set<ServiceListener>) {
    this.store = store;
    this.listeners = listeners;
  }

  /** @param web the section of the configuration @param parts of the inventory that are other than in an idle one */
  static async start({
    web = '',
    parts = {},
    port = 0,
    host = '127.0.0.1',
  }: Start = {}): Promise<Served> {
    const store = await openStore(IN_MEMORY);
    const config = parseConfig(`${NETWORKS}${web}`, 'echosweep.yaml');
    const file = { path: 'echosweep.yaml', config, resolve: (path: string) => path };
    const listeners = new Set<ServiceListener>();
    const inventory: Inventory = {
      questions: new InventoryQuestions(store, file),
      file,
      store,
      networks: config.networks,
      problem: undefined,
      scans: undefined,
      subscribe: (listener) => {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    };
    const served = new Served(store, listeners);
    try {
      served.server = await serveWeb({
        inventory: Object.defineProperties(inventory, Object.getOwnPropertyDescriptors(parts)),
        address: { host, port },
        env: { OIDC_SECRET: 'hush' },
        onFault: (error) => served.faults.push(error),
        onRefusal: (line) => served.refusals.push(line),
      });
      return served;
    } catch (error) {
      store.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    await this.server.close();
    this.store.close();
  }

  get port(): number {
    return Number(new URL(this.server.url).port);
  }

  emit(event: ServiceEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  /** Sends a request with exactly these headers, which `fetch` would not. */
  ask(path: string, { method = 'GET', headers = {}, body }: Asked = {}): Promise<Answer> {
    const sent = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: this.port,
        path,
        method,
        headers: {
          host: this.host,
          ...(method === 'GET' ? {} : { origin: `http://${this.host}` }),
          ...(sent === undefined
            ? {}
            : {
                'content-type': 'application/json',
                'content-length': String(Buffer.byteLength(sent)),
              }),
          ...headers,
        },
      };
      const asked = request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => {
          text += part;
        });
        response.on('error', reject).on('end', () => {
          const isJson = /json/.test(response.headers['content-type'] ?? '');
          const json: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
          resolve({ status: response.statusCode!, headers: response.headers, text, json });
        });
      });
      asked.on('error', reject);
      asked.end(sent);
    });
  }

  /** @returns the cookie of a new session of this machine's user */
  async signIn(): Promise<string> {
    const link = linkOf(this.server);
    const { headers } = await this.ask('/api/v1/session', { method: 'POST', body: { link } });
    return cookieOf(headers);
  }

  get host(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** What comes back for raw words, until the server closes the connection. */
  sendRaw(words: string): Promise<string> {
    return new Promise((resolve, reject) => {
      let got = '';
      const socket = connect(this.port, '127.0.0.1', () => void socket.write(words));
      socket.setEncoding('utf8').on('data', (text: string) => {
        got += text;
      });
      socket.on('close', () => resolve(got));
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'ECONNRESET' || error.code === 'EPIPE' ? resolve(got) : reject(error),
      );
    });
  }
}

/** The secret of a new link. */
export function linkOf(server: WebServer): string {
  return new URL(server.oneTimeLink()!).hash.slice('#link='.length);
}

/** The cookie that an answer sets, as a client sends it back. */
export function cookieOf(headers: Answer['headers']): string {
  return String(headers['set-cookie']).split(';')[0]!;
}
