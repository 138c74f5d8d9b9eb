/** A small scripted server for tests of the web page: it answers the API of a made-up inventory, and emits events on command. */

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeepStrictEqual } from 'node:util';
import { ROUTES } from '../../src/web/api/routes.ts';
import { DOCUMENT, readPageFiles } from '../../src/web/page-files.ts';
import { POLICY } from '../../src/web/web-app.ts';
import { WebSample } from './web-sample.ts';
import type { SampleNetwork } from './web-sample-networks.ts';

/** What the server is to know. */
export interface Script {
  readonly role?: 'view' | 'edit';
  readonly ways?: readonly string[];
  /** Of the first hosts of `office`. */
  readonly names?: readonly string[];
  /** Without any network. */
  readonly isEmpty?: boolean;
  /** For pictures that are the same each time. */
  readonly now?: number;
}

/** A request that changed something. */
export interface Written {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

type Answer = (query: URLSearchParams, ...parts: string[]) => unknown;

export class WebApi {
  readonly sample: WebSample;
  readonly writes: Written[] = [];
  /** Paths of the API that were read. */
  readonly reads: string[] = [];
  /** Answers that are not as the schemas of the API have them. */
  readonly faults: string[] = [];
  isSignedIn = true;
  /** Who signs in. */
  user = 'ada';
  private readonly script: Script;
  private readonly server = createServer(
    (request, response) => void this.answer(request, response),
  );
  private readonly streams = new Set<ServerResponse>();
  private readonly files = readPageFiles();
  private readonly read = new Set<number>();

  private constructor(script: Script) {
    this.script = script;
    this.sample = new WebSample(script.names, script.now);
  }

  static async start(script: Script = {}): Promise<WebApi> {
    const api = new WebApi(script);
    await new Promise<void>((resolve) => api.server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** To every open page. */
  emit(event: string, data: object): void {
    for (const stream of this.streams) {
      stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    }
  }

  async close(): Promise<void> {
    for (const stream of this.streams) stream.end();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    if (!pathname.startsWith('/api/v1/')) return this.sendFile(pathname, response);
    const path = pathname.slice('/api/v1/'.length);
    if (path === 'events') return this.stream(response);
    if (request.method === 'GET') this.reads.push(request.url!);
    else await this.note(request, path);
    const answer = this.answerTo(
      request.method!,
      path.split('/').map(decodeURIComponent),
      searchParams,
    );
    const status = answer === undefined ? 404 : this.isSignedIn || path === 'session' ? 200 : 401;
    if (status === 200 && request.method === 'GET') this.check(path, answer);
    const error = { code: 'X', message: 'there is nothing here', advice: 'look elsewhere' };
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? answer : { error }));
  }

  /** What the page is shown here, the real server must answer as well. */
  private check(path: string, answer: unknown): void {
    const route = ROUTES.find((each) => each.method === 'GET' && fits(each.path, `/${path}`));
    const read = route?.schemas.answer.safeParse(answer);
    if (read?.success !== true) {
      this.faults.push(`${path}: ${read?.error.message ?? 'no such route'}`);
    } else if (!isDeepStrictEqual(read.data, JSON.parse(JSON.stringify(answer)))) {
      this.faults.push(`${path}: fields that the API does not have`);
    }
  }

  private async note(request: IncomingMessage, path: string): Promise<void> {
    let text = '';
    for await (const piece of request) text += String(piece);
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    this.writes.push({ method: request.method!, path, body });
    if (path === 'session') this.isSignedIn = request.method === 'POST';
    if (path === 'changes/acknowledge') {
      for (const id of (body as { ids?: number[] }).ids ?? []) this.read.add(id);
    }
  }

  private answerTo(method: string, parts: readonly string[], query: URLSearchParams): unknown {
    const [first = '', second = '', third = '', , fifth = ''] = parts;
    const office = this.sample.named('office')!;
    if (first === 'session') return this.session();
    if (first === 'networks' && this.script.isEmpty === true) return list([]);
    if (first === 'networks' && second === '') return list(this.sample.networks());
    if (first === 'networks') {
      const network = this.sample.named(second);
      if (network === undefined) return undefined;
      return method === 'GET' ? this.ofNetwork(network, third, fifth, query) : {};
    }
    const answers: Readonly<Record<string, Answer>> = {
      hosts: () => list(this.sample.find(second)),
      changes: () => this.changes(query),
      search: () => this.search(query.get('q')!, office),
      tokens: () => (method === 'POST' ? { token: 'es_0123456789abcdef' } : list(TOKENS)),
      audit: () => list(AUDIT),
      sites: () => list(this.sample.sites()),
    };
    return answers[first]?.(query);
  }

  private ofNetwork(network: SampleNetwork, what: string, further: string, query: URLSearchParams) {
    const days = daysSince(query.get('since'), this.sample.now);
    switch (`${what}/${further}`) {
      case '/':
        return { ...this.sample.network(network), subnets: [] };
      case 'map/':
        return this.sample.map(network);
      case 'history/':
        return { days: this.sample.use(network, days) };
      case 'hosts/':
        return this.sample.hosts(network, query);
      case 'hosts/days':
        return list(this.sample.days(days));
      case 'hosts/hours':
        return list(this.sample.hours(days));
      default:
        return undefined;
    }
  }

  private session() {
    const { role = 'edit', ways = ['link'] } = this.script;
    return {
      user: this.isSignedIn ? this.user : null,
      role: this.isSignedIn ? role : null,
      sign_in: this.isSignedIn ? ways[0] : null,
      ways,
      version: '0.1.0',
      can_scan: this.isSignedIn && role === 'edit',
      networks: 4,
      sites: this.isSignedIn ? this.sample.sites().length : null,
    };
  }

  private changes(query: URLSearchParams) {
    const all = this.sample
      .changes()
      .map((change) =>
        this.read.has(change.id)
          ? { ...change, acknowledged_at: new Date().toISOString(), acknowledged_by: 'ada' }
          : change,
      );
    const has = (name: string, value: string): boolean =>
      query.get(name)?.split(',').includes(value) ?? true;
    const matching = all.filter(
      (change) =>
        has('network', change.network) &&
        has('kind', change.change) &&
        has('severity', change.severity) &&
        has('address', change.address) &&
        (query.get('unread') !== 'true' || change.acknowledged_at === null),
    );
    const from = Number(query.get('cursor') ?? 0);
    const to = from + Number(query.get('limit') ?? 100);
    const items = matching.slice(from, to);
    return { items, next: to < matching.length ? String(to) : null, total: matching.length };
  }

  private search(text: string, office: SampleNetwork) {
    const query = new URLSearchParams({ q: text, limit: '20' });
    const { items, total } = this.sample.hosts(office, query);
    return { kind: 'name', items, total };
  }

  private stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    response.write(': open\n\n');
    this.streams.add(response);
    response.on('close', () => this.streams.delete(response));
  }

  private sendFile(path: string, response: ServerResponse): void {
    const file = this.files.get(path === '/' ? DOCUMENT : path.slice(1));
    response.writeHead(file === undefined ? 404 : 200, {
      'content-type': file?.type ?? 'text/plain',
      'content-security-policy': POLICY,
    });
    response.end(file?.content);
  }
}

const TOKENS = [
  {
    id: '1',
    name: 'wallboard',
    role: 'view',
    created_by: 'ada',
    created_at: '2026-03-01T08:00:00.000Z',
    expires_at: null,
    last_used_at: null,
  },
];
const AUDIT = [
  {
    id: 1,
    at: '2026-03-02T09:30:00.000Z',
    user: 'ada',
    sign_in: 'link',
    client: '127.0.0.1',
    action: 'PATCH /networks/office/hosts/10.20.30.41/note',
    subject: '{"owner":"Facilities"}',
  },
];

/** @param pattern such as `/networks/{name}` */
function fits(pattern: string, path: string): boolean {
  return new RegExp(`^${pattern.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
}

function list(items: readonly unknown[]) {
  return { items, next: null, total: items.length };
}

function daysSince(since: string | null, now: number): number {
  return since === null ? 30 : Math.max(1, Math.round((now - Date.parse(since)) / 86_400_000));
}
