/** A web server on loopback over an inventory in memory, and clients of it. */

import { request } from 'node:http';
import { connect } from 'node:net';
import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import { IN_MEMORY } from '../../../src/inventory/database.ts';
import { openStore } from '../../../src/inventory/store.ts';
import type { Inventory } from '../../../src/service/inventory.ts';
import { InventoryQuestions } from '../../../src/service/inventory-questions.ts';
import { serveWeb, type WebServer } from '../../../src/web/web-server.ts';

const CONFIG = `
networks:
  office: { targets: 192.0.2.0/28, site: Berlin }
  lab: { targets: 198.51.100.0/28 }
`;

/** An answer, read whole. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly json: unknown;
}

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export class Served {
  readonly server: WebServer;
  readonly port: number;
  /** What no client should read. */
  readonly faults: unknown[];
  private readonly closeStore: () => void;

  private constructor(server: WebServer, faults: unknown[], closeStore: () => void) {
    this.server = server;
    this.port = Number(new URL(server.url).port);
    this.faults = faults;
    this.closeStore = closeStore;
  }

  /** @param parts of the inventory that are other than in an idle one @param port 0 for any */
  static async start(parts: Partial<Inventory> = {}, port = 0): Promise<Served> {
    const store = await openStore(IN_MEMORY);
    const config = parseConfig(CONFIG, 'echosweep.yaml');
    const file = { path: 'echosweep.yaml', config, resolve: (path: string) => path };
    const inventory: Inventory = {
      questions: new InventoryQuestions(store, file),
      networks: config.networks,
      problem: undefined,
      scans: undefined,
      subscribe: () => () => {},
    };
    const faults: unknown[] = [];
    const server = await serveWeb({
      inventory: Object.defineProperties(inventory, Object.getOwnPropertyDescriptors(parts)),
      address: { host: '127.0.0.1', port },
      onFault: (error) => faults.push(error),
    });
    return new Served(server, faults, () => store.close());
  }

  async close(): Promise<void> {
    await this.server.close();
    this.closeStore();
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
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
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
  return new URL(server.oneTimeLink()).hash.slice('#link='.length);
}

/** The cookie that an answer sets, as a client sends it back. */
export function cookieOf(headers: Answer['headers']): string {
  return String(headers['set-cookie']).split(';')[0]!;
}
