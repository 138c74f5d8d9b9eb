/** A stand-in for NetBox 4 on 127.0.0.1: the part of its REST API that a synchronisation uses, with its validation. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BlockList, isIPv4 } from 'node:net';

export const TOKEN = '0123456789abcdef0123456789abcdef01234567';

/** An IP address as NetBox keeps it. */
export interface StoredAddress {
  id: number;
  address: string;
  vrf: number | null;
  status: string;
  dns_name: string;
  description: string;
  /** Slugs. */
  tags: string[];
  custom_fields: Record<string, unknown>;
}

/** What happens to a request instead of its answer; `done-then-cut` makes the change and answers nothing. */
export type Fault =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly body?: string }
  | 'hang'
  | 'cut'
  | 'half'
  | 'done-then-cut';

const STATUSES = ['active', 'reserved', 'deprecated', 'dhcp', 'slaac'];
const DNS_NAME = /^([0-9A-Za-z_-]+|\*)(\.[0-9A-Za-z_-]+)*\.?$/;

/** The messages of a refusal, by field. */
type Errors = Record<string, string[]>;
type Fields = Record<string, unknown>;

export class StandInNetBox {
  readonly addresses: StoredAddress[] = [];
  readonly tags: { id: number; name: string; slug: string }[] = [];
  readonly vrfs: { id: number; name: string; enforce_unique: boolean }[] = [];
  readonly customFields: { id: number; name: string; type: string; object_types: string[] }[] = [];
  readonly prefixes: { id: number; prefix: string; tags: string[] }[] = [];
  /** What the token may do: `add ip`, `change ip`, `add tag`. */
  readonly permissions = new Set(['add ip', 'change ip', 'add tag']);
  /** Addresses that an object permission of the token leaves out of changes. */
  readonly protectedIds = new Set<number>();
  maxPageSize = 1000;
  /** Each request as `METHOD path`. */
  readonly requests: string[] = [];
  /** Decides about a request by what is in `requests`. */
  fault: (request: string, count: number) => Fault | undefined = () => undefined;
  connections = 0;
  /** Called before a request is answered. */
  before: (request: string) => void = () => {};
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
  }

  static async start(): Promise<StandInNetBox> {
    const server = createServer();
    const netbox = new StandInNetBox(server);
    server.on('connection', () => netbox.connections++);
    server.on('request', (request, response) => void netbox.answer(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return netbox;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The requests that would change something. */
  get changes(): string[] {
    return this.requests.filter((request) => !request.startsWith('GET'));
  }

  stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  /** Adds an address as a person would. */
  add(values: Partial<StoredAddress> & Pick<StoredAddress, 'address'>): StoredAddress {
    const address = {
      ...{ id: this.addresses.length + 1, vrf: null, status: 'active', dns_name: '' },
      ...{ description: '', tags: [], custom_fields: {} },
      ...values,
    };
    this.addresses.push(address);
    return address;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url!, this.url);
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const called = `${request.method} ${url.pathname}`;
    this.requests.push(called);
    const count = this.requests.filter((each) => each === called).length;
    const fault = this.fault(called, count);
    if (fault === 'hang') return;
    if (fault === 'cut') return void request.socket.destroy();
    if (typeof fault === 'object') {
      response.writeHead(fault.status, fault.headers).end(fault.body ?? '');
      return;
    }
    this.before(called);
    const { status, data } = this.isKnown(request.headers.authorization)
      ? this.dispatch(request.method!, url, body)
      : { status: 403, data: { detail: 'Invalid v1 token' } };
    if (fault === 'done-then-cut') return void request.socket.destroy();
    const text = JSON.stringify(data);
    response.writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(text),
    });
    if (fault === 'half') {
      response.write(text.slice(0, text.length / 2), () => request.socket.destroy());
    } else {
      response.end(text);
    }
  }

  private isKnown(authorization: string | undefined): boolean {
    return authorization === `Token ${TOKEN}` || authorization === 'Bearer nbt_key.secret';
  }

  private dispatch(
    method: string,
    { pathname, searchParams }: URL,
    text: string,
  ): { status: number; data: unknown } {
    const path = pathname.replace(/^\/api\//, '');
    const query = (name: string): string[] => searchParams.getAll(name);
    if (method === 'GET' && path === 'ipam/ip-addresses/') {
      const parents = query('parent').map(blockOf);
      const ids = query('id').map(Number);
      const found = this.addresses.filter(
        ({ id, address }) =>
          (parents.length === 0 || parents.some((parent) => isInside(address, parent))) &&
          (ids.length === 0 || ids.includes(id)),
      );
      return this.page(
        found.map((each) => this.shown(each)),
        searchParams,
      );
    }
    if (method === 'GET' && path === 'ipam/prefixes/') {
      const tag = query('tag')[0]!;
      if (this.tags.every(({ slug }) => slug !== tag)) {
        const message = `Select a valid choice. ${tag} is not one of the available choices.`;
        return { status: 400, data: { tag: [message] } };
      }
      return this.page(
        this.prefixes.filter(({ tags }) => tags.includes(tag)),
        searchParams,
      );
    }
    if (method === 'GET' && path === 'ipam/vrfs/') {
      return this.page(
        this.vrfs.filter(({ name }) => query('name').includes(name)),
        searchParams,
      );
    }
    if (method === 'GET' && path === 'extras/tags/') {
      return this.page(
        this.tags.filter(({ slug }) => query('slug').includes(slug)),
        searchParams,
      );
    }
    if (method === 'GET' && path === 'extras/custom-fields/') {
      const found = this.customFields.filter(
        ({ name, object_types: types }) =>
          query('name').includes(name) && types.includes(query('object_type')[0]!),
      );
      return this.page(
        found.map((field) => ({ ...field, type: { value: field.type, label: field.type } })),
        searchParams,
      );
    }
    if (method === 'POST' && path === 'extras/tags/') {
      if (!this.permissions.has('add tag')) return FORBIDDEN;
      const { name, slug } = JSON.parse(text) as { name: string; slug: string };
      if (this.tags.some((tag) => tag.slug === slug)) {
        return { status: 400, data: { slug: ['tag with this slug already exists.'] } };
      }
      const tag = { id: this.tags.length + 1, name, slug };
      this.tags.push(tag);
      return { status: 201, data: tag };
    }
    if (method === 'POST' && path === 'ipam/ip-addresses/') return this.create(JSON.parse(text));
    if (method === 'PATCH' && path === 'ipam/ip-addresses/') return this.patch(JSON.parse(text));
    return { status: 404, data: { detail: 'Not found.' } };
  }

  /** As a serializer of a list does it: all are validated, and then all or none are created. */
  private create(list: readonly Fields[]): { status: number; data: unknown } {
    if (!this.permissions.has('add ip')) return FORBIDDEN;
    const errors = list.map((fields) => this.problemsOf(fields, undefined));
    if (errors.some((each) => Object.keys(each).length > 0)) return { status: 400, data: errors };
    const created = list.map((fields) => {
      const id = Math.max(0, ...this.addresses.map((address) => address.id)) + 1;
      const address = this.changed(
        {
          ...{ id, address: '', vrf: null, status: 'active', dns_name: '', description: '' },
          ...{ tags: [], custom_fields: this.noCustomFields() },
        },
        fields,
      );
      this.addresses.push(address);
      return this.shown(address);
    });
    return { status: 201, data: created };
  }

  /** In one transaction; addresses that the token may not change are left out of it and of the answer. */
  private patch(list: readonly Fields[]): { status: number; data: unknown } {
    if (!this.permissions.has('change ip')) return FORBIDDEN;
    const found = this.addresses.filter(
      ({ id }) => list.some((fields) => fields['id'] === id) && !this.protectedIds.has(id),
    );
    const next: StoredAddress[] = [];
    for (const address of found) {
      const { id: _, ...fields } = list.find((each) => each['id'] === address.id)!;
      const errors = this.problemsOf(fields, address);
      if (Object.keys(errors).length > 0) return { status: 400, data: errors };
      next.push(this.changed(address, fields));
    }
    for (const each of next) Object.assign(this.addresses.find(({ id }) => id === each.id)!, each);
    return { status: 200, data: next.map((each) => this.shown(each)) };
  }

  private problemsOf(fields: Fields, existing: StoredAddress | undefined): Errors {
    const errors: Errors = {};
    const next = { ...existing, ...fields };
    const address = next['address'];
    if (typeof address !== 'string') errors['address'] = ['This field is required.'];
    else if (!/^[\da-f.:]+\/[1-9]\d*$/i.test(address)) {
      errors['address'] = [`Invalid IP address format: ${address}`];
    }
    const status = String(next['status'] ?? 'active');
    if (!STATUSES.includes(status)) errors['status'] = [`${status} is not a valid choice.`];
    const name = String(next['dns_name'] ?? '');
    if (name !== '' && (!DNS_NAME.test(name) || name.length > 255)) {
      errors['dns_name'] = ['Only alphanumeric characters, asterisks, hyphens, periods, and …'];
    }
    for (const tag of (fields['tags'] as unknown[] | undefined) ?? []) {
      const slug = (tag as { slug?: string }).slug;
      if (this.tags.every((each) => each.slug !== slug)) {
        errors['tags'] = [
          `Related object not found using the provided attributes: {'slug': '${slug}'}`,
        ];
      }
    }
    for (const field of Object.keys((fields['custom_fields'] as Fields | undefined) ?? {})) {
      const known = this.customFields.find((each) => each.name === field);
      const value = String((fields['custom_fields'] as Fields)[field]);
      if (known === undefined) {
        errors['custom_fields'] = [`Custom field '${field}' does not exist for this object type.`];
      } else if (known.type === 'date' && !/^\d{4}-\d\d-\d\d$/.test(value)) {
        errors['__all__'] = [`Invalid value for custom field '${field}'`];
      } else if (known.type === 'datetime' && !/^[-\dT:]{19}\+00:00$/.test(value)) {
        errors['__all__'] = [`Invalid value for custom field '${field}'`];
      }
    }
    const vrf = (next['vrf'] as number | null | undefined) ?? null;
    const isUnique = vrf === null || this.vrfs.find(({ id }) => id === vrf)!.enforce_unique;
    const same = this.addresses.find(
      (each) =>
        each.id !== existing?.id &&
        each.vrf === vrf &&
        hostOf(each.address) === hostOf(String(address)),
    );
    if (isUnique && same !== undefined) {
      const where = vrf === null ? 'global table' : 'VRF';
      errors['address'] = [`Duplicate IP address found in ${where}: ${same.address}`];
    }
    return errors;
  }

  private changed(address: StoredAddress, fields: Fields): StoredAddress {
    const { tags, custom_fields: custom, dns_name: name, ...rest } = fields;
    return {
      ...address,
      ...rest,
      dns_name: String(name ?? address.dns_name).toLowerCase(),
      tags:
        tags === undefined ? address.tags : (tags as { slug: string }[]).map(({ slug }) => slug),
      custom_fields: { ...address.custom_fields, ...(custom as Fields | undefined) },
    };
  }

  private noCustomFields(): Record<string, unknown> {
    const own = this.customFields.filter(({ object_types: types }) =>
      types.includes('ipam.ipaddress'),
    );
    return Object.fromEntries(own.map(({ name }) => [name, null]));
  }

  private shown({ vrf, status, tags, custom_fields: custom, ...rest }: StoredAddress): Fields {
    const name = this.vrfs.find(({ id }) => id === vrf)?.name;
    return {
      ...rest,
      vrf: vrf === null ? null : { id: vrf, url: '', display: name, name, rd: null },
      status: { value: status, label: status[0]!.toUpperCase() + status.slice(1) },
      tags: tags.map((slug, id) => ({ id, url: '', display: slug, name: slug, slug, color: '' })),
      custom_fields: { ...this.noCustomFields(), ...custom },
    };
  }

  private page(
    all: readonly { readonly id?: unknown }[],
    searchParams: URLSearchParams,
  ): { status: number; data: unknown } {
    const after = Number(searchParams.get('id__gt') ?? 0);
    const rest = all.filter(({ id }) => Number(id) > after);
    rest.sort((a, b) => Number(a.id) - Number(b.id));
    const limit = Math.min(Number(searchParams.get('limit') ?? 50), this.maxPageSize);
    const results = rest.slice(0, limit);
    // A NetBox behind a proxy may know itself by another name, to which the token must not go.
    const next = results.length < rest.length ? 'http://netbox.invalid/api/?offset=1' : null;
    return { status: 200, data: { count: rest.length, next, previous: null, results } };
  }
}

const FORBIDDEN = {
  status: 403,
  data: { detail: 'You do not have permission to perform this action.' },
};

function hostOf(address: string): string {
  return address.split('/')[0]!;
}

function blockOf(parent: string): BlockList {
  const [first, prefix] = parent.split('/') as [string, string];
  const block = new BlockList();
  block.addSubnet(first, Number(prefix), isIPv4(first) ? 'ipv4' : 'ipv6');
  return block;
}

function isInside(address: string, block: BlockList): boolean {
  const host = hostOf(address);
  return block.check(host, isIPv4(host) ? 'ipv4' : 'ipv6');
}
